// One task waits until another says so, on the same loop.
//
// Signal forgets: notify() wakes those who wait at that moment. Event remembers: once set, every wait() returns at
// once. After a Signal look at the condition again: several may have been woken by one notify().
#pragma once

#include "io/runtime/loop.h"

#include <boost/asio/steady_timer.hpp>

namespace pitstop::io {

class Signal {
public:
    explicit Signal(Loop& loop);

    [[nodiscard]] boost::asio::awaitable<void> wait();
    void notify();

private:
    boost::asio::steady_timer waiting_;  // never expires: a notification cancels the wait
};

class Event {
public:
    explicit Event(Loop& loop) : changed_(loop) {}

    [[nodiscard]] boost::asio::awaitable<void> wait();
    [[nodiscard]] bool is_set() const { return set_; }
    void set();
    void reset() { set_ = false; }

private:
    Signal changed_;
    bool set_ = false;
};

}  // namespace pitstop::io
