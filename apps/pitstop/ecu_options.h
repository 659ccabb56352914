// The free-form options of `package build`: --ecu-011-binary FILE, --ecu-011-version 1.2.0, … in any order; the same
// for
// --vmg-… (the master gateway), --zgw-… (the gateways of all zones) and --zone-3-… (the gateway of one).
//
// Bring the words that the command line did not know; get what was written for each, in the order of first mention.
// image_order.h says what the words mean. Fault: cli.bad-ecu-option.
#pragma once

#include "apps/pitstop/image_order.h"

#include <span>
#include <string>
#include <vector>

namespace pitstop::cli {

[[nodiscard]] Result<std::vector<Written>> written_in_options(std::span<const std::string> words);

}  // namespace pitstop::cli
