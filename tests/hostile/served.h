// What a hostile network shows to one car in one step, and what the car knows about itself.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pitstop::hostile {

enum class Kind : std::uint8_t {
    file,
    endless,  // the bytes, and then more than anybody asked for
    broken,   // a server's error, a time-out, a closed connection
};

struct Answer {
    Kind kind = Kind::file;
    std::string bytes;
};

// By name. What is not here the server says not to have.
using Shelf = std::map<std::string, Answer>;

enum Side : std::uint8_t { director, image };

struct Served {
    std::array<Shelf, 2> metadata;  // by Side
    Shelf images;
};

struct Ecu {
    std::string id, hardware;
    std::uint64_t release_counter = 0;  // of what is installed
};

struct Car {
    std::string vin;
    std::vector<Ecu> ecus;
    std::string now;  // as in metadata
};

// One image that may be installed.
struct Image {
    std::string ecu, name;
    std::uint64_t length = 0;
    std::string sha256, sha512;  // lower-case hex
    std::uint64_t release_counter = 0;
    auto operator<=>(const Image&) const = default;
};

// What is trusted of one repository, as received.
struct Known {
    std::string root, timestamp, snapshot, targets;  // empty: nothing
    std::map<std::string, std::string> delegated;
    auto operator<=>(const Known&) const = default;
};

struct Verdict {
    bool accepted = false;
    std::string why;            // not, and by which clause
    std::vector<Image> images;  // in the order of ECU ids
};

inline constexpr std::size_t roots_per_cycle_max = 6;  // few, so that a chain without end is quickly made

}  // namespace pitstop::hostile
