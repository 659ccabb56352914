// The seeds of one harness: files that people can read. `*.hex` holds hexadecimal digits with white space and comments
// from '#' to the end of the line; every other file is the input itself, without the line end that editors add.
#pragma once

#include "core/base/bytes.h"

#include <filesystem>
#include <string>
#include <vector>

namespace pitstop::fuzz {

struct Seed {
    std::string name;  // of the file
    Bytes bytes;
};

// Of every file named, and of every file in the folders named, in the order of their names. Ends the program with a
// sentence where one cannot be read.
[[nodiscard]] std::vector<Seed> read_seeds(const std::vector<std::filesystem::path>& places);

}  // namespace pitstop::fuzz
