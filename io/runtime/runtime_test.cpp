#include "io/runtime/loop.h"
#include "io/runtime/pool.h"
#include "io/runtime/process.h"
#include "io/runtime/signal.h"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace pitstop::io {
namespace {

using namespace std::chrono_literals;

constexpr Fault lost_key{"test.lost-key", Remedy::refuse, "The key is lost.", "Look under the mat."};

Task<void> end_with(Error error) { co_return fail(error); }
Task<void> throw_out() {
    throw std::runtime_error("the roof leaks");
    co_return Result<void>();
}
Task<int> answer_after(std::chrono::milliseconds time, int answer) {
    co_await pause(time);
    co_return answer;
}

TEST(Loop, TellsWhichTaskEndedWithWhichError) {
    Loop loop;
    std::vector<std::string> heard;
    loop.on_failure([&](std::string_view task, const Error& error) {
        heard.push_back(std::format("{} {}", task, error.code()));
        if (heard.size() == 2) loop.stop();
    });
    loop.spawn("door", end_with(Error(lost_key)));
    loop.spawn("roof", throw_out());
    loop.run();
    ASSERT_EQ(heard.size(), 2u);
    EXPECT_EQ(heard[0], "door test.lost-key");
    EXPECT_EQ(heard[1], std::format("roof {}", faults::unexpected_exception.code));
}

TEST(Loop, StopUnwindsEveryTaskBeforeItReturns) {
    Loop loop;
    int closed = 0;
    const auto hold = [&]() -> Task<void> {
        struct Closes {
            int& count;
            ~Closes() { ++count; }
        } closes{closed};
        co_await pause(1h);
        co_return Result<void>();
    };
    for (int i = 0; i < 3; ++i) loop.spawn("holder", hold());
    const auto end = [&]() -> Task<void> {
        loop.stop();
        co_return Result<void>();
    };
    loop.spawn("ender", end());
    loop.on_failure([](std::string_view task, const Error& error) { ADD_FAILURE() << task << " " << error.str(); });
    loop.run();
    EXPECT_EQ(closed, 3);
}

TEST(Loop, StopsOnSigterm) {
    Loop loop;
    loop.stop_on_signals();
    loop.spawn("killer", []() -> Task<void> {
        ::kill(::getpid(), SIGTERM);
        co_return Result<void>();
    }());
    loop.run();
    EXPECT_GT(loop.utc_now().seconds, 1'700'000'000);
    EXPECT_GE(loop.now(), Tick{});
}

TEST(WithDeadline, GivesTheValueThatCameInTime) {
    Loop loop;
    EXPECT_EQ(complete(loop, with_deadline(10s, "an answer", answer_after(1ms, 42))), 42);
}

TEST(WithDeadline, NamesWhatDidNotComeInTime) {
    Loop loop;
    const auto late = complete(loop, with_deadline(5ms, "the answer of ECU_011", answer_after(1h, 42)));
    ASSERT_FALSE(late);
    EXPECT_TRUE(late.error().is(faults::deadline));
    EXPECT_EQ(late.error().detail(), "the answer of ECU_011");
}

TEST(WithDeadline, LeavesTheErrorOfTheTaskAsItIs) {
    Loop loop;
    EXPECT_TRUE(complete(loop, with_deadline(10s, "a key", end_with(Error(lost_key)))).error().is(lost_key));
}

TEST(WithDeadline, InsideADeadlineTheOuterOneIsNamed) {
    Loop loop;
    const auto late = complete(loop, with_deadline(5ms, "outer", with_deadline(1h, "inner", answer_after(2h, 1))));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().detail(), "outer");
}

TEST(Complete, SaysCancelledWhenTheLoopWasStopped) {
    Loop loop;
    loop.stop();
    EXPECT_TRUE(complete(loop, answer_after(1h, 1)).error().is(faults::cancelled));
}

TEST(Errors, SystemErrorsKeepTheSystemsWords) {
    const Error error = error_of_errno(ENOSPC, "writing the log");
    EXPECT_TRUE(error.is(faults::failed));
    EXPECT_NE(error.detail().find("writing the log: "), std::string_view::npos);
    EXPECT_TRUE(error_of(boost::asio::error::operation_aborted, "x").is(faults::cancelled));
}

TEST(OnLoop, RunsOnTheOtherThreadAndComesBack) {
    Loop here, there;
    std::thread other([&] { there.run(); });
    std::thread::id inside_function, inside_coroutine, after;
    const auto visit = [&]() -> Task<int> {
        const int first = co_await on_loop(there, [&] {
            inside_function = std::this_thread::get_id();
            return 20;
        });
        const Result<int> second = co_await on_loop(there, [&]() -> Task<int> {
            co_await pause(1ms);
            inside_coroutine = std::this_thread::get_id();
            co_return 22;
        });
        after = std::this_thread::get_id();
        co_return first + *second;
    };
    EXPECT_EQ(complete(here, visit()), 42);
    EXPECT_EQ(inside_function, other.get_id());
    EXPECT_EQ(inside_coroutine, other.get_id());
    EXPECT_EQ(after, std::this_thread::get_id());
    there.stop();
    other.join();
}

TEST(Pool, WorksElsewhereWhileTheLoopGoesOn) {
    Loop loop;
    Pool pool(2);
    const auto work = [&]() -> Task<std::thread::id> {
        co_return co_await pool.run([] { return std::this_thread::get_id(); });
    };
    const auto worker = complete(loop, work());
    ASSERT_TRUE(worker);
    EXPECT_NE(*worker, std::this_thread::get_id());
}

TEST(Pool, AnExceptionOfTheWorkReachesTheOneWhoAsked) {
    Loop loop;
    Pool pool(1);
    const auto work = [&]() -> Task<int> {
        co_return co_await pool.run([]() -> int { throw std::runtime_error("no"); });
    };
    EXPECT_TRUE(complete(loop, work()).error().is(faults::unexpected_exception));
}

TEST(Event, ReleasesThoseWhoWaitAndThoseWhoComeLater) {
    Loop loop;
    Event event(loop);
    const auto wait_twice = [&]() -> Task<int> {
        co_await event.wait();
        co_await event.wait();
        co_return 1;
    };
    const auto set = [&]() -> Task<void> {
        event.set();
        co_return Result<void>();
    };
    loop.spawn("setter", set());
    EXPECT_EQ(complete(loop, with_deadline(10s, "the event", wait_twice())), 1);
    EXPECT_TRUE(event.is_set());
}

TEST(Event, AWaitForWhatNeverComesEndsAtItsDeadline) {
    Loop loop;
    Event event(loop);
    const auto wait = [&]() -> Task<void> {
        co_await event.wait();
        co_return Result<void>();
    };
    EXPECT_TRUE(complete(loop, with_deadline(5ms, "the event", wait())).error().is(faults::deadline));
}

class Processes : public ::testing::Test {
protected:
    Result<Exit> run(std::vector<std::string> arguments,
                     std::vector<std::pair<std::string, std::string>> environment = {}) {
        auto child = Process::start(
            loop, {.arguments = std::move(arguments), .environment = std::move(environment), .output = output});
        if (!child) return fail(child.error());
        return complete(loop, with_deadline(10s, "the child", child->wait()));
    }
    std::string printed() {
        std::ostringstream all;
        all << std::ifstream(output).rdbuf();
        return all.str();
    }
    void TearDown() override { std::filesystem::remove(output); }

    Loop loop;
    std::filesystem::path output =
        std::filesystem::temp_directory_path() / std::format("pitstop-process-{}", ::getpid());
};

TEST_F(Processes, TellTheirExitCodeAndWriteWhereTheyShould) {
    const auto exit = run({"sh", "-c", "echo to-$WHOM; echo error >&2; exit 3"}, {{"WHOM", "the-file"}});
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->code, 3);
    EXPECT_EQ(exit->str(), "exit code 3");
    EXPECT_EQ(printed(), "to-the-file\nerror\n");
}

TEST_F(Processes, AProgramThatIsNotThereIsNamed) {
    const auto exit = run({"no-such-program-anywhere"});
    ASSERT_FALSE(exit);
    EXPECT_TRUE(exit.error().is(faults::process_not_started));
    EXPECT_NE(exit.error().detail().find("no-such-program-anywhere"), std::string_view::npos);
    EXPECT_TRUE(run({}).error().is(faults::process_not_started));
}

TEST_F(Processes, TerminateIsPoliteFirst) {
    auto child = Process::start(loop, {.arguments = {"sleep", "1000"}, .environment = {}, .output = {}});
    ASSERT_TRUE(child);
    EXPECT_TRUE(child->running());
    const auto exit = complete(loop, child->terminate(10s));
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->signal, SIGTERM);
    EXPECT_FALSE(child->running());
}

TEST_F(Processes, TerminateKillsWhatDoesNotListen) {
    auto child =
        Process::start(loop, {.arguments = {"sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 1000; done"},
                              .environment = {},
                              .output = output});
    ASSERT_TRUE(child);
    const auto deaf = [&]() -> Task<Exit> {
        while (printed().empty()) co_await pause(1ms);
        co_return co_await child->terminate(20ms);
    };
    const auto exit = complete(loop, with_deadline(10s, "the end", deaf()));
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->signal, SIGKILL);
}

TEST_F(Processes, DieWithTheOneWhoStartedThem) {
    // The child prints its own child's number and is killed; the grandchild, started through Process, must follow.
    const pid_t middle = ::fork();
    ASSERT_GE(middle, 0);
    if (middle == 0) {
        Loop own;
        auto grandchild = Process::start(
            own, {.arguments = {"sh", "-c", "echo $$; exec sleep 1000"}, .environment = {}, .output = output});
        ::pause();
        ::_exit(grandchild ? 0 : 1);
    }
    const auto watch = [&]() -> Task<void> {
        while (!printed().ends_with("\n")) co_await pause(1ms);
        const pid_t grandchild = std::stoi(printed());
        ::kill(middle, SIGKILL);
        ::waitpid(middle, nullptr, 0);
        while (std::filesystem::exists(std::format("/proc/{}/exe", grandchild))) co_await pause(1ms);
        co_return Result<void>();
    };
    EXPECT_TRUE(complete(loop, with_deadline(10s, "the grandchild's end", watch())));
}

}  // namespace
}  // namespace pitstop::io
