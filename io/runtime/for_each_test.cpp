#include "io/runtime/for_each.h"

#include <gtest/gtest.h>
#include <atomic>
#include <barrier>
#include <chrono>
#include <stdexcept>
#include <vector>

namespace pitstop::io {
namespace {

TEST(ForEachOnThreads, DoesEachPieceOnce) {
    for (const std::size_t threads : {0, 1, 2, 7}) {
        std::vector<std::atomic<int>> done(100);
        for_each_on(threads)(done.size(), [&](std::size_t i) { ++done[i]; });
        for (const auto& times : done) EXPECT_EQ(times, 1);
    }
    for_each_on(4)(0, [](std::size_t) { FAIL(); });
}

TEST(ForEachOnThreads, WorksAtTheSameTime) {
    std::barrier both_are_here(2);
    for_each_on(2)(2, [&](std::size_t) { both_are_here.arrive_and_wait(); });  // in turn, this would never end
}

TEST(ForEachOnThreads, ThrowsAtTheCallersWhatEscapedElsewhere) {
    std::barrier both_are_here(2);
    const auto work = [&](std::size_t i) {
        if (i > 1) return;
        both_are_here.arrive_and_wait();
        throw std::runtime_error("the roof leaks");
    };
    EXPECT_THROW(for_each_on(2)(1'000'000, work), std::runtime_error);
}

}  // namespace
}  // namespace pitstop::io
