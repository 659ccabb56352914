#include "fuzz/seeds.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace pitstop::fuzz {
namespace {

[[noreturn]] void stop(const std::filesystem::path& file, const char* why) {
    std::fprintf(stderr, "fuzz: %s: %s\n", file.c_str(), why);
    std::exit(2);
}

Bytes from_dump(const std::filesystem::path& file, std::string_view dump) {
    std::string digits;
    bool in_comment = false;
    for (const char c : dump) {
        if (c == '#' || c == '\n') in_comment = c == '#';
        if (!in_comment && c != ' ' && c != '\n' && c != '\t' && c != '\r') digits += c;
    }
    auto bytes = from_hex(digits);
    if (!bytes) stop(file, "is not hexadecimal");
    return *std::move(bytes);
}

Seed read_seed(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in) stop(file, "cannot be read");
    if (file.extension() == ".hex") return {file.filename().string(), from_dump(file, text)};
    std::string_view input = text;
    if (input.ends_with('\n')) input.remove_suffix(1);
    return {file.filename().string(), Bytes(input.begin(), input.end())};
}

}  // namespace

std::vector<Seed> read_seeds(const std::vector<std::filesystem::path>& places) {
    std::vector<std::filesystem::path> files;
    for (const auto& place : places) {
        if (!std::filesystem::is_directory(place)) {
            files.push_back(place);
            continue;
        }
        for (const auto& entry : std::filesystem::directory_iterator(place)) files.push_back(entry.path());
    }
    std::ranges::sort(files);
    std::vector<Seed> seeds;
    for (const auto& file : files) seeds.push_back(read_seed(file));
    return seeds;
}

}  // namespace pitstop::fuzz
