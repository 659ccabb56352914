// One event loop, for one thread: it owns the tasks that run on it.
//
// Bring a thread that calls run(). spawn() and stop() may be called from any thread, everything else from the loop's
// own. Every task has this loop as its owner: stop() cancels all of them and gives them stop_grace to unwind.
//
//     Loop loop;
//     loop.on_failure([](std::string_view task, const Error& error) { log::problem(error, task); });
//     loop.stop_on_signals();
//     loop.spawn("inbox", read_inbox(client));
//     loop.run();
#pragma once

#include "core/base/time.h"
#include "io/runtime/faults.h"
#include "io/runtime/task.h"

#include <boost/asio/cancel_after.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace pitstop::io {

class Loop {
public:
    using OnFailure = std::function<void(std::string_view task, const Error& error)>;

    // How long cancelled tasks may take to close what they hold; a task that takes longer is destroyed where it waits.
    static constexpr std::chrono::milliseconds stop_grace{2000};

    // Also lets writes to a closed peer fail as errors: SIGPIPE is ignored for the whole process from the first Loop
    // on.
    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    [[nodiscard]] boost::asio::io_context& context();
    [[nodiscard]] Tick now() const;  // monotonic, from the start of the process
    [[nodiscard]] UtcTime utc_now() const;

    // Called on the loop's thread for each task that ends with an error or an exception, except while stopping.
    void on_failure(OnFailure hook);

    // Starts the task at the loop's next turn. After stop() nothing is started any more.
    void spawn(std::string name, Task<void> task);

    void stop_on_signals();  // SIGINT and SIGTERM call stop()
    void run();              // until stop()
    void stop();

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

// At least this long, unless cancelled.
[[nodiscard]] boost::asio::awaitable<void> pause(std::chrono::milliseconds time);

namespace detail {

// An Asio completion needs default-constructible values; a result that waits in its owner's frame does not.
template <class T>
struct Outcome {
    std::optional<Result<T>> value;
    std::exception_ptr escaped;

    [[nodiscard]] Result<T> take(std::string_view what) {
        if (escaped) return fail(error_of(escaped, what));
        if (!value) return fail(faults::cancelled, what);
        return *std::move(value);
    }
};

template <class T>
boost::asio::awaitable<void> settle(Task<T> task, Outcome<T>& outcome) {
    try {
        outcome.value.emplace(co_await std::move(task));
    } catch (...) {
        outcome.escaped = std::current_exception();
    }
}

template <class Awaitable>
struct Awaited;
template <class T>
struct Awaited<boost::asio::awaitable<T>> {
    using type = T;
};

void run_to_end(Loop& loop, boost::asio::awaitable<void> work);
[[noreturn]] void throw_cancelled();

}  // namespace detail

// The task's outcome, or io.deadline naming `what` when it did not end in time (the task is cancelled then).
template <class T>
[[nodiscard]] Task<T> with_deadline(std::chrono::milliseconds limit, std::string what, Task<T> task) {
    detail::Outcome<T> outcome;
    const auto start = std::chrono::steady_clock::now();
    co_await boost::asio::co_spawn(co_await boost::asio::this_coro::executor,
                                   detail::settle<T>(std::move(task), outcome),
                                   boost::asio::cancel_after(limit, boost::asio::use_awaitable));
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none) detail::throw_cancelled();
    Result<T> result = outcome.take(what);
    if (!result && std::chrono::steady_clock::now() - start >= limit) co_return fail(faults::deadline, what);
    co_return result;
}

// Runs `work` on the other loop's thread and comes back to the caller's. `work` is a coroutine function or a plain
// function; what it returns is returned (Result<void> where there is nothing to say). The other loop must run until the
// wait is over.
template <class Work>
[[nodiscard]] auto on_loop(Loop& other, Work work) {
    using Given = std::invoke_result_t<Work&>;
    if constexpr (requires { typename detail::Awaited<Given>::type; }) {
        using T = typename detail::Awaited<Given>::type;
        return [](Loop& there, Work todo) -> boost::asio::awaitable<T> {
            std::optional<T> value;
            co_await boost::asio::co_spawn(
                there.context(), [&]() -> boost::asio::awaitable<void> { value.emplace(co_await todo()); },
                boost::asio::use_awaitable);
            co_return *std::move(value);
        }(other, std::move(work));
    } else {
        return [](Loop& there, Work todo) -> boost::asio::awaitable<Given> {
            std::optional<Given> value;
            co_await boost::asio::co_spawn(
                there.context(),
                [&]() -> boost::asio::awaitable<void> {
                    value.emplace(todo());
                    co_return;
                },
                boost::asio::use_awaitable);
            co_return *std::move(value);
        }(other, std::move(work));
    }
}

// For a command line or a test: runs the loop until this task ends, and gives its outcome. Tasks spawned before run
// meanwhile.
template <class T>
[[nodiscard]] Result<T> complete(Loop& loop, Task<T> task) {
    detail::Outcome<T> outcome;
    detail::run_to_end(loop, detail::settle<T>(std::move(task), outcome));
    return outcome.take("the loop was stopped");
}

}  // namespace pitstop::io
