// The words with which a program is told which part of which car it is: --vehicle, --zone, --folder, --network.
#pragma once

#include "io/vehicle/vehicle_file.h"

#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace pitstop::io {

struct CarOptions {
    std::string file;  // empty: the program has a configuration of its own
    std::string zone;
    std::string folder = ".";
    unsigned network = 0;

    [[nodiscard]] CarPlace place() const;
};

// `options` must live as long as the parser. Gives back --vehicle, so that a program can exclude it from others.
CLI::Option* add_car_options(CLI::App& app, CarOptions& options);

}  // namespace pitstop::io
