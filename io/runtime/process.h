// A child program that never outlives us: the kernel kills it when the thread that started it ends.
//
// Bring a Loop, and start it from a thread that lives as long as the child should (prctl(2), PR_SET_PDEATHSIG). The
// child gets a process group of its own, so a Ctrl-C in the terminal reaches it only through us and the order of
// stopping is ours.
#pragma once

#include "io/runtime/loop.h"

#include <sys/types.h>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pitstop::io {

struct ProcessSettings {
    std::vector<std::string> arguments;                            // the program first; looked up in PATH
    std::vector<std::pair<std::string, std::string>> environment;  // added to ours, replacing equal names
    std::optional<std::filesystem::path> output;  // stdout and stderr are appended here; otherwise inherited
};

// How a program ended: by its own exit code, or by a signal.
struct Exit {
    int code = 0;
    int signal = 0;  // 0: it ended by itself

    [[nodiscard]] bool ok() const { return code == 0 && signal == 0; }
    [[nodiscard]] std::string str() const;  // "exit code 1", "signal 9"
};

class Process {
public:
    // io.process-not-started when the program is not there or may not be run.
    static Result<Process> start(Loop& loop, const ProcessSettings& settings);

    Process(Process&&) noexcept;
    Process& operator=(Process&&) noexcept;
    ~Process();  // kills at once what still runs

    [[nodiscard]] pid_t id() const;
    [[nodiscard]] bool running() const;

    [[nodiscard]] Task<Exit> wait();                                      // may be asked again after the end
    [[nodiscard]] Task<Exit> terminate(std::chrono::milliseconds grace);  // SIGTERM, after the grace SIGKILL

private:
    struct Child;
    explicit Process(std::unique_ptr<Child> child);
    std::unique_ptr<Child> child_;
};

}  // namespace pitstop::io
