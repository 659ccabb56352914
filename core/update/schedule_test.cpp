#include "core/update/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace pitstop::update {
namespace {

EcuId ecu(std::uint32_t number) { return *EcuId::from_number(number); }

TEST(Schedule, LetsTheSlowestUseTheBusFirst) {
    const std::vector<BusUser> users{
        {ecu(1), Standing::wants_bus, 100}, {ecu(2), Standing::wants_bus, 900}, {ecu(3), Standing::wants_bus, 500}};
    EXPECT_EQ(schedule(users, {.transfers_max = 2}).transfer, (std::vector{ecu(2), ecu(3)}));
}

TEST(Schedule, BeginsOthersWhileTheBusIsFull) {
    const std::vector<BusUser> users{
        {ecu(1), Standing::transfers, 100}, {ecu(2), Standing::waiting, 10}, {ecu(3), Standing::waiting, 90}};
    const Grants grants = schedule(users, {.begun_max = 2, .transfers_max = 1});
    EXPECT_EQ(grants, (Grants{{ecu(3)}, {}})) << "it erases meanwhile";
}

TEST(Schedule, AnUnansweringEcuTakesNobodysPlace) {
    std::vector<BusUser> users{{ecu(1), Standing::transfers, 100}, {ecu(2), Standing::wants_bus, 10}};
    EXPECT_EQ(schedule(users, {.transfers_max = 1}), Grants{});
    users[0].standing = Standing::unanswering;
    EXPECT_EQ(schedule(users, {.transfers_max = 1}), (Grants{{}, {ecu(2)}}));
    users[1].standing = Standing::waiting;
    EXPECT_EQ(schedule(users, {.begun_max = 1}), (Grants{{ecu(2)}, {}}));
}

// A bus and its ECUs as numbers, a millisecond at a time.
struct Bus {
    struct Ecu {
        int erase_ms, transfer_ms, verify_ms;  // transfer: of the bus to itself
        bool dead = false;
    };
    std::vector<Ecu> ecus;
    BusLimits limits = {};
    int busy_ms = 0;

    int makespan_ms() {
        std::vector<BusUser> users;
        for (std::size_t i = 0; i < ecus.size(); ++i)
            users.push_back({ecu(static_cast<std::uint32_t>(i + 1)), Standing::waiting,
                             static_cast<std::uint64_t>(ecus[i].transfer_ms)});
        std::vector<int> left(ecus.size()), verifying(ecus.size());
        for (int now = 0; now < 1'000'000; ++now) {
            const Grants grants = schedule(users, limits);
            bool all_done = true, bus_used = false;
            for (std::size_t i = 0; i < users.size(); ++i) {
                BusUser& user = users[i];
                if (ecus[i].dead) {
                    if (std::ranges::contains(grants.begin, user.ecu)) user.standing = Standing::on_its_own;
                    continue;
                }
                if (std::ranges::contains(grants.begin, user.ecu)) {
                    user.standing = Standing::on_its_own;
                    left[i] = ecus[i].erase_ms;
                } else if (std::ranges::contains(grants.transfer, user.ecu)) {
                    user.standing = Standing::transfers;
                } else if (user.standing == Standing::on_its_own && left[i] > 0 && --left[i] == 0 &&
                           verifying[i] == 0) {
                    user.standing = Standing::wants_bus;
                }
                // Of those that transfer one has the wire; the others program what they got.
                if (user.standing == Standing::transfers && !bus_used) {
                    bus_used = true;
                    ++busy_ms;
                    if (--user.left_bytes == 0) {
                        user.standing = Standing::on_its_own;
                        verifying[i] = 1;
                        left[i] = ecus[i].verify_ms;
                    }
                }
                all_done = all_done && verifying[i] == 1 && left[i] == 0;
            }
            if (all_done) return now;
        }
        return -1;
    }
};

TEST(Schedule, KeepsABusBusyFromTheFirstEraseToTheLastVerify) {
    Bus bus{{{200, 3000, 100}, {200, 1000, 100}, {200, 500, 100}, {2000, 2500, 100}, {200, 100, 50}}};
    const int makespan = bus.makespan_ms();
    EXPECT_LE(makespan, 200 + bus.busy_ms + 110) << "erase once, then the bus alone, then verify once";
}

TEST(Schedule, ADeadEcuCostsTheOthersNothing) {
    Bus all{{{200, 3000, 100}, {200, 1000, 100}, {200, 500, 100}}};
    Bus with_dead{{{200, 3000, 100}, {200, 1000, 100}, {200, 500, 100}, {200, 9000, 100, true}}};
    EXPECT_EQ(with_dead.makespan_ms(), all.makespan_ms());
}

}  // namespace
}  // namespace pitstop::update
