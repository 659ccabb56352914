#include "apps/pitstop/image_order.h"

#include "core/package/faults.h"
#include "core/package/record_entry.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <limits>

namespace pitstop::cli {
namespace {

using package::Addressee;

constexpr std::uint16_t version_number_max = 255;  // one byte of a record's header each

std::string_view value_of(const Written& from, std::string_view word) {
    const auto found = from.values.find(word);
    return found == from.values.end() ? std::string_view() : std::string_view(found->second);
}

// A word that a parsed type accepts; its refusal names the place.
template <class Id>
Result<Id> parsed(const Written& from, std::string_view word, std::string_view text) {
    auto made = Id::parse(text);
    if (!made) return from.refuse(word, made.error().str());
    return *std::move(made);
}

Result<std::uint32_t> release_counter_of(const Written& from, const Version& version) {
    for (const std::uint16_t number : {version.major, version.minor, version.patch, version.build})
        if (number > version_number_max) return fail(package::faults::version_too_large, version.str());
    const std::string_view text = value_of(from, "release-counter");
    if (text.empty())
        return std::uint32_t{version.major} << 24 | std::uint32_t{version.minor} << 16 |
               std::uint32_t{version.patch} << 8 | version.build;
    std::uint32_t counter = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, counter);
    if (problem != std::errc{} || stop != end)
        return from.refuse("release-counter", std::format("'{:.40}' is not a number of 32 bits", text));
    return counter;
}

Result<std::vector<VersionRange>> ranges_of(const Written& from, std::string_view word) {
    if (!from.values.contains(word)) return std::vector<VersionRange>{};
    auto ranges = version_ranges_from(value_of(from, word));
    if (!ranges)
        return from.refuse(word, std::format("'{:.80}'; write it as in ECU_012>=1.1.0<2.0.0", value_of(from, word)));
    return ranges;
}

Result<std::optional<image::Layout>> layout_of(const Written& from) {
    const std::string_view text = value_of(from, "layout");
    if (text.empty()) return std::nullopt;
    for (const image::Layout layout : {image::Layout::file, image::Layout::flat})
        if (text == to_string(layout)) return layout;
    return from.refuse("layout", std::format("'{:.40}' is neither file nor flat", text));
}

Result<std::vector<SealTo>> recipients_of(const Written& from, const Addressee& ecu) {
    std::vector<SealTo> recipients;
    std::string_view left = value_of(from, "seal-to");
    if (left.empty()) return recipients;
    if (!ecu.ecu()) return from.refuse("seal-to", "images are sealed for ECUs, and the gateway opens for none");
    while (true) {
        const auto comma = left.find(',');
        const std::string_view one = left.substr(0, comma);
        const auto equals = one.find('=');
        SealTo recipient{*ecu.ecu(), one.substr(equals == one.npos ? 0 : equals + 1)};
        if (equals != one.npos) {
            TRY(recipient.ecu, parsed<EcuId>(from, "seal-to", one.substr(0, equals)));
        }
        if (recipient.key.empty()) return from.refuse("seal-to", "a file is missing between the commas");
        recipients.push_back(std::move(recipient));
        if (comma == left.npos) return recipients;
        left.remove_prefix(comma + 1);
    }
}

Result<HardwareId> hardware_of(const Written& from, const Addressee& ecu, const ZonePlan& zones) {
    const std::string_view text = value_of(from, "hardware");
    if (!text.empty()) return parsed<HardwareId>(from, "hardware", text);
    if (const auto described = zones.hardware_of(ecu)) return *described;
    return HardwareId::parse(ecu.str());
}

Result<Openings> openings_of(const Written& from, const Addressee& ecu, const ZonePlan& zones) {
    const std::string_view text = value_of(from, "opens");
    if (!text.empty()) return parsed<Openings>(from, "opens", text);
    if (const auto described = zones.opens(ecu)) return *described;
    return Openings::parse(opens_usual);
}

Result<EcuOrder> order_for(const Addressee& ecu, const Written& from, const ZonePlan& zones) {
    for (const std::string_view word : {"binary", "version"})
        if (value_of(from, word).empty()) return from.refuse(word, "it is missing");
    TRY(const Version version, parsed<Version>(from, "version", value_of(from, "version")));
    TRY(const HardwareId hardware, hardware_of(from, ecu, zones));
    EcuOrder order{.ecu = ecu, .binary = value_of(from, "binary"), .version = version, .hardware = hardware};
    TRY(order.release_counter, release_counter_of(from, version));
    if (const std::string_view type = value_of(from, "type"); !type.empty()) {
        const auto known = package::software_type_from(type);
        if (!known) return from.refuse("type", std::format("'{:.40}' does not exist", type));
        order.type = *known;
    }
    TRY(order.constraints.dependencies, ranges_of(from, "requires"));
    TRY(order.constraints.conflicts, ranges_of(from, "conflicts"));
    if (const auto why = package::contradiction_in(order.constraints, ecu)) {
        const bool needs = order.constraints.conflicts.empty();
        return from.refuse(needs ? "requires" : "conflicts", *why);
    }
    TRY(order.layout, layout_of(from));
    TRY(order.opens, openings_of(from, ecu, zones));
    TRY(order.seal_to, recipients_of(from, ecu));
    order.sbom = value_of(from, "sbom");
    return order;
}

Result<std::vector<Addressee>> addressees_of(const Written& from, std::span<const Written> all, const ZonePlan& zones) {
    const auto& gateways = zones.gateways();
    const auto has_own_words = [&](std::uint32_t zone) {
        return std::ranges::any_of(all, [&](const Written& one) { return one.whom == Whom{Whom::zone, zone}; });
    };
    std::vector<Addressee> ecus;
    switch (from.whom.kind) {
        case Whom::gateway: ecus.push_back(Addressee::gateway()); break;
        case Whom::ecu: {
            TRY(const EcuId ecu, EcuId::from_number(from.whom.number));
            ecus.emplace_back(ecu);
            break;
        }
        case Whom::zone:
            if (from.whom.number < 1 || from.whom.number > gateways.size())
                return from.refuse("binary", std::format("the vehicle has {} zones", gateways.size()));
            ecus.emplace_back(gateways[from.whom.number - 1]);
            break;
        case Whom::every_zone:
            for (std::uint32_t zone = 1; zone <= gateways.size(); ++zone)
                if (!has_own_words(zone)) ecus.emplace_back(gateways[zone - 1]);
            break;
    }
    return ecus;
}

}  // namespace

Result<std::vector<EcuOrder>> orders_from(std::span<const Written> written, const ZonePlan& zones) {
    std::vector<EcuOrder> orders;
    for (const Written& one : written) {
        TRY(const std::vector<Addressee> ecus, addressees_of(one, written, zones));
        for (const Addressee& ecu : ecus) {
            if (std::ranges::contains(orders, ecu, &EcuOrder::ecu))
                return fail(package::faults::duplicate_ecu, ecu.str());
            TRY(EcuOrder order, order_for(ecu, one, zones));
            orders.push_back(std::move(order));
        }
    }
    return orders;
}

}  // namespace pitstop::cli
