// The gateway's side of zone work against a small zone: a store without a disk, and work that ends when the test says
// so. The real zone stands in apps/zone, and both meet in tests/journey/zone_flash_test.py.
#include "apps/gateway/zone_client.h"

#include "apps/gateway/faults.h"
#include "apps/gateway/test_site.h"
#include "core/flash/faults.h"

namespace pitstop::gateway {
namespace {

using namespace test;
using namespace std::chrono_literals;
using flash::WorkState;

class SmallZone final : public io::ethernet::DiagnosticTarget {
public:
    explicit SmallZone(io::Loop& loop) {
        server_ = *io::ethernet::DoipServer::listen(loop,
                                                    {.port = 0,
                                                     .identity = doip::Identity::of("WPTSTP00000000001", 0x0091),
                                                     .discovery = io::ethernet::Discovery::off},
                                                    *this);
    }
    [[nodiscard]] std::uint16_t port() const { return server_->port(); }

    doip::Delivery look_up(std::uint16_t, std::size_t) override { return doip::Delivery::accepted; }
    void on_request(const doip::Diagnostic& request, const std::shared_ptr<io::ethernet::ReplySink>& sink) override {
        Bytes room(100'000);
        uds::Reply reply(room);
        const uds::Nrc nrc = answer(request.uds, reply);
        if (nrc == uds::Nrc::positive_response) return sink->reply(0x0091, reply.written());
        sink->reply(0x0091, Bytes{0x7F, request.uds[0], static_cast<std::uint8_t>(nrc)});
    }

    bool routes_only = false;
    Bytes stored;
    std::size_t size_bytes = 0;
    bool damages = false;
    std::vector<flash::WorkReport> rows;
    int orders = 0, polls = 0, entrances = 0;
    bool is_open = false;  // a session in which it takes orders

private:
    uds::Nrc answer(View request, uds::Reply& out) {
        out.put_u8(static_cast<std::uint8_t>(request[0] + 0x40));
        switch (request[0]) {
            case 0x10:
                ++entrances;
                is_open = true;
                out.put_u8(request[1]);
                break;
            case 0x34: out.put(Bytes{0x40, 0, 0, 1, 2}); break;
            case 0x36:
                out.put_u8(request[1]);
                stored.insert(stored.end(), request.begin() + 2, request.end());
                break;
            case 0x37: return damages ? uds::Nrc::conditions_not_correct : uds::Nrc::positive_response;
            default: return routine(request, out);
        }
        return uds::Nrc::positive_response;
    }
    uds::Nrc routine(View request, uds::Reply& out) {
        out.put(request.subspan(1, 3));
        if (routes_only) return uds::Nrc::request_out_of_range;
        const auto rid = load_be<std::uint16_t>(&request[2]);
        if (!is_open && rid != uds::rid::zone_work_status) return uds::Nrc::request_out_of_range;
        switch (rid) {
            case uds::rid::offer_to_zone:
                size_bytes = flash::parse_offer(request.subspan(4))->size_bytes;
                flash::put_offered(out, {1, static_cast<std::uint32_t>(stored.size())});
                break;
            case uds::rid::start_zone_work: {
                ++orders;
                const flash::ZoneOrder order = *flash::parse_order(request.subspan(4));
                rows = {{order.ecu, order.plan, order.id(), WorkState::running, 10, "erase", {}}};
                flash::put_done(out);
                break;
            }
            case uds::rid::stop_zone_work:
                rows.clear();
                flash::put_done(out);
                break;
            default: ++polls; flash::put_report(out, rows);
        }
        return uds::Nrc::positive_response;
    }

    std::unique_ptr<io::ethernet::DoipServer> server_;
};

struct ZoneClientTest : testing::Test {
    const EcuId brakes = *EcuId::parse("ECU_011"), zone_id = *EcuId::parse("ECU_091");
    io::Loop loop;
    SmallZone zone{loop};
    Car car{loop,
            {*Vin::parse("WPTSTP00000000001"),
             {{"front", zone_id, "127.0.0.1", zone.port()}},
             {{"can0", "front"}},
             {{brakes, hardware, vehicle::Link::can_fd, "", 0, "can0"}}},
            0x0E80};
    ZoneClient client{loop, car, zone_id};
    const Bytes image = flash::test::image_of(2000, 2);
    const flash::StoredBytes payload{crypto::sha256(image), 2000};
    const flash::ZoneOrder order{flash::Plan::stage, brakes, flash::test::record_of(image, 2), {}, payload, {}};

    Cargo cargo() {
        return {payload, [this](std::uint32_t offset, Room into) -> Result<void> {
                    std::ranges::copy(View(image).subspan(offset, into.size()), into.begin());
                    return {};
                }};
    }
    Result<void> bring(std::optional<flash::ZoneOrder> then = {}, std::function<bool()> given_up = {}) {
        return io::complete(loop, client.bring({cargo()}, then, std::move(given_up)));
    }
    io::Task<void> watch(std::function<bool()> given_up = {}) {
        return client.watch(order.id(), brakes, {std::move(given_up), [](std::uint8_t) {}});
    }
    void after(std::chrono::milliseconds time, std::function<void()> what) {
        loop.spawn("later", [](std::chrono::milliseconds wait, std::function<void()> then) -> io::Task<void> {
            co_await io::pause(wait);
            then();
            co_return Result<void>{};
        }(time, std::move(what)));
    }
};

TEST_F(ZoneClientTest, AsksOnceWhetherAZoneFlashes) {
    EXPECT_EQ(io::complete(loop, client.ability()), ZoneClient::Ability::flashes);
    EXPECT_EQ(io::complete(loop, client.ability()), ZoneClient::Ability::flashes);
    EXPECT_EQ(zone.polls, 1);
    zone.routes_only = true;
    ZoneClient other(loop, car, zone_id);
    EXPECT_EQ(io::complete(loop, other.ability()), ZoneClient::Ability::routes_only);
}

TEST_F(ZoneClientTest, BringsWhatTheZoneDoesNotHave) {
    zone.stored = Bytes(image.begin(), image.begin() + 700);
    ASSERT_TRUE(bring());
    EXPECT_EQ(zone.stored, image);
    ASSERT_TRUE(bring()) << "nothing is left to be sent";
    EXPECT_EQ(zone.stored, image);
    zone.stored.clear();
    EXPECT_TRUE(bring({}, [] { return true; }).error().is(faults::work_stopped));
    zone.damages = true;
    EXPECT_TRUE(bring().error().is(faults::not_taken));
}

TEST_F(ZoneClientTest, EntersOnceForManyOrdersAndAgainAfterItsSession) {
    ASSERT_TRUE(bring(order));
    ASSERT_TRUE(bring(order));
    EXPECT_EQ(zone.entrances, 1);
    zone.is_open = false;
    ASSERT_TRUE(bring(order));
    EXPECT_EQ(zone.entrances, 2);
    zone.is_open = false;
    ASSERT_TRUE(io::complete(loop, client.stop(brakes)));
    EXPECT_EQ(zone.entrances, 3);
    EXPECT_EQ(zone.orders, 3);
}

TEST_F(ZoneClientTest, WatchesUntilTheEndAndTellsTheZonesFaultUnchanged) {
    ASSERT_TRUE(bring(order));
    after(700ms, [this] { zone.rows[0].state = WorkState::done; });
    EXPECT_TRUE(io::complete(loop, watch()));
    EXPECT_TRUE(*io::complete(loop, client.knows(order.id(), brakes)));

    ASSERT_TRUE(bring(order));
    zone.rows[0].state = WorkState::failed;
    zone.rows[0].trouble = flash::Trouble::of(Error(flash::faults::device_failed, "sector 3"));
    const Result<void> failed = io::complete(loop, watch());
    ASSERT_FALSE(failed);
    EXPECT_TRUE(failed.error().is(flash::faults::device_failed));
    EXPECT_EQ(failed.error().detail(), "sector 3");
    EXPECT_EQ(failed.error().remedy(), flash::faults::device_failed.remedy);
    EXPECT_FALSE(*io::complete(loop, client.knows(order.id(), brakes))) << "it is ordered again";
}

TEST_F(ZoneClientTest, NoticesThatTheZoneForgotAndThatTheUpdateWasGivenUp) {
    ASSERT_TRUE(bring(order));
    zone.rows.clear();
    EXPECT_TRUE(io::complete(loop, watch()).error().is(faults::zone_forgot));
    ASSERT_TRUE(bring(order));
    EXPECT_TRUE(io::complete(loop, watch([] { return true; })).error().is(faults::work_stopped));
    EXPECT_TRUE(zone.rows.empty()) << "the zone was told to stop";
}

TEST_F(ZoneClientTest, ManyWhoWatchShareTheirQuestions) {
    ASSERT_TRUE(bring(order));
    int ended = 0;
    for (int i = 0; i < 30; ++i)
        loop.spawn("watch", [](ZoneClientTest& test, int& count) -> io::Task<void> {
            const Result<void> outcome = co_await test.watch();
            count += outcome ? 1 : 0;
            co_return Result<void>{};
        }(*this, ended));
    after(1200ms, [this] { zone.rows[0].state = WorkState::done; });
    while (ended < 30) loop.context().run_one();
    EXPECT_LT(zone.polls, 15) << "each by itself would have asked six times";
}

}  // namespace
}  // namespace pitstop::gateway
