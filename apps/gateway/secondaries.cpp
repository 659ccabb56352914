#include "apps/gateway/secondaries.h"

#include "apps/gateway/flasher.h"
#include "core/flash/faults.h"
#include "core/flash/routine_status.h"
#include "core/uds/exchange.h"
#include "io/runtime/all.h"

#include <array>

namespace pitstop::gateway {
namespace {

constexpr auto extended_session = uds::request_for(uds::Session::extended);
constexpr auto default_session = uds::request_for(uds::Session::default_);
constexpr std::array<std::uint8_t, 4> begin_trust_cycle{static_cast<std::uint8_t>(uds::Service::routine_control),
                                                        uds::start_routine, uds::rid::begin_trust_cycle >> 8,
                                                        uds::rid::begin_trust_cycle & 0xFF};
constexpr std::size_t status_at = 4;

// A zone keeps an ECU for the tester before us for six seconds, which may be ourselves before a restart.
constexpr int busy_attempts_max = 20;
constexpr std::chrono::milliseconds busy_pause{500};
constexpr uds::TesterTimings quick{.total = std::chrono::seconds(5)};  // neither request takes an ECU long

// Those who begin in the same moment come together: as long as there are newcomers, but not for ever. With a shorter
// while each comes alone, and the zone judges its bundle as often as it has ECUs.
constexpr std::chrono::milliseconds gathering{100};
constexpr int gatherings_max = 10;

// Plan::trust brings metadata and looks at no image.
const flash::ImageRecord no_image{};

}  // namespace

io::Task<uds::Answer> Secondaries::ask_when_free(Car::Way way, View request) {
    for (int attempt = 1;; ++attempt) {
        CO_TRY(uds::Answer answer, co_await way.link.ask(way.target_address, request, quick));
        if (answer.refusal != uds::Nrc::busy_repeat_request || attempt == busy_attempts_max) co_return answer;
        co_await io::pause(busy_pause);
    }
}

io::Task<std::optional<flash::TrustStanding>> Secondaries::begin_cycle(EcuId ecu) {
    CO_TRY(const Car::Way way, car_.way_to(ecu));
    const Car::Turn held = co_await car_.turn(ecu);
    CO_TRY(const uds::Answer entered, co_await ask_when_free(way, extended_session));
    if (entered.refused()) co_return fail(uds::to_error(extended_session[0], entered.refusal));
    CO_TRY(const uds::Answer answer, co_await ask_when_free(way, begin_trust_cycle));
    // The nonce outlives the session, which would keep the zone's own tester waiting as long as it is ours.
    CO_ENSURE(co_await ask_when_free(way, default_session));
    if (answer.refusal == uds::Nrc::request_out_of_range) co_return std::nullopt;
    if (answer.refused()) co_return fail(uds::to_error(begin_trust_cycle[0], answer.refusal));
    if (answer.positive.size() <= status_at) co_return fail(flash::faults::strange_answer, "begin trust cycle");
    const std::uint8_t status = answer.positive[status_at];
    if (status != flash::routine_succeeded) co_return fail(flash::fault_of_status(status), "begin trust cycle");
    CO_TRY(const flash::TrustStanding standing,
           flash::parse_trust_standing(View(answer.positive).subspan(status_at + 1)));
    co_return standing;
}

io::Task<void> Secondaries::convince(EcuId ecu, Bytes bundle) {
    io::flashing::Order order{.plan = flash::Plan::trust, .ecu = ecu, .image = no_image};
    order.metadata = std::move(bundle);
    co_return co_await carry_out(loop_, car_, std::move(order));
}

io::Task<Bytes> Secondaries::prepare(EcuId ecu) {
    CO_TRY(auto zone, car_.zone_before(ecu));
    if (car_.vehicle().zone_of(ecu) != nullptr) zone = ecu;
    const auto wish = std::make_shared<Wish>(Wish{ecu});
    if (!zone) {
        CO_ENSURE(co_await serve({}, {wish}));
    } else {
        Zone& with = zones_[*zone];
        with.wishes.push_back(wish);
        while (!wish->bundles && with.served) co_await freed_.wait();
        if (!wish->bundles) {
            struct Serving {
                Serving(Zone& of, io::Signal& ended) : zone(of), freed(ended) { zone.served = true; }
                ~Serving() {
                    zone.served = false;
                    freed.notify();
                }
                Zone& zone;
                io::Signal& freed;
            };
            const Serving serving(with, freed_);
            std::size_t gathered = 0;
            for (int times = 0; times < gatherings_max && with.wishes.size() > gathered; ++times) {
                gathered = with.wishes.size();
                co_await io::pause(gathering);
            }
            CO_ENSURE(co_await serve(*zone, std::exchange(with.wishes, {})));
        }
    }
    if (!*wish->bundles) co_return fail(wish->bundles->error());
    std::vector<Bytes> bundles = **std::move(wish->bundles);
    if (bundles.empty()) co_return Bytes{};
    for (std::size_t i = 0; i + 1 < bundles.size(); ++i) CO_ENSURE(co_await convince(ecu, std::move(bundles[i])));
    co_return std::move(bundles.back());
}

// What fails for all is told to each.
io::Task<void> Secondaries::serve(std::optional<EcuId> zone, Wishes wishes) {
    const Result<void> served = co_await serve_all(zone, wishes);
    for (const auto& wish : wishes)
        if (!wish->bundles) wish->bundles = served ? Result<std::vector<Bytes>>{} : fail(served.error());
    co_return Result<void>{};
}

io::Task<void> Secondaries::begin_cycle_of(std::shared_ptr<Wish> wish) {
    auto standing = co_await begin_cycle(wish->ecu);
    if (standing)
        wish->standing = *std::move(standing);
    else
        wish->bundles = fail(standing.error());  // it alone has to come again
    co_return Result<void>{};
}

io::Task<void> Secondaries::serve_all(std::optional<EcuId> zone, const Wishes& wishes) {
    std::optional<flash::TrustStanding> of_zone;
    if (zone) {
        CO_TRY(of_zone, co_await begin_cycle(*zone));
    }
    std::vector<io::Task<void>> cycles;
    for (const auto& wish : wishes)
        if (wish->ecu != zone) cycles.push_back(begin_cycle_of(wish));
    co_await io::all(std::move(cycles));
    std::vector<uptane::Nonce> nonces;
    if (of_zone) nonces.push_back(of_zone->nonce);
    for (const auto& wish : wishes)
        if (wish->standing) nonces.push_back(wish->standing->nonce);
    if (nonces.empty()) co_return Result<void>{};
    CO_TRY(const Bytes time, co_await trust_.ask_time(std::move(nonces)));
    if (of_zone) {
        CO_TRY(auto bundles, co_await trust_.bundles_for(*of_zone, time));
        for (Bytes& bundle : bundles) CO_ENSURE(co_await convince(*zone, std::move(bundle)));
    }
    for (const auto& wish : wishes)
        if (wish->standing) wish->bundles = co_await trust_.bundles_for(*wish->standing, time);
    co_return Result<void>{};
}

}  // namespace pitstop::gateway
