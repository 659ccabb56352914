#include "io/runtime/all.h"

#include "io/runtime/loop.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace pitstop::io {
namespace {

namespace asio = boost::asio;

asio::awaitable<void> settle(Task<void> task) {
    detail::Outcome<void> outcome;
    co_await detail::settle<void>(std::move(task), outcome);
}

}  // namespace

asio::awaitable<void> all(std::vector<Task<void>> tasks) {
    if (tasks.empty()) co_return;
    const auto executor = co_await asio::this_coro::executor;
    using Running = decltype(asio::co_spawn(executor, settle(std::declval<Task<void>>()), asio::deferred));
    std::vector<Running> running;
    running.reserve(tasks.size());
    for (Task<void>& task : tasks) running.push_back(asio::co_spawn(executor, settle(std::move(task)), asio::deferred));
    co_await asio::experimental::make_parallel_group(std::move(running))
        .async_wait(asio::experimental::wait_for_all(), asio::use_awaitable);
}

}  // namespace pitstop::io
