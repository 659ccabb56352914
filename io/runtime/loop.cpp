#include "io/runtime/loop.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <list>

namespace pitstop::io {

namespace asio = boost::asio;

struct Running {
    std::string name;
    asio::cancellation_signal cancel;
};

struct Loop::Inside {
    std::list<Running> tasks;  // outlives the context, whose coroutines hold slots of these signals
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> open{context.get_executor()};
    asio::signal_set signals{context};
    asio::steady_timer grace{context};
    OnFailure on_failure;
    bool stopping = false;

    void begin(std::string name, Task<void> task);
    void ended(std::list<Running>::iterator which, const std::exception_ptr& escaped, const Result<void>& result);
    void begin_stop();
};

void Loop::Inside::begin(std::string name, Task<void> task) {
    if (stopping) return;
    tasks.emplace_back();
    const auto which = std::prev(tasks.end());
    which->name = std::move(name);
    asio::co_spawn(context, std::move(task),
                   asio::bind_cancellation_slot(which->cancel.slot(), [this, which](const std::exception_ptr& escaped,
                                                                                    const Result<void>& result) {
                       ended(which, escaped, result);
                   }));
}

void Loop::Inside::ended(std::list<Running>::iterator which, const std::exception_ptr& escaped,
                         const Result<void>& result) {
    const std::string name = std::move(which->name);
    tasks.erase(which);
    if (stopping) {
        if (tasks.empty()) context.stop();
        return;
    }
    if (!on_failure) return;
    if (escaped) return on_failure(name, error_of(escaped, name));
    if (!result) on_failure(name, result.error());
}

void Loop::Inside::begin_stop() {
    if (stopping) return;
    stopping = true;
    signals.cancel();
    if (tasks.empty()) return context.stop();
    grace.expires_after(stop_grace);
    grace.async_wait([this](const boost::system::error_code&) { context.stop(); });
    // A task may end, and leave the list, while its own signal is being given.
    for (auto task = tasks.begin(); task != tasks.end();) (task++)->cancel.emit(asio::cancellation_type::terminal);
}

Loop::Loop() : inside_(std::make_unique<Inside>()) { std::signal(SIGPIPE, SIG_IGN); }

Loop::~Loop() = default;

asio::io_context& Loop::context() { return inside_->context; }

Tick Loop::now() const {
    static const auto start = std::chrono::steady_clock::now();
    return {std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start).count()};
}

UtcTime Loop::utc_now() const {
    return {
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

void Loop::on_failure(OnFailure hook) { inside_->on_failure = std::move(hook); }

void Loop::spawn(std::string name, Task<void> task) {
    asio::post(inside_->context, [inside = inside_.get(), name = std::move(name), task = std::move(task)]() mutable {
        inside->begin(std::move(name), std::move(task));
    });
}

void Loop::stop_on_signals() {
    inside_->signals.add(SIGINT);
    inside_->signals.add(SIGTERM);
    inside_->signals.async_wait([inside = inside_.get()](const boost::system::error_code& code, int) {
        if (!code) inside->begin_stop();
    });
}

void Loop::run() { inside_->context.run(); }

void Loop::stop() {
    asio::post(inside_->context, [inside = inside_.get()] { inside->begin_stop(); });
}

asio::awaitable<void> pause(std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

namespace detail {

void run_to_end(Loop& loop, asio::awaitable<void> work) {
    bool done = false;
    asio::co_spawn(loop.context(), std::move(work), [&](const std::exception_ptr&) { done = true; });
    while (!done && loop.context().run_one() > 0) {}
}

void throw_cancelled() { throw boost::system::system_error(asio::error::operation_aborted); }

}  // namespace detail
}  // namespace pitstop::io
