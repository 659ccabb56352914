#include "io/survey/survey.h"

#include "core/uds/faults.h"
#include "io/runtime/loop.h"
#include "io/survey/faults.h"

#include <gtest/gtest.h>
#include <map>

namespace pitstop::io::survey {
namespace {

EcuId ecu(std::uint32_t number) { return *EcuId::from_number(number); }

// ECUs behind one link: each answers by a table, or is silent; how many were asked at the same time is counted.
class Ecus final : public ethernet::Link {
public:
    std::map<Bytes, Bytes> answers;  // by the request
    std::set<std::uint16_t> silent;
    std::set<Bytes> in_extended_session_only;
    bool in_extended_session = false;
    int asked_at_once = 0, asked_at_once_max = 0, busy_times = 0;

    Task<uds::Answer> ask(std::uint16_t target, View request, uds::TesterTimings) override {
        asked_at_once_max = std::max(asked_at_once_max, ++asked_at_once);
        const bool is_silent = silent.contains(target);
        const Bytes copy(request.begin(), request.end());
        co_await pause(std::chrono::milliseconds(is_silent ? 30 : 2));
        --asked_at_once;
        if (is_silent) co_return fail(uds::faults::no_answer, "silent for 30 ms");
        if (busy_times > 0 && busy_times-- > 0) co_return uds::Answer{{}, uds::Nrc::busy_repeat_request};
        if (!in_extended_session && in_extended_session_only.contains(copy))
            co_return uds::Answer{{}, uds::Nrc::service_not_supported_in_active_session};
        if (copy.front() == 0x10) in_extended_session = copy.back() == 0x03;
        const auto found = answers.find(copy);
        if (found == answers.end()) co_return uds::Answer{{}, uds::Nrc::request_out_of_range};
        co_return uds::Answer{found->second};
    }
};

class Survey : public testing::Test {
protected:
    Ecus ecus;

    template <class T>
    T result_of(boost::asio::awaitable<T> work) {
        Loop loop;  // ends with the work: each has its own
        std::optional<T> got;
        loop.spawn("test", [](Loop& on, boost::asio::awaitable<T> inner, std::optional<T>& into) -> Task<void> {
            into = co_await std::move(inner);
            on.stop();
            co_return Result<void>{};
        }(loop, std::move(work), got));
        loop.run();
        return *std::move(got);
    }
    std::vector<Member> members(std::uint32_t count) {
        std::vector<Member> all;
        for (std::uint32_t number = 1; number <= count; ++number) all.push_back({ecu(number), ecus});
        return all;
    }
};

TEST_F(Survey, AsksAHundredEcusAtOnceAndForgetsNoSilentOne) {
    ecus.answers[{0x22, 0xF1, 0x89}] = {0x62, 0xF1, 0x89, '1', '.', '0', '.', '0'};
    ecus.silent = {ecu(7).address(), ecu(99).address()};
    const auto entries = result_of(ask_all(members(100), What::configuration));
    ASSERT_EQ(entries.size(), 100u);
    EXPECT_EQ(ecus.asked_at_once_max, 100);
    for (const vehicle::Entry& entry : entries) {
        if (entry.ecu == ecu(7) || entry.ecu == ecu(99)) {
            ASSERT_TRUE(entry.missing) << entry.ecu.str();
            EXPECT_EQ(entry.missing->code, uds::faults::no_answer.code);
            continue;
        }
        const auto said = vehicle::identifiers_from(entry.said);
        ASSERT_TRUE(said);
        EXPECT_EQ(*said, (vehicle::Identifiers{{0xF189, {'1', '.', '0', '.', '0'}}}))
            << "what it does not know is left out";
    }
}

TEST_F(Survey, SaysWhetherAnEcuIsReadyAndCountsConfirmedTroubleCodes) {
    ecus.answers[{0x31, 0x01, 0x02, 0x03}] = {0x71, 0x01, 0x02, 0x03, 0x01};
    const auto without_memory = result_of(ask({ecu(1), ecus}, What::readiness));
    ASSERT_TRUE(without_memory);
    EXPECT_EQ(vehicle::readiness_from(*without_memory), (vehicle::EcuReadiness{1, std::nullopt}));
    ecus.answers[{0x19, 0x01, 0x08}] = {0x59, 0x01, 0xFF, 0x01, 0x00, 0x02};
    const auto entries = result_of(ask_all(members(2), What::readiness));
    EXPECT_EQ(vehicle::readiness_from(entries[1].said), (vehicle::EcuReadiness{1, 2}));
}

TEST_F(Survey, AnEcuThatWantsTheExtendedSessionGetsItAndIsLeftAsItWas) {
    const Bytes preconditions{0x31, 0x01, 0x02, 0x03};
    ecus.answers[preconditions] = {0x71, 0x01, 0x02, 0x03, 0x00};
    ecus.in_extended_session_only = {preconditions};
    EXPECT_TRUE(result_of(ask({ecu(1), ecus}, What::readiness)).error().is(uds::faults::refused))
        << "it knows no session";
    ecus.answers[{0x10, 0x03}] = {0x50, 0x03, 0, 50, 1, 0xF4};
    ecus.answers[{0x10, 0x01}] = {0x50, 0x01, 0, 50, 1, 0xF4};
    ecus.in_extended_session = false;
    EXPECT_TRUE(result_of(ask({ecu(1), ecus}, What::readiness)));
    EXPECT_FALSE(ecus.in_extended_session);
}

TEST_F(Survey, AnEcuThatAnotherTesterHasIsAskedAgain) {
    ecus.busy_times = 1;
    EXPECT_TRUE(result_of(ask({ecu(1), ecus}, What::configuration)).error().is(faults::busy));
    ecus.busy_times = 1;
    EXPECT_FALSE(result_of(ask_all(members(1), What::configuration))[0].missing);
}

TEST_F(Survey, TakesAZonesCollectionInParts) {
    const std::vector<vehicle::Entry> held{{ecu(11), {1, 2, 3}},
                                           {ecu(12), {}, vehicle::Entry::Missing{"uds.no-answer", ""}}};
    const Bytes whole = vehicle::to_bytes(held);
    ecus.answers[{0x31, 0x01, 0xF0, 0x01}] = {0x71, 0x01, 0xF0, 0x01, 2};
    for (std::uint8_t offset = 0; offset < whole.size(); offset += 5) {
        Bytes answer{0x71, 0x01, 0xF0, 0x02};
        const Bytes part = vehicle::part_of(vehicle::PartStatus::there, whole, offset, 5);
        answer.insert(answer.end(), part.begin(), part.end());
        ecus.answers[{0x31, 0x01, 0xF0, 0x02, 0, 0, 0, offset}] = answer;
    }
    EXPECT_EQ(result_of(ask_zone({ecu(91), ecus}, What::configuration)), held);
}

TEST_F(Survey, RefusesAZoneThatKnowsNoCollectionOrNeverEndsOne) {
    EXPECT_TRUE(result_of(ask_zone({ecu(91), ecus}, What::configuration)).error().is(uds::faults::refused));
    ecus.answers[{0x31, 0x01, 0xF0, 0x03}] = {0x71, 0x01, 0xF0, 0x03, 2};
    ecus.answers[{0x31, 0x01, 0xF0, 0x04, 0, 0, 0, 0}] = {0x71, 0x01, 0xF0, 0x04, 2, 0, 0, 0, 0};
    EXPECT_TRUE(result_of(ask_zone({ecu(91), ecus}, What::readiness)).error().is(faults::strange_answer));
    ecus.answers[{0x31, 0x01, 0xF0, 0x04, 0, 0, 0, 0}] = {0x71, 0x01, 0xF0, 0x04, 0, 0, 0, 0, 9};
    EXPECT_TRUE(result_of(ask_zone({ecu(91), ecus}, What::readiness)).error().is(faults::strange_answer));
}

}  // namespace
}  // namespace pitstop::io::survey
