#include "io/vehicle/car_options.h"

#include <CLI/CLI.hpp>

namespace pitstop::io {

CarPlace CarOptions::place() const {
    return {std::filesystem::absolute(folder).lexically_normal(), static_cast<std::uint8_t>(network)};
}

CLI::Option* add_car_options(CLI::App& app, CarOptions& options) {
    CLI::Option* const file = app.add_option("--vehicle", options.file,
                                             "instead: a part of this car, as config/vehicle-100.yaml describes it")
                                  ->check(CLI::ExistingFile);
    app.add_option("--zone", options.zone, "which part: all of this zone")->needs(file);
    app.add_option("--folder", options.folder, "where the parts of the running car find their sockets, flash, keys (.)")
        ->needs(file)
        ->check(CLI::ExistingDirectory);
    app.add_option("--network", options.network, "the car's addresses are 127.0.N.x (0)")
        ->needs(file)
        ->check(CLI::Range(0U, 254U));
    return file;
}

}  // namespace pitstop::io
