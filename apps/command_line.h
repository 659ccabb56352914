// How each program but `pitstop` reads its command line. Exit codes, of that one too: 0 done, 1 refused or failed, 2
// not understood.
#pragma once

#include <CLI/CLI.hpp>

#include <optional>

namespace pitstop {

inline constexpr int not_understood = 2;

// With what main ends at once: 0 after --help, or not_understood. Nothing: there is work to do.
inline std::optional<int> ends_after_parsing(CLI::App& app, int count, char** arguments) {
    try {
        app.parse(count, arguments);
    } catch (const CLI::ParseError& said) {
        return app.exit(said) == 0 ? 0 : not_understood;
    }
    return std::nullopt;
}

}  // namespace pitstop
