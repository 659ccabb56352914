#include "core/uptane/director_text.h"

#include "core/uptane/faults.h"

#include <algorithm>
#include <bitset>
#include <charconv>
#include <format>
#include <map>
#include <numeric>

namespace pitstop::uptane {
namespace {

// A vehicle that is replaced in every text: only the places of its members are looked at.
Result<json::Object> anybody(std::span<const NamedTarget> images, UtcTime expires) {
    TRY(const Vin vin, Vin::parse("ANYBODY"));
    TRY(const Targets targets, direct(vin, images, {1, expires}));
    return to_json(targets);
}

Result<std::string> rendered(const json::Value& value) {
    TRY(std::string text, json::canonical(value));
    // Otherwise the canonical form is not what stands on the wire.
    if (std::ranges::any_of(text, [](char c) { return c < 0x20 || c > 0x7E || c == '\\'; }))
        return fail(faults::not_printable, std::format("{:.200}", text));
    return text;
}

}  // namespace

Result<DirectorText> DirectorText::make(std::span<const NamedTarget> images, UtcTime expires) {
    DirectorText made;
    TRY(const json::Object frame, anybody({}, expires));
    std::map<std::string_view, const json::Value*> members;  // sorted by bytes
    for (const auto& member : frame) members.emplace(member.key(), &member.value());
    std::string* part = &made.before_targets_;
    for (const auto& [name, value] : members) {
        *part += std::format("{}\"{}\":", part->empty() && part == &made.before_targets_ ? '{' : ',', name);
        if (name == "targets") {
            part = &made.before_version_;
        } else if (name == "version") {
            part = &made.before_vin_;
        } else if (name == "vin") {
            *part += '"';
            part = &made.end_;
            *part += '"';
        } else {
            TRY(const std::string text, rendered(*value));
            *part += text;
        }
    }
    made.end_ += '}';

    for (const NamedTarget& image : images) {
        TRY(const json::Object alone, anybody({&image, 1}, expires));
        TRY(const std::string text, rendered(alone.at("targets")));
        made.images_.push_back({text.substr(1, text.size() - 2), 0, 0, image.info.ecu->number()});
    }
    made.by_rank_.resize(images.size());
    std::iota(made.by_rank_.begin(), made.by_rank_.end(), 0U);
    std::ranges::sort(made.by_rank_, {}, [&](std::uint32_t place) { return images[place].name; });
    for (std::uint32_t rank = 0, name = 0; rank < made.by_rank_.size(); ++rank) {
        const std::uint32_t place = made.by_rank_[rank];
        if (rank > 0 && images[place].name != images[made.by_rank_[rank - 1]].name) ++name;
        made.images_[place].rank = rank;
        made.images_[place].name = name;
    }
    return made;
}

Result<void> DirectorText::write(const Vin& vin, std::uint32_t version, std::span<const std::uint32_t> assigned,
                                 std::string& text) const {
    std::array<std::uint32_t, images_per_vehicle_max> ranks;
    std::bitset<images_per_vehicle_max + 1> ecus;
    if (assigned.size() > ranks.size())
        return fail(faults::bad_member, std::format("{} images for one vehicle", assigned.size()));
    for (std::size_t i = 0; i < assigned.size(); ++i) {
        if (assigned[i] >= images_.size()) return fail(faults::bad_member, std::format("no image {}", assigned[i]));
        const Image& image = images_[assigned[i]];
        if (ecus.test(image.ecu)) return fail(faults::duplicate_ecu, std::format("ECU_{:03}", image.ecu));
        ecus.set(image.ecu);
        ranks[i] = image.rank;
    }
    std::sort(ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(assigned.size()));

    std::array<char, 10> digits;
    const auto number = std::to_chars(digits.data(), digits.data() + digits.size(), version);
    text.clear();
    text.append(before_targets_).push_back('{');
    for (std::size_t i = 0; i < assigned.size(); ++i) {
        const Image& image = images_[by_rank_[ranks[i]]];
        if (i > 0 && image.name == images_[by_rank_[ranks[i - 1]]].name)
            return fail(faults::bad_member, std::format("ECU_{:03} gets an image that another gets too", image.ecu));
        if (i > 0) text.push_back(',');
        text.append(image.member);
    }
    text.append("}").append(before_version_).append(digits.data(), number.ptr);
    text.append(before_vin_).append(vin.view()).append(end_);
    return {};
}

}  // namespace pitstop::uptane
