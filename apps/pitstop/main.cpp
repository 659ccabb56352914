#include "apps/pitstop/commands.h"

#include <chrono>
#include <iostream>

int main(int count, char** arguments) {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    const pitstop::UtcTime now{std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count()};
    return pitstop::cli::run_pitstop({arguments, static_cast<std::size_t>(count)}, now, std::cout, std::cerr);
}
