#include "io/runtime/for_each.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace pitstop::io {
namespace {

// One call: pieces are taken one after another by whoever is free.
class Round {
public:
    Round(std::size_t count, const Work& work) : count_(count), work_(work) {}

    void take_part() {
        for (std::size_t i = next_++; i < count_; i = next_++) {
            try {
                work_(i);
            } catch (...) {
                next_ = count_;
                const std::lock_guard held(lock_);
                if (!escaped_) escaped_ = std::current_exception();
            }
        }
    }
    void throw_what_escaped() const {
        if (escaped_) std::rethrow_exception(escaped_);
    }

private:
    std::size_t count_;
    const Work& work_;
    std::atomic<std::size_t> next_ = 0;
    std::mutex lock_;
    std::exception_ptr escaped_;
};

}  // namespace

std::size_t cores() { return std::max(1U, std::thread::hardware_concurrency()); }

ForEach for_each_on(std::size_t threads) {
    return [threads](std::size_t count, const Work& work) {
        Round round(count, work);
        {
            std::vector<std::jthread> others;
            const std::size_t needed = std::min(threads, count);
            for (std::size_t i = 1; i < needed; ++i) others.emplace_back([&round] { round.take_part(); });
            round.take_part();
        }  // all have come back
        round.throw_what_escaped();
    };
}

}  // namespace pitstop::io
