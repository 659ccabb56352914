// How each program but `pitstop` reads its command line.
#pragma once

#include "apps/exit_code.h"

#include <CLI/CLI.hpp>

#include <optional>

namespace pitstop {

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
