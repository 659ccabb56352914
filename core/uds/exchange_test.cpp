#include "core/uds/exchange.h"

#include "core/uds/faults.h"
#include "core/uds/sample_ecu_test.h"

#include <gtest/gtest.h>

namespace pitstop::uds {
namespace {

using namespace std::chrono_literals;

constexpr Tick start{5'000'000};

Exchange exchange_of(const Bytes& request, TesterTimings timings = {}) { return Exchange(request, timings, start); }

bool waits(const Progress& progress) { return std::holds_alternative<Waiting>(progress); }

TEST(Exchange, GivesUpOnAnEcuThatSaysNothing) {
    const auto exchange = exchange_of({0x22, 0xF1, 0x90});
    EXPECT_TRUE(waits(exchange.on_deadline(start + 1999ms)));
    const auto progress = exchange.on_deadline(exchange.deadline());
    ASSERT_TRUE(std::holds_alternative<Error>(progress));
    EXPECT_TRUE(std::get<Error>(progress).is(faults::no_answer));
    EXPECT_EQ(std::get<Error>(progress).detail(), "ReadDataByIdentifier");
}

TEST(Exchange, GivesUpOnAnEcuThatIsPendingTooOften) {
    auto exchange = exchange_of({0x31, 0x01, 0xFF, 0x00}, {.pending_count_max = 3});
    const Bytes pending{0x7F, 0x31, 0x78};
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(waits(exchange.on_response(pending, start)));
    const auto progress = exchange.on_response(pending, start);
    ASSERT_TRUE(std::holds_alternative<Error>(progress));
    EXPECT_TRUE(std::get<Error>(progress).is(faults::pending_too_long));
}

TEST(Exchange, GivesUpOnAnEcuThatIsPendingTooLong) {
    auto exchange = exchange_of({0x31, 0x01, 0xFF, 0x00}, {.total = 10s});
    const Bytes pending{0x7F, 0x31, 0x78};
    EXPECT_TRUE(waits(exchange.on_response(pending, start + 1s)));
    EXPECT_EQ(exchange.deadline(), start + 8s);
    EXPECT_TRUE(waits(exchange.on_response(pending, start + 7s)));
    EXPECT_EQ(exchange.deadline(), start + 10s);
    const auto progress = exchange.on_deadline(start + 10s);
    ASSERT_TRUE(std::holds_alternative<Error>(progress));
    EXPECT_TRUE(std::get<Error>(progress).is(faults::pending_too_long));
}

TEST(Exchange, NamesTheRefusalInClearText) {
    auto exchange = exchange_of({0x31, 0x01, 0x12, 0x34});
    const Bytes refusal{0x7F, 0x31, 0x31};
    const auto progress = exchange.on_response(refusal, start);
    ASSERT_TRUE(std::holds_alternative<Refused>(progress));
    EXPECT_EQ(std::get<Refused>(progress).nrc, Nrc::request_out_of_range);
    const Bytes request{0x31};
    const auto given = positive_or_error(Answer{{}, Nrc::request_out_of_range}, request);
    ASSERT_FALSE(given);
    EXPECT_TRUE(given.error().is(faults::refused));
    EXPECT_EQ(given.error().detail(),
              "RoutineControl refused: requestOutOfRange (0x31), "
              "the ECU does not know this identifier or refuses its value");
}

TEST(Exchange, NamesCodesThatTheStandardLeavesOpen) {
    EXPECT_EQ(to_error(0xBA, static_cast<Nrc>(0xBF)).detail(),
              "service 0xBA refused: unknown (0xBF), a code that ISO 14229-1 reserves or leaves to the maker");
    EXPECT_EQ(to_error(0xBA, static_cast<Nrc>(0xF1)).detail(),
              "service 0xBA refused: vehicleManufacturerSpecificConditionsNotCorrect (0xF1), a code that ISO 14229-1 "
              "reserves or leaves to the maker");
}

TEST(Exchange, PassesOverAnswersToOtherRequests) {
    auto exchange = exchange_of({0x36, 0x07, 0x00});
    for (const Bytes& other : {Bytes{}, Bytes{0x62, 0xF1, 0x90}, Bytes{0x76}, Bytes{0x76, 0x06},
                               Bytes{0x7F, 0x34, 0x31}, Bytes{0x7F, 0x36}, Bytes{0x7F, 0x36, 0x31, 0x00}, Bytes{0x7F}})
        EXPECT_TRUE(waits(exchange.on_response(other, start)));
    const Bytes mine{0x76, 0x07};
    EXPECT_TRUE(std::holds_alternative<Answered>(exchange.on_response(mine, start)));
}

TEST(Exchange, ComparesWhatTheAnswerMustRepeat) {
    auto session = exchange_of({0x10, 0x83});
    const Bytes extended{0x50, 0x03, 0, 0x32, 1, 0xF4};
    EXPECT_TRUE(std::holds_alternative<Answered>(session.on_response(extended, start)));
    auto read = exchange_of({0x22, 0xF1, 0x90});
    const Bytes other{0x62, 0xF1, 0x89, '1'};
    EXPECT_TRUE(waits(read.on_response(other, start)));
    const auto given_up = read.on_deadline(read.deadline());
    ASSERT_TRUE(std::holds_alternative<Error>(given_up));
    EXPECT_TRUE(std::get<Error>(given_up).is(faults::strange_answer));
    auto control = exchange_of({0x2F, 0x01, 0x10, 0x03, 0x30, 0xD4});
    for (const Bytes& of_another :
         {Bytes{0x6F, 0x01, 0x11, 0x03, 0x30, 0xD4}, Bytes{0x6F, 0x01, 0x10, 0x00, 0x30, 0xD4}})
        EXPECT_TRUE(waits(control.on_response(of_another, start)));
    const Bytes controlled{0x6F, 0x01, 0x10, 0x03, 0x30, 0xD4};
    EXPECT_TRUE(std::holds_alternative<Answered>(control.on_response(controlled, start)));
    auto several = exchange_of({0x22, 0x12, 0x34, 0xF1, 0x89});
    EXPECT_TRUE(std::holds_alternative<Answered>(several.on_response(other, start)));
}

TEST(Exchange, AgreesWithTheServer) {
    Bench bench;
    bench.ecu.step_takes = 30ms;
    const Bytes request{0x31, 0x01, 0xFF, 0x00};
    Exchange exchange(request, {}, bench.now);
    Bytes heard = bench.ask_bytes(request);
    for (int turns = 0; turns < 20; ++turns) {
        if (!heard.empty()) {
            const auto progress = exchange.on_response(heard, bench.now);
            if (const auto* answered = std::get_if<Answered>(&progress)) {
                EXPECT_EQ(answered->positive.back(), 0x5A);
                EXPECT_GT(turns, 2);
                return;
            }
            ASSERT_TRUE(waits(progress));
        }
        bench.now = std::max(bench.now, *bench.server.deadline());
        heard = bench.said();
    }
    FAIL() << "no answer";
}

TEST(SuppressBit, IsLookedForOnlyWhereThereIsASubFunction) {
    const Bytes alive{0x3E, 0x80}, block{0x36, 0x80, 0x00}, short_one{0x3E};
    EXPECT_TRUE(suppresses_positive_answer(alive));
    EXPECT_FALSE(suppresses_positive_answer(block));
    EXPECT_FALSE(suppresses_positive_answer(short_one));
}

}  // namespace
}  // namespace pitstop::uds
