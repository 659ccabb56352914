#include "core/diagnosis/ledger.h"

#include "core/diagnosis/faults.h"
#include "core/diagnosis/job_on_the_desk.h"

#include <gtest/gtest.h>

namespace pitstop::diagnosis {
namespace {

Job numbered(std::uint8_t number) {
    Job job = desk::job();
    job.id = JobId::from_bytes({number});
    job.sequence = number;
    return job;
}

Ledger reopened(const Ledger& ledger) {
    const auto read = ledger_from_json(to_json(ledger));
    EXPECT_TRUE(read) << (read ? "" : read.error().str());
    EXPECT_EQ(*read, ledger);
    return *read;
}

TEST(Ledger, FollowsAJobFromItsTakingToItsEndAlsoThroughAPowerCut) {
    Ledger ledger;
    const Job job = numbered(7);
    ledger.take(job);
    ledger = reopened(ledger);
    EXPECT_EQ(ledger.next_waiting(), job);
    EXPECT_EQ(answer_to_repetition(*ledger.find(job.id)), (Report{job.id, Accepted{}}));
    ledger.begin(job.id);
    ledger = reopened(ledger);
    EXPECT_EQ(ledger.next_waiting(), std::nullopt) << "what has begun is never begun again";
    EXPECT_EQ(ledger.running(), std::vector{job});
    const Report outcome{job.id, Ended{{"uds.no-answer", {}, {}}}};
    ledger.end(job.id, outcome);
    ledger = reopened(ledger);
    EXPECT_TRUE(ledger.running().empty());
    EXPECT_EQ(answer_to_repetition(*ledger.find(job.id)), outcome);
    EXPECT_EQ(ledger.last_sequence, 7u);
}

TEST(Ledger, UsesUpTheNumberOfARefusedJob) {
    Ledger ledger;
    ledger.refuse(numbered(9), Error(faults::not_ready, "the vehicle is not parked"));
    EXPECT_EQ(reopened(ledger).last_sequence, 9u) << "or it could be played again when the vehicle is parked";
    const auto answer = answer_to_repetition(*ledger.find(numbered(9).id));
    EXPECT_EQ(std::get<Refused>(answer.what).code, faults::not_ready.code);
}

TEST(Ledger, RemembersACancellationThatCameBeforeItsJob) {
    Ledger ledger;
    const Job job = numbered(3);
    ledger.end(job.id, {job.id, Refused{std::string(faults::cancelled.code), ""}});
    EXPECT_NE(reopened(ledger).find(job.id), nullptr);
    EXPECT_EQ(ledger.last_sequence, 0u);
}

TEST(Ledger, KeepsTheLastOutcomesOnly) {
    Ledger ledger;
    ledger.take(numbered(1));
    for (std::uint8_t number = 2; number < 40; ++number) ledger.refuse(numbered(number), Error(faults::expired));
    EXPECT_EQ(ledger.entries.size(), ended_kept_max + 1);
    EXPECT_EQ(ledger.find(numbered(2).id), nullptr);
    EXPECT_NE(ledger.find(numbered(39).id), nullptr);
    EXPECT_EQ(ledger.next_waiting(), numbered(1)) << "what has not ended stays";
    EXPECT_EQ(ledger.waiting(), 1u);
}

TEST(Ledger, IsNotReadWhenItContradictsItself) {
    json::Object object = to_json([] {
        Ledger ledger;
        ledger.take(numbered(1));
        return ledger;
    }());
    json::Object& entry = object["entries"].as_array().at(0).as_object();
    entry["job_id"] = numbered(2).id.view();
    EXPECT_TRUE(ledger_from_json(object).error().is(faults::bad_job));
    entry["stage"] = "undecided";
    EXPECT_TRUE(ledger_from_json(object).error().is(faults::bad_job));
}

}  // namespace
}  // namespace pitstop::diagnosis
