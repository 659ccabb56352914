// A configuration file, read by typed questions: what nobody asks for, and what is not as asked, is an error with its
// place.
//
//     TRY(auto root, Section::from_file("config/server.yaml"));
//     TRY(auto port, root.number("port", {1, 65535}, 8443));   // with a default: the key may be absent
//     TRY(auto host, root.text("host"));                       // without: config.missing-key
//     TRY(auto tls, root.section("tls"));
//     TRY(auto ecus, root.list("ecus"));                       // each entry is a Section
//     ENSURE(root.finish());                                   // config.unknown-key, here and in every section taken
//     from it
//
// Every error says file:line:column and what was expected. A key without a value (`key:`) counts as absent where a
// default is given, and is wrong otherwise. Numbers may be written as 8443, 0x20FB or 8_443.
#pragma once

#include "core/base/result.h"
#include "io/config/faults.h"

#include <cstdint>
#include <filesystem>
#include <format>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pitstop::io::config {

inline constexpr std::size_t file_bytes_max = 1 << 20;  // a vehicle with a hundred ECUs needs 30 KiB

struct Limits {
    std::int64_t min, max;
};

template <class Enum>
using Choices = std::initializer_list<std::pair<std::string_view, Enum>>;

class Section {
public:
    static Result<Section> from_file(const std::filesystem::path& file);
    static Result<Section> from_text(std::string_view yaml, std::filesystem::path name);

    [[nodiscard]] bool has(std::string_view key) const;

    [[nodiscard]] Result<std::string> text(std::string_view key) const;
    [[nodiscard]] Result<std::string> text(std::string_view key, std::string_view absent) const;
    [[nodiscard]] Result<std::int64_t> number(std::string_view key, Limits limits) const;
    [[nodiscard]] Result<std::int64_t> number(std::string_view key, Limits limits, std::int64_t absent) const;
    [[nodiscard]] Result<double> real(std::string_view key, double min, double max) const;
    [[nodiscard]] Result<double> real(std::string_view key, double min, double max, double absent) const;
    [[nodiscard]] Result<bool> yes_or_no(std::string_view key) const;  // true, false, yes, no, on, off
    [[nodiscard]] Result<bool> yes_or_no(std::string_view key, bool absent) const;
    // A relative path starts at the folder of the configuration file.
    [[nodiscard]] Result<std::filesystem::path> path(std::string_view key) const;
    [[nodiscard]] Result<std::optional<std::filesystem::path>> path_if_there(std::string_view key) const;

    [[nodiscard]] Result<std::vector<std::string>> texts(std::string_view key) const;  // a list; absent: empty
    [[nodiscard]] Result<Section> section(std::string_view key) const;
    [[nodiscard]] Result<std::optional<Section>> section_if_there(std::string_view key) const;
    [[nodiscard]] Result<std::vector<Section>> list(std::string_view key) const;  // of sections; absent: empty
    [[nodiscard]] std::vector<std::string> keys()
        const;  // for sections whose keys are names; each still has to be asked for

    // A text that a parsed type accepts: id<Vin>("vin"). Its refusal becomes config.out-of-range with the place.
    template <class Id>
    [[nodiscard]] Result<Id> id(std::string_view key) const {
        TRY(auto written, text(key));
        auto parsed = Id::parse(written);
        if (!parsed) return out_of_range(key, parsed.error().str());
        return *std::move(parsed);
    }

    // One of a few words: choice<Format>("format", {{"text", Format::text}, {"json", Format::json}}, "text").
    template <class Enum>
    [[nodiscard]] Result<Enum> choice(std::string_view key, Choices<Enum> choices, std::string_view absent) const {
        TRY(auto written, text(key, absent));
        std::string allowed;
        for (const auto& [word, value] : choices) {
            if (word == written) return value;
            allowed += std::format("{}{}", allowed.empty() ? "" : ", ", word);
        }
        return out_of_range(key, std::format("'{}' is none of: {}", written, allowed));
    }

    // config.out-of-range at this key's place, for checks that only the caller can make.
    [[nodiscard]] std::unexpected<Error> out_of_range(std::string_view key, std::string_view why) const;

    [[nodiscard]] Result<void> finish() const;

private:
    struct Node;
    explicit Section(std::shared_ptr<Node> node) : node_(std::move(node)) {}
    std::shared_ptr<Node> node_;  // shared: finish() on the parent also judges what its sections were asked
};

}  // namespace pitstop::io::config
