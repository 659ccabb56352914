// A few threads for heavy pure work (digests, signatures, deltas), so that loops stay responsive.
//
//     auto digest = co_await pool.run([&] { return crypto::sha256(bytes); });
//
// The function runs on a pool thread, the caller goes on on its own loop afterwards. It must not touch what the loop
// owns while it runs. A cancelled caller still waits for the function's end: nothing is pulled from under it. Declare
// the Pool after the Loops that use it, so that it is joined before they go.
#pragma once

#include "io/runtime/task.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <type_traits>

namespace pitstop::io {

class Pool {
public:
    explicit Pool(std::size_t threads) : threads_(threads) {}
    ~Pool() { threads_.join(); }
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    template <class Work>
    [[nodiscard]] boost::asio::awaitable<std::invoke_result_t<Work&>> run(Work work) {
        std::optional<std::invoke_result_t<Work&>> value;
        co_await boost::asio::co_spawn(
            threads_,
            [&]() -> boost::asio::awaitable<void> {
                value.emplace(work());
                co_return;
            },
            boost::asio::use_awaitable);
        co_return *std::move(value);
    }

private:
    boost::asio::thread_pool threads_;
};

}  // namespace pitstop::io
