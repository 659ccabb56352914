#include "io/runtime/signal.h"

#include <boost/asio/as_tuple.hpp>

namespace pitstop::io {

namespace asio = boost::asio;

Signal::Signal(Loop& loop) : waiting_(loop.context(), std::chrono::steady_clock::time_point::max()) {}

asio::awaitable<void> Signal::wait() {
    co_await waiting_.async_wait(asio::as_tuple(asio::use_awaitable));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) detail::throw_cancelled();
}

void Signal::notify() { waiting_.cancel(); }

asio::awaitable<void> Event::wait() {
    while (!set_) co_await changed_.wait();
}

void Event::set() {
    set_ = true;
    changed_.notify();
}

}  // namespace pitstop::io
