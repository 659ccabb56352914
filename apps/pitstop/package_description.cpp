#include "apps/pitstop/package_description.h"

#include "core/base/ids.h"
#include "core/package/enclosure.h"
#include "io/config/section.h"

#include <algorithm>
#include <charconv>
#include <format>

namespace pitstop::cli {
namespace {

using io::config::Section;

// "release-counter" is release_counter here, as every key of a configuration.
std::string key_of(std::string_view word) {
    std::string key(word);
    std::ranges::replace(key, '-', '_');
    return key;
}

bool is_path(std::string_view word) { return word == "binary" || word == "sbom"; }

Result<Whom> whom_in(const Section& section) {
    TRY(const std::string text, section.text("for"));
    if (text == "VMG") return Whom{Whom::gateway};
    if (text == "ZGW") return Whom{Whom::every_zone};
    constexpr std::string_view zone = "ZONE_";
    if (text.starts_with(zone)) {
        std::uint32_t number = 0;
        const char* const end = text.data() + text.size();
        const auto [stop, problem] = std::from_chars(text.data() + zone.size(), end, number);
        if (problem == std::errc{} && stop == end && number >= 1 && number <= package::zones_max)
            return Whom{Whom::zone, number};
    }
    const auto ecu = EcuId::parse(text);
    if (!ecu) return section.out_of_range("for", std::format("'{:.40}' is none of: VMG, ZGW, ZONE_n, ECU_nnn", text));
    return Whom{Whom::ecu, ecu->number()};
}

// Relative to the description's folder, each of them.
Result<std::string> seal_keys_in(const Section& section, const std::filesystem::path& folder) {
    TRY(const auto entries, section.texts("seal_to"));
    std::string joined;
    for (const std::string& entry : entries) {
        const auto equals = entry.find('=');
        const std::size_t at = equals == entry.npos ? 0 : equals + 1;
        if (at == entry.size()) return section.out_of_range("seal_to", "a file is missing");
        if (!joined.empty()) joined += ',';
        joined += entry.substr(0, at) + (folder / entry.substr(at)).string();
    }
    return joined;
}

Result<Written> image_in(const Section& section, const std::filesystem::path& folder) {
    TRY(const Whom whom, whom_in(section));
    Written written{whom, {}, [section](std::string_view word, std::string_view why) {
                        return section.out_of_range(key_of(word), why);
                    }};
    const std::vector<std::string> keys = section.keys();
    for (const std::string_view word : order_words) {
        const std::string key = key_of(word);
        if (!std::ranges::contains(keys, key)) continue;
        if (!section.has(key)) return section.out_of_range(key, "it is empty: leave the key away, or say what it is");
        std::string value;
        if (word == "seal-to") {
            TRY(value, seal_keys_in(section, folder));
        } else if (is_path(word)) {
            TRY(const auto path, section.path(key));
            value = path.string();
        } else {
            TRY(value, section.text(key));
        }
        if (value.empty()) return section.out_of_range(key, "it is empty: leave the key away, or say what it is");
        written.values.emplace(word, std::move(value));
    }
    return written;
}

}  // namespace

Result<PackageDescription> read_package_description(const std::filesystem::path& file) {
    TRY(const auto root, Section::from_file(file));
    PackageDescription description;
    if (root.has("campaign_id")) {
        TRY(description.campaign, root.text("campaign_id"));
    }
    TRY(description.vehicle, root.path_if_there("vehicle"));
    TRY(description.release_notes, root.path_if_there("release_notes"));
    TRY(description.sbom, root.path_if_there("sbom"));
    if (root.has("compress")) {
        TRY(description.compress, root.yes_or_no("compress"));
    }
    TRY(const auto images, root.list("images"));
    for (const Section& section : images) {
        TRY(Written written, image_in(section, file.parent_path()));
        if (std::ranges::contains(description.images, written.whom, &Written::whom))
            return section.out_of_range("for", "it stands here twice");
        description.images.push_back(std::move(written));
    }
    ENSURE(root.finish());
    return description;
}

}  // namespace pitstop::cli
