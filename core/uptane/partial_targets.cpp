#include "core/uptane/partial_targets.h"

#include "core/base/faults.h"
#include "core/uptane/faults.h"
#include "core/uptane/partial_text.h"

#include <limits>

namespace pitstop::uptane {
namespace {

using json_text::Kind;
using json_text::Members;
using json_text::String;
using json_text::Value;

constexpr std::uint64_t u32_limit = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t hardware_ids_of_an_image_max = 64;  // hardware_ids_max of roles.h

Result<void> check_hardware(const Value& custom, const HardwareId& ours) {
    TRY(const Value list, json_text::array(custom, "hardwareIds"));
    const std::size_t count = json_text::count(list);
    if (count == 0 || count > hardware_ids_of_an_image_max) return fail(faults::bad_member, "'hardwareIds'");
    bool is_listed = false;
    for (json_text::Items items(list); items.next();) {
        const auto id = json_text::as_string(items.value());
        if (!id) return fail(faults::bad_member, "'hardwareIds' must be texts");
        is_listed = is_listed || id->is(ours.view());
    }
    if (!is_listed) return fail(faults::wrong_hardware, ours.view());
    return {};
}

// Both must be there: the one that this ECU cannot check keeps the others honest.
Result<Sha256Digest> read_hashes(const Value& target) {
    TRY(const Value hashes, json_text::object(target, "hashes"));
    for (Members members(hashes); members.next();)
        if (!members.name().is("sha256") && !members.name().is("sha512"))
            return fail(faults::bad_member, "a digest that cannot be checked");
    Sha256Digest sha256{};
    Sha512Digest sha512{};
    TRY(const String first, json_text::string(hashes, "sha256"));
    TRY(const String second, json_text::string(hashes, "sha512"));
    if (!read_exact_hex(first, sha256)) return fail(pitstop::faults::not_hex, "sha256");
    if (!read_exact_hex(second, sha512)) return fail(pitstop::faults::not_hex, "sha512");
    return sha256;
}

Result<ApprovedImage> read_image(const Value& target, const Value& custom, const EcuIdentity& who) {
    ApprovedImage image{.hardware = who.hardware};
    TRY(const std::uint64_t length, json_text::number(target, "length", u32_limit));
    if (length == 0) return fail(faults::bad_member, "'length' of an image is 0");
    image.size_bytes = static_cast<std::uint32_t>(length);
    TRY(image.sha256, read_hashes(target));
    ENSURE(check_hardware(custom, who.hardware));
    TRY(const String version, json_text::string(custom, "version"));
    const auto read = read_software_version(version);
    if (!read) return fail(pitstop::faults::bad_version, "version");
    image.version = *read;
    TRY(const std::uint64_t counter, json_text::number(custom, "releaseCounter", u32_limit));
    image.release_counter = static_cast<std::uint32_t>(counter);
    if (image.release_counter < who.release_counter) return fail(faults::release_counter_back);
    return image;
}

}  // namespace

Result<std::optional<ApprovedImage>> read_own_target(const Value& body, const EcuIdentity& who) {
    TRY(const String vin, json_text::string(body, "vin"));
    if (!vin.is(who.vin.view())) return fail(faults::wrong_vin, who.vin.view());
    const auto delegations = json_text::find(body, "delegations");
    if (delegations && delegations->kind() != Kind::null)
        return fail(faults::bad_member, "the Director's Targets must not have 'delegations'");
    TRY(const Value targets, json_text::object(body, "targets"));
    std::optional<ApprovedImage> own;
    for (Members members(targets); members.next();) {
        const Value target = members.value();
        if (target.kind() != Kind::object) return fail(pitstop::faults::wrong_type, "a target");
        TRY(const Value custom, json_text::object(target, "custom"));
        TRY(const String id, json_text::string(custom, "ecuIdentifier"));
        const auto ecu = read_ecu_number(id);
        if (!ecu) return fail(pitstop::faults::bad_ecu_id, "ecuIdentifier");
        if (*ecu != who.ecu.number()) continue;
        if (own) return fail(faults::duplicate_ecu, "two images for this ECU");
        TRY(own, read_image(target, custom, who));
    }
    return own;
}

}  // namespace pitstop::uptane
