// Diagnostic jobs at the server: what is signed and said, and what a vehicle's reports make of it.
#include "apps/server/diagnostics.h"

#include "apps/server/cloud_on_the_desk.h"
#include "apps/server/faults.h"
#include "core/diagnosis/faults.h"
#include "core/diagnosis/job_on_the_desk.h"

#include <boost/json/serialize.hpp>

namespace pitstop::server {
namespace {

using diagnosis::Report;

constexpr std::string_view first = "0f8fad5b-d9cb-469f-a165-70867728950e";
constexpr std::string_view second = "1f8fad5b-d9cb-469f-a165-70867728950e";
const Principal viewer{server::Role::viewer, "vera", std::nullopt};
const Principal worker{server::Role::operator_, "otto", std::nullopt};

struct Diagnostics : testing::Test {
    desk::Cloud cloud{diagnosis::desk::now};
    UtcTime now = cloud.now;
    std::optional<DiagnosticDesk> desk;

    Diagnostics() {
        open();
        EXPECT_TRUE(io::store::Vehicles(*cloud.database).put({.vin = desk::car}));
        EXPECT_TRUE(io::store::Vehicles(*cloud.database).put({.vin = desk::other_car}));
    }
    void open() {
        desk.emplace(*cloud.database, *cloud.director, *cloud.audit, cloud.heard);
        EXPECT_TRUE(desk->start(now));
        cloud.engine->tell(*desk);
    }

    static std::string wish(std::string_view id = first, std::string_view request = "22f190") {
        return std::format(
            R"({{"job_id":"{}","target":{{"all":true}},"steps":[{{"name":"VIN","request":"{}"}}],"expires_in_s":60}})",
            id, request);
    }
    Result<json::Object> create(const std::string& body = wish(), const Principal& by = worker,
                                const Vin& vin = desk::car) {
        return desk->create(vin, view_of(body), by, now);
    }
    void report(const Report& said, const Vin& vin = desk::car) {
        const wire::Envelope message{wire::MessageId::derived(view_of(std::to_string(++number_))),
                                     std::nullopt,
                                     now,
                                     wire::Entity::vehicle,
                                     vin,
                                     wire::DiagnosticResponse{diagnosis::to_json(said)}};
        const auto heard = cloud.engine->hear(std::span(&message, 1), now);
        ASSERT_TRUE(heard) << heard.error().str();
    }
    static diagnosis::JobId id(std::string_view text) { return *diagnosis::JobId::parse(text); }
    std::string state(std::string_view job = first) {
        return std::string(std::string_view(desk->show(desk::car, job)->at("state").as_string()));
    }
    std::vector<diagnosis::Order> said() const {
        std::vector<diagnosis::Order> orders;
        for (const auto& message : cloud.heard.messages)
            if (const auto* request = std::get_if<wire::DiagnosticRequest>(&message.message)) {
                const auto order = diagnosis::open_order({request->content}, cloud.director->root());
                EXPECT_TRUE(order) << (order ? "" : order.error().str());
                orders.push_back(*order);
            }
        return orders;
    }
    std::string audit() const {
        std::ifstream file(cloud.folder / "audit.log");
        return std::string(std::istreambuf_iterator<char>(file), {});
    }

private:
    int number_ = 0;
};

TEST_F(Diagnostics, AWishBecomesASignedJobThatTheVehicleBelieves) {
    const auto view = create();
    ASSERT_TRUE(view) << view.error().str();
    const auto orders = said();
    ASSERT_EQ(orders.size(), 1u);
    const auto& job = std::get<diagnosis::Job>(orders.front());
    EXPECT_EQ(job.id, id(first));
    EXPECT_EQ(job.vin, desk::car);
    EXPECT_EQ(job.role, diagnosis::Role::operator_) << "of who wished it";
    EXPECT_EQ(job.expires, now + std::chrono::seconds(60));
    EXPECT_EQ(state(), "waiting");
    EXPECT_NE(audit().find("otto"), std::string::npos);
}

TEST_F(Diagnostics, TheSameWishAgainIsTheSameJobAndAnotherIsRefused) {
    ASSERT_TRUE(create());
    const auto before = said().size();
    ASSERT_TRUE(create());
    EXPECT_EQ(said().size(), before) << "it has one effect";
    EXPECT_TRUE(create(wish(first, "22f189")).error().is(faults::job_exists));
    EXPECT_TRUE(create(wish(), viewer).error().is(faults::job_exists)) << "somebody else's";
    EXPECT_TRUE(create(wish(), worker, desk::other_car).error().is(faults::job_exists));
    EXPECT_NE(audit().find(faults::job_exists.code), std::string::npos);
}

TEST_F(Diagnostics, RolesAndLimitsAreCheckedBeforeAnythingIsSigned) {
    EXPECT_TRUE(create(wish(first, "14ffffff"), viewer).error().is(diagnosis::faults::not_allowed));
    EXPECT_TRUE(create(wish(first, "3101ff00"), desk::boss).error().is(diagnosis::faults::not_allowed));
    EXPECT_TRUE(create(wish(first, "")).error().is(diagnosis::faults::bad_job));
    EXPECT_TRUE(create(R"({"job_id":"1","target":{},"steps":[]})").error().code().starts_with("wire."));
    EXPECT_TRUE(create(wish(), worker, *Vin::parse("VIN00009")).error().is(faults::unknown_vehicle));
    EXPECT_TRUE(said().empty());
    EXPECT_NE(audit().find(diagnosis::faults::not_allowed.code), std::string::npos);
}

TEST_F(Diagnostics, OneUnansweredJobIsSaidAtATimeInTheOrderOfTheirNumbers) {
    ASSERT_TRUE(create());
    ASSERT_TRUE(create(wish(second)));
    for (const auto& order : said()) EXPECT_EQ(std::get<diagnosis::Job>(order).id, id(first));
    const auto number_of_first = std::get<diagnosis::Job>(said().front()).sequence;
    report({id(first), diagnosis::Accepted{}});
    const auto last = std::get<diagnosis::Job>(said().back());
    EXPECT_EQ(last.id, id(second));
    EXPECT_GT(last.sequence, number_of_first);
}

TEST_F(Diagnostics, IsSaidAgainUntilItIsAnsweredAlsoAfterARestart) {
    ASSERT_TRUE(create());
    ASSERT_TRUE(desk->pass_time(now + std::chrono::seconds(5)));
    EXPECT_EQ(said().size(), 1u);
    ASSERT_TRUE(desk->pass_time(now + std::chrono::seconds(20)));
    EXPECT_EQ(said().size(), 2u);
    cloud.open();
    open();
    ASSERT_TRUE(desk->pass_time(now + std::chrono::seconds(21)));
    EXPECT_EQ(said().size(), 1u);
    now = now + std::chrono::seconds(61);
    ASSERT_TRUE(desk->pass_time(now));
    EXPECT_EQ(state(), "expired");
    EXPECT_NE(audit().find(diagnosis::faults::expired.code), std::string::npos);
}

TEST_F(Diagnostics, ResultsStreamInAndTheEndIsSummedUpWithClearText) {
    ASSERT_TRUE(create());
    report({id(first), diagnosis::Accepted{}});
    EXPECT_EQ(state(), "running");
    diagnosis::StepResult refused{.ecu = diagnosis::desk::brake, .outcome = diagnosis::Outcome::failed};
    refused.nrc = uds::Nrc::security_access_denied;
    refused.code = "uds.refused";
    const Report results{id(first), diagnosis::Results{{refused, {.ecu = diagnosis::desk::radio}}}};
    report(results);
    report(results);
    const auto view = desk->show(desk::car, first);
    const auto& shown = view->at("steps").at(0).at("results").as_array();
    ASSERT_EQ(shown.size(), 2u) << "each once";
    EXPECT_EQ(shown.at(0).at("nrc_name").as_string(), "securityAccessDenied");
    EXPECT_FALSE(shown.at(0).at("nrc_text").as_string().empty());
    report({id(first), diagnosis::Ended{{"uds.refused", {}, {}}}});
    EXPECT_EQ(state(), "failed");
    EXPECT_EQ(desk->show(desk::car, first)->at("summary").at("code").as_string(), "uds.refused");
    report({id(first), diagnosis::Accepted{}});
    EXPECT_EQ(state(), "failed") << "what has ended stays so";
    EXPECT_NE(audit().find("diagnostic job ended"), std::string::npos);
}

TEST_F(Diagnostics, AVehicleSpeaksOnlyOfItsOwnJobs) {
    ASSERT_TRUE(create());
    report({id(first), diagnosis::Ended{{"", {}, {}}}}, desk::other_car);
    EXPECT_EQ(state(), "waiting");
    EXPECT_TRUE(desk->show(desk::other_car, first).error().is(faults::unknown_job));
    EXPECT_TRUE(desk->cancel(desk::other_car, first, desk::boss, now).error().is(faults::unknown_job));
}

TEST_F(Diagnostics, ARefusalOfTheVehicleIsAuditedAndAnUnprovenOneEndsNothing) {
    ASSERT_TRUE(create());
    report({std::nullopt, diagnosis::Refused{"diagnosis.retained", "an order that says it is …"}});
    EXPECT_EQ(state(), "waiting");
    EXPECT_NE(audit().find("diagnosis.retained"), std::string::npos);
    report({id(first), diagnosis::Refused{"diagnosis.not-ready", "the vehicle is not parked"}});
    EXPECT_EQ(state(), "refused");
    for (int i = 0; i < 200; ++i) report({std::nullopt, diagnosis::Refused{"diagnosis.replayed", ""}});
    const std::string log = audit();
    std::size_t lines = 0;
    for (std::size_t at = 0; (at = log.find("diagnosis.replayed", at)) != std::string::npos; ++at) ++lines;
    EXPECT_LT(lines, 100u) << "a hostile vehicle does not fill the disk";
}

TEST_F(Diagnostics, IsCancelledByItsAuthorOrWhoMayCancelAll) {
    ASSERT_TRUE(create());
    EXPECT_TRUE(desk->cancel(desk::car, first, viewer, now).error().is(faults::not_allowed));
    const auto view = desk->cancel(desk::car, first, worker, now);
    ASSERT_TRUE(view) << view.error().str();
    EXPECT_TRUE(view->at("cancelling").as_bool());
    EXPECT_EQ(said().back(), diagnosis::Order(diagnosis::Cancel{id(first), desk::car}));
    report({id(first), diagnosis::Refused{"diagnosis.cancelled", "before it began"}});
    EXPECT_EQ(state(), "cancelled");
    EXPECT_TRUE(desk->cancel(desk::car, first, desk::boss, now).error().is(faults::job_ended));
    ASSERT_TRUE(create(wish(second)));
    EXPECT_TRUE(desk->cancel(desk::car, second, desk::boss, now));
}

TEST_F(Diagnostics, AreListedTheNewestFirstPageByPage) {
    ASSERT_TRUE(create());
    ASSERT_TRUE(create(wish(second)));
    const auto page = desk->list(desk::car, "", 1);
    EXPECT_EQ(page->at("jobs").at(0).at("job_id").as_string(), second);
    const auto next = desk->list(desk::car, page->at("next_cursor").as_string(), 1);
    EXPECT_EQ(next->at("jobs").at(0).at("job_id").as_string(), first);
    EXPECT_TRUE(next->at("next_cursor").is_null());
    EXPECT_TRUE(desk->list(*Vin::parse("VIN00009"), "", 1).error().is(faults::unknown_vehicle));
}

TEST_F(Diagnostics, WaitInBoundedNumber) {
    for (int i = 0; i < static_cast<int>(diagnosis::jobs_waiting_max); ++i)
        ASSERT_TRUE(create(wish(std::format("0f8fad5b-d9cb-469f-a165-7086772895{:02x}", i))));
    EXPECT_TRUE(create().error().is(diagnosis::faults::queue_full));
}

}  // namespace
}  // namespace pitstop::server
