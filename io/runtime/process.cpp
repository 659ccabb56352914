#include "io/runtime/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <format>
#include <map>

namespace pitstop::io {

namespace asio = boost::asio;

namespace {

// Everything the child needs, made before fork: between fork and exec nothing may allocate.
struct Prepared {
    std::vector<char*> arguments, environment;
    int output = -1;
    int report = -1;  // closed by a successful exec; otherwise carries errno
    pid_t parent = 0;
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (auto& text : texts) list.push_back(text.data());
    list.push_back(nullptr);
    return list;
}

std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& additions) {
    std::map<std::string, std::string, std::less<>> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const auto equals = text.find('=');
        if (equals != std::string_view::npos) all.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    for (const auto& [name, value] : additions) all.insert_or_assign(name, value);
    std::vector<std::string> texts;
    for (const auto& [name, value] : all) texts.push_back(name + '=' + value);
    return texts;
}

[[noreturn]] void become(const Prepared& child) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != child.parent) ::_exit(127);  // the parent went before the line above took effect
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    if (child.output >= 0) {
        ::dup2(child.output, STDOUT_FILENO);
        ::dup2(child.output, STDERR_FILENO);
    }
    ::execvpe(child.arguments[0], child.arguments.data(), child.environment.data());
    const int number = errno;
    (void)!::write(child.report, &number, sizeof number);
    ::_exit(127);
}

struct Descriptor {
    int number = -1;
    explicit Descriptor(int n) : number(n) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close(); }
    void close() {
        if (number >= 0) ::close(number);
        number = -1;
    }
};

std::unexpected<Error> not_started(const ProcessSettings& settings, int number) {
    const std::string program = settings.arguments.empty() ? "(no program)" : settings.arguments[0];
    return fail(faults::process_not_started, std::format("{}: {}", program, std::strerror(number)));
}

Exit exit_of(const siginfo_t& info) {
    if (info.si_code == CLD_EXITED) return {.code = info.si_status, .signal = 0};
    return {.code = 0, .signal = info.si_status};
}

}  // namespace

std::string Exit::str() const {
    if (signal != 0) return std::format("signal {} ({})", signal, ::strsignal(signal));
    return std::format("exit code {}", code);
}

struct Process::Child {
    pid_t id;
    asio::posix::stream_descriptor ended;  // a pidfd: readable once the child is gone
    std::optional<Exit> exit;

    Child(Loop& loop, pid_t child, int pidfd) : id(child), ended(loop.context(), pidfd) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (exit) return;
        ::kill(id, SIGKILL);
        reap(0);
    }

    bool reap(int options) {
        siginfo_t info{};
        while (!exit && ::waitid(P_PID, static_cast<id_t>(id), &info, WEXITED | options) == 0 && info.si_pid == id)
            exit = exit_of(info);
        return exit.has_value();
    }
};

Process::Process(std::unique_ptr<Child> child) : child_(std::move(child)) {}
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&&) noexcept = default;
Process::~Process() = default;

Result<Process> Process::start(Loop& loop, const ProcessSettings& settings) {
    if (settings.arguments.empty()) return not_started(settings, EINVAL);
    auto arguments = settings.arguments;
    auto environment = environment_with(settings.environment);
    Descriptor output(
        settings.output ? ::open(settings.output->c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640) : -1);
    if (settings.output && output.number < 0) return not_started(settings, errno);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return not_started(settings, errno);
    Descriptor reading(ends[0]), writing(ends[1]);

    const Prepared prepared{.arguments = pointers_to(arguments),
                            .environment = pointers_to(environment),
                            .output = output.number,
                            .report = writing.number,
                            .parent = ::getpid()};
    const pid_t id = ::fork();
    if (id < 0) return not_started(settings, errno);
    if (id == 0) become(prepared);
    writing.close();

    int number = 0;
    ssize_t got = 0;
    do got = ::read(reading.number, &number, sizeof number);
    while (got < 0 && errno == EINTR);
    const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, id, 0));
    if (got > 0 || pidfd < 0) {
        if (got <= 0) number = errno;
        ::kill(id, SIGKILL);
        ::waitpid(id, nullptr, 0);
        if (pidfd >= 0) ::close(pidfd);
        return not_started(settings, number);
    }
    return Process(std::make_unique<Child>(loop, id, pidfd));
}

pid_t Process::id() const { return child_->id; }

bool Process::running() const { return !child_->reap(WNOHANG); }

Task<Exit> Process::wait() {
    while (!child_->reap(WNOHANG)) {
        co_await child_->ended.async_wait(asio::posix::descriptor_base::wait_read, asio::use_awaitable);
    }
    co_return *child_->exit;
}

Task<Exit> Process::terminate(std::chrono::milliseconds grace) {
    if (!running()) co_return *child_->exit;
    ::kill(child_->id, SIGTERM);
    auto ended = co_await with_deadline(grace, "the end of a child", wait());
    if (ended) co_return ended;
    ::kill(child_->id, SIGKILL);
    co_return co_await wait();
}

}  // namespace pitstop::io
