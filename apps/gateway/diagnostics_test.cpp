// Diagnostic jobs in the vehicle: signed orders against a real ECU, and everything that is not obeyed.
#include "apps/gateway/diagnostics.h"

#include "apps/gateway/test_site.h"
#include "core/diagnosis/faults.h"
#include "core/uptane/faults.h"
#include "core/uptane/repository_on_the_desk.h"
#include "core/wire/envelope.h"

namespace pitstop::gateway {
namespace {

using namespace test;
using diagnosis::Job;
using diagnosis::Report;
using uptane::Role;

constexpr std::chrono::seconds patience{20};

const EcuId window = *EcuId::parse("ECU_021"), door = *EcuId::parse("ECU_022"), zone_gateway = *EcuId::parse("ECU_092");

// A zone with two ECUs that answer at once, or are busy as while their zone programs them.
class TwoEcus final : public io::ethernet::DiagnosticTarget {
public:
    explicit TwoEcus(io::Loop& loop)
        : server_(*io::ethernet::DoipServer::listen(
              loop,
              {.port = 0,
               .identity = doip::Identity::of("WPTSTP00000000001", zone_gateway.address()),
               .discovery = io::ethernet::Discovery::off},
              *this)) {}
    void join(vehicle::Description& car) const {
        car.zones.push_back({"body", zone_gateway, "127.0.0.1", server_->port()});
        car.buses.push_back({"can1", "body"});
        for (const EcuId ecu : {window, door})
            car.ecus.push_back({ecu, hardware, vehicle::Link::can_fd, "", 0, "can1"});
    }
    doip::Delivery look_up(std::uint16_t target, std::size_t) override {
        return target == everybody && !routes_groups ? doip::Delivery::unknown_target : doip::Delivery::accepted;
    }
    void on_request(const doip::Diagnostic& request, const std::shared_ptr<io::ethernet::ReplySink>& sink) override {
        asked.push_back(request.target);
        for (const EcuId ecu : {window, door}) {
            if (request.target != ecu.address() && request.target != everybody) continue;
            if (busy.contains(ecu))
                sink->reply(ecu.address(), Bytes{0x7F, request.uds[0], 0x21});
            else
                sink->reply(ecu.address(), Bytes{0x62, 0xF1, 0x89, '1'});
        }
    }

    static constexpr std::uint16_t everybody = 0xE400;
    bool routes_groups = true;
    std::set<EcuId> busy;
    std::vector<std::uint16_t> asked;

private:
    std::unique_ptr<io::ethernet::DoipServer> server_;
};

vehicle::Description described(const EcuOnEthernet& ecu, const TwoEcus& zone) {
    vehicle::Description car = ecu.vehicle();
    zone.join(car);
    return car;
}

struct DiagnosticsTest : testing::Test {
    Site site;
    Folder folder;
    io::Loop loop;
    io::http::Client client{loop, site.client()};
    const UtcTime now = loop.utc_now();
    EcuOnEthernet ecu{loop};
    TwoEcus zone{loop};
    Car car{loop, described(ecu, zone), 0x0E80};
    Trust trust{client, {folder / "root.json", folder / "root.json", folder.path()}, ecu.vehicle().vin};
    const Conditions conditions{{folder / "conditions.yaml", {}, folder.path()}};
    std::vector<Report> told;
    std::vector<update::Outgoing> sent;
    std::optional<Diagnostics> diagnostics;

    DiagnosticsTest() {
        uptane::RolePublicKeys keys = uptane::desk::public_keys();
        keys.time = uptane::desk::time_keys().public_keys();
        const auto root = *uptane::make_root(keys, {1, now + std::chrono::hours(1)});
        folder.write("root.json", *uptane::sign_root(root, uptane::desk::signers_of(Role::root)));
        set_parked("yes");
        start();
    }
    ~DiagnosticsTest() override {
        loop.stop();
        loop.run();
    }
    void set_parked(std::string_view parked) const {
        folder.write("conditions.yaml", view_of(std::format("parked: {}\n", parked)));
    }
    void start() {
        auto memory = DiagnosticMemory::open(folder / "diagnostics", ecu.vehicle().vin);
        ASSERT_TRUE(memory) << memory.error().str();
        const auto publish = [this](const update::Outgoing& message) {
            const auto envelope = wire::from_bytes(view_of(message.text), message.topic);
            sent.push_back(message);
            told.push_back(*diagnosis::report_from_json(std::get<wire::DiagnosticResponse>(envelope->message).content));
        };
        diagnostics.emplace(loop, Diagnostics::Parts{car, trust, conditions, publish}, *std::move(memory));
        loop.spawn("orders", diagnostics->judge_orders());
        loop.spawn("jobs", diagnostics->run_jobs());
    }

    Job job(std::uint8_t number, std::vector<diagnosis::Step> steps = {{"version", {0x22, 0xF1, 0x89}}}) const {
        return {.id = diagnosis::JobId::from_bytes({number}),
                .vin = ecu.vehicle().vin,
                .sequence = number,
                .issued = now,
                .expires = now + std::chrono::minutes(5),
                .role = diagnosis::Role::operator_,
                .requirements = {},
                .target = {radio},
                .steps = std::move(steps)};
    }
    static json::Object signed_file(const json::Object& body, Role role = Role::targets) {
        return json::parse(uptane::desk::signed_as(role, body), diagnosis::job_file_bytes_max)->as_object();
    }
    void order(const Job& wished) { diagnostics->on_order(signed_file(to_json(wished)), io::mqtt::Retain::no); }

    // Until somebody said something that this is true of.
    template <class Is>
    const Report* wait_for(Is is) {
        const auto found = [&] { return std::ranges::find_if(told, is); };
        (void)io::complete(loop, [&]() -> io::Task<void> {
            for (const Tick end = loop.now() + patience; found() == told.end() && loop.now() < end;)
                co_await io::pause(std::chrono::milliseconds(10));
            co_return Result<void>{};
        }());
        EXPECT_NE(found(), told.end()) << "nobody said it";
        return found() == told.end() ? nullptr : &*found();
    }
    template <class What>
    const What* wait_for_kind() {
        const Report* report = wait_for([](const Report& it) { return std::holds_alternative<What>(it.what); });
        return report ? &std::get<What>(report->what) : nullptr;
    }
    // What each ECU of the zone came to in a functional job of one step.
    std::map<EcuId, std::string> codes_of_zone(std::uint8_t number, Bytes request = {0x22, 0xF1, 0x89}) {
        told.clear();
        zone.asked.clear();
        Job wished = job(number, {{.name = "version", .request = std::move(request), .timeout_ms = 300}});
        wished.target = {*diagnosis::ZoneName::parse("body"), uds::Addressing::functional};
        order(wished);
        std::map<EcuId, std::string> codes;
        if (const auto* ended = wait_for_kind<diagnosis::Ended>())
            for (const auto& sum : ended->summary.ecus) codes[sum.ecu] = sum.code;
        return codes;
    }
    Car::Turn work_on(EcuId busy) {
        std::optional<Car::Turn> turn;
        (void)io::complete(loop, [&]() -> io::Task<void> {
            turn.emplace(co_await car.turn(busy));
            co_return Result<void>{};
        }());
        return *std::move(turn);
    }
    void expect_refused(const Fault& fault) {
        const auto* refused = wait_for_kind<diagnosis::Refused>();
        ASSERT_NE(refused, nullptr);
        EXPECT_EQ(refused->code, fault.code) << refused->detail;
        told.clear();
    }
};

TEST_F(DiagnosticsTest, AsksTheEcuAndTellsStepByStepAndInSum) {
    order(job(1, {{"version", {0x22, 0xF1, 0x89}, {diagnosis::Expected::prefix, {0x62, 0xF1, 0x89, '1'}}},
                  {"nothing", {0x22, 0x01, 0x00}}}));
    const auto* ended = wait_for_kind<diagnosis::Ended>();
    ASSERT_NE(ended, nullptr);
    ASSERT_EQ(ended->summary.ecus.size(), 1u);
    EXPECT_EQ(ended->summary.ecus.front().steps, (diagnosis::Counts{.passed = 1, .failed = 1}));
    EXPECT_TRUE(std::holds_alternative<diagnosis::Accepted>(told.front().what));
    std::vector<diagnosis::StepResult> results;
    for (const Report& report : told)
        if (const auto* some = std::get_if<diagnosis::Results>(&report.what))
            results.insert(results.end(), some->results.begin(), some->results.end());
    ASSERT_EQ(results.size(), 2u);
    EXPECT_EQ(results.at(0).answer, (Bytes{0x62, 0xF1, 0x89, '1', '.', '1', '.', '0'}));
}

TEST_F(DiagnosticsTest, TheSameJobAgainHasOneEffectAndIsNotForgottenByARestart) {
    order(job(1));
    ASSERT_NE(wait_for_kind<diagnosis::Ended>(), nullptr);
    told.clear();
    order(job(1));
    ASSERT_NE(wait_for_kind<diagnosis::Ended>(), nullptr);
    EXPECT_EQ(told.size(), 1u) << "the outcome again, and no step";
    const auto memory = DiagnosticMemory::open(folder / "diagnostics", ecu.vehicle().vin);
    ASSERT_TRUE(memory) << memory.error().str();
    EXPECT_EQ(diagnosis::answer_to_repetition(*memory->ledger().find(job(1).id)), told.front());
}

TEST_F(DiagnosticsTest, RefusesWhatIsNotTheDirectorsOrNotForThisCar) {
    diagnostics->on_order(signed_file(to_json(job(1)), Role::snapshot), io::mqtt::Retain::no);
    expect_refused(uptane::faults::classical_missing);
    diagnostics->on_order(signed_file(to_json(job(1))), io::mqtt::Retain::yes);
    expect_refused(diagnosis::faults::retained);
    Job foreign = job(1);
    foreign.vin = *Vin::parse("WPTSTP00000000002");
    order(foreign);
    expect_refused(diagnosis::faults::foreign);
    EXPECT_EQ(told.size(), 0u);
}

TEST_F(DiagnosticsTest, RefusesWhatIsLateOldOrForbidden) {
    Job late = job(1);
    late.issued = now + -std::chrono::hours(2);
    late.expires = now + -std::chrono::seconds(1);
    order(late);
    expect_refused(diagnosis::faults::expired);
    order(job(1, {{"erase", {0x31, 0x01, 0xFF, 0x00}}}));
    wait_for_kind<diagnosis::Refused>();
    told.clear();
    order(job(2, {{"erase", {0x31, 0x01, 0xFF, 0x00}}}));
    expect_refused(diagnosis::faults::not_allowed);
    Job replayed = job(9);
    replayed.sequence = 2;
    order(replayed);
    expect_refused(diagnosis::faults::replayed);
}

TEST_F(DiagnosticsTest, ANumberFromTheFutureLocksNobodyOut) {
    Job ahead = job(1);
    ahead.sequence = diagnosis::sequence_max;
    order(ahead);
    expect_refused(diagnosis::faults::bad_job);
    order(job(2));
    EXPECT_NE(wait_for_kind<diagnosis::Ended>(), nullptr);
}

TEST_F(DiagnosticsTest, AsksNothingOfACarThatIsDriven) {
    set_parked("no");
    Job parked = job(3);
    parked.requirements.motion = vehicle::Motion::parked;
    order(parked);
    expect_refused(diagnosis::faults::not_ready);
    set_parked("yes");
    order(parked);
    expect_refused(diagnosis::faults::not_ready);
}

TEST_F(DiagnosticsTest, WaitsForAnEcuUnderOtherWorkAndThenCallsItBusy) {
    std::optional<Car::Turn> flashing(work_on(radio));
    std::vector<diagnosis::Step> steps{{"version", {0x22, 0xF1, 0x89}}};
    steps.front().timeout_ms = 100;
    order(job(1, steps));
    const auto* ended = wait_for_kind<diagnosis::Ended>();
    ASSERT_NE(ended, nullptr);
    EXPECT_EQ(ended->summary.code, diagnosis::faults::ecu_busy.code);
    told.clear();
    flashing.reset();
    order(job(2, steps));
    ended = wait_for_kind<diagnosis::Ended>();
    ASSERT_NE(ended, nullptr);
    EXPECT_EQ(ended->summary.code, "");
}

TEST_F(DiagnosticsTest, AnEcuThatItsZoneProgramsIsBusyAndNotSilent) {
    zone.busy = {window};
    Job wished = job(1, {{.name = "reset", .request = {0x10, 0x03}, .timeout_ms = 500}});
    wished.target = {window};
    order(wished);
    const auto* ended = wait_for_kind<diagnosis::Ended>();
    ASSERT_NE(ended, nullptr);
    EXPECT_EQ(ended->summary.code, diagnosis::faults::ecu_busy.code);
    EXPECT_EQ(ended->summary.ecus.at(0).steps, (diagnosis::Counts{.silent = 1}));
    EXPECT_GT(zone.asked.size(), 1u) << "it was asked again for as long as the step allows";
}

TEST_F(DiagnosticsTest, AZoneIsAskedOnceAndTellsWhichOfItsEcusAreBusy) {
    zone.busy = {door};
    EXPECT_EQ(codes_of_zone(1), (std::map<EcuId, std::string>{{window, ""}, {door, "diagnosis.ecu-busy"}}));
    EXPECT_EQ(zone.asked, std::vector{TwoEcus::everybody});
}

TEST_F(DiagnosticsTest, AFunctionalRequestNeverReachesAnEcuUnderAnUpdate) {
    const Car::Turn flashing = work_on(door);
    EXPECT_EQ(codes_of_zone(1), (std::map<EcuId, std::string>{{window, ""}, {door, "diagnosis.ecu-busy"}}));
    EXPECT_EQ(zone.asked, std::vector{window.address()}) << "the free one is asked alone";
}

TEST_F(DiagnosticsTest, AsksOneByOneWhereNoFunctionalRequestGetsThrough) {
    const std::map<EcuId, std::string> all_well{{window, ""}, {door, ""}};
    const std::vector one_by_one{window.address(), door.address()};
    EXPECT_EQ(codes_of_zone(1, {0x22, 0xF1, 0x89, 0xF1, 0x8C, 0xF1, 0x87, 0xF1, 0x90}), all_well);
    EXPECT_EQ(zone.asked, one_by_one) << "more than a single frame";
    zone.routes_groups = false;
    EXPECT_EQ(codes_of_zone(2), all_well);
    EXPECT_EQ(zone.asked, one_by_one);
}

TEST_F(DiagnosticsTest, ACancellationThatComesFirstRefusesItsJob) {
    const diagnosis::Cancel cancel{job(4).id, ecu.vehicle().vin};
    diagnostics->on_order(signed_file(to_json(cancel)), io::mqtt::Retain::no);
    expect_refused(diagnosis::faults::cancelled);
    order(job(4));
    expect_refused(diagnosis::faults::cancelled);
}

TEST(DiagnosticMemory, KeepsReportsUntilTheyAreAcknowledgedAlsoThroughAPowerCut) {
    const Folder folder;
    const Vin vin = *Vin::parse("VIN00001");
    auto memory = DiagnosticMemory::open(folder / "diagnostics", vin);
    ASSERT_TRUE(memory) << memory.error().str();
    const auto id = diagnosis::JobId::from_bytes({7});
    const auto first = memory->put({id, diagnosis::Accepted{}}, {100});
    const auto second = memory->put({std::nullopt, diagnosis::Refused{"diagnosis.retained", ""}}, {100});
    ASSERT_TRUE(first && second);
    memory->acknowledge(first->id);
    auto again = DiagnosticMemory::open(folder / "diagnostics", vin);
    ASSERT_TRUE(again) << again.error().str();
    const auto left = again->take_unsent_since({1000}, {1000});
    ASSERT_EQ(left.size(), 1u);
    EXPECT_EQ(left.front().id, second->id);
    EXPECT_EQ(left.front().text, second->text);
    EXPECT_TRUE(again->take_unsent_since({999}, {1001}).empty()) << "it was sent just now";
    for (std::size_t i = 0; i < DiagnosticMemory::reports_max + 5; ++i)
        ASSERT_TRUE(again->put({id, diagnosis::Accepted{}}, {2000}));
    EXPECT_EQ(again->take_unsent_since({3000}, {3000}).size(), DiagnosticMemory::reports_max);
}

}  // namespace
}  // namespace pitstop::gateway
