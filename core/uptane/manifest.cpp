#include "core/uptane/manifest.h"

#include "core/uptane/faults.h"

#include <algorithm>
#include <format>
#include <limits>

namespace pitstop::uptane {
namespace {

constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();

Result<InstalledImage> read_installed(const json::Object& from) {
    InstalledImage image;
    TRY(image.version, json::id<Version>(from, "version"));
    TRY(const std::uint64_t release_counter, json::number(from, "release_counter", most));
    image.release_counter = static_cast<std::uint32_t>(release_counter);
    TRY(image.length_bytes, json::number(from, "length", counter_max));
    TRY(image.sha256, json::sha256(from, "sha256"));
    return image;
}

bool is_printable(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c <= 0x7E; });
}

bool is_primary_name(std::string_view text) { return check_name(text, "primary").has_value(); }

}  // namespace

Result<VersionReport> read_version_report(const json::Object& body) {
    TRY(const Vin vin, json::id<Vin>(body, "vin"));
    TRY(const EcuId ecu, json::id<EcuId>(body, "ecu_id"));
    TRY(const HardwareId hardware, json::id<HardwareId>(body, "hardware_id"));
    VersionReport report{.vin = vin, .ecu = ecu, .hardware = hardware};
    TRY(report.counter, json::number(body, "counter", counter_max));
    TRY(report.time, json::time(body, "time"));
    if (report.time < UtcTime{})
        return fail(faults::bad_member, "'time' of a report is before 1970");  // none is written
    TRY(const std::string nonce, json::string(body, "nonce"));
    TRY(report.nonce, nonce_from_hex(nonce));
    TRY(const json::Object* installed, json::object(body, "installed"));
    TRY(report.installed, read_installed(*installed));
    TRY(report.previous_attack, read_attack_code(body));
    TRY(const std::uint64_t attacks, json::number(body, "attacks", most));
    report.attacks = static_cast<std::uint32_t>(attacks);
    return report;
}

Result<Bytes> sign_version_report(const VersionReport& report, std::span<crypto::Signer* const> signers) {
    Bytes text_room(version_report_bytes_max), room(packed_report_bytes_max);
    TRY(const std::string_view text, write_version_report(report, text_room));
    std::vector<Bytes> values;
    for (crypto::Signer* signer : signers) {
        TRY(Bytes value, signer->sign(signed_message(signer->public_key().type(), text)));
        values.push_back(std::move(value));
    }
    std::vector<ReportSignature> signatures;
    for (std::size_t i = 0; i < values.size(); ++i) {
        TRY(const Sha256Digest keyid, sha256_from_hex(signers[i]->public_key().key_id()));
        signatures.push_back({keyid, values[i]});
    }
    TRY(const View packed, pack_report(text, signatures, room));
    return Bytes(packed.begin(), packed.end());
}

Result<json::Value> unpack_report(View packed) {
    const auto take = [&packed](std::size_t size) -> Result<View> {
        if (size > packed.size()) return fail(faults::bad_member, "a version report ends early");
        const View taken = packed.first(size);
        packed = packed.subspan(size);
        return taken;
    };
    const auto take_sized = [&take]() -> Result<View> {
        TRY(const View size, take(2));
        return take(load_be<std::uint16_t>(size.data()));
    };
    TRY(const View text, take_sized());
    TRY(json::Value body, json::parse(text, version_report_bytes_max));
    json::Array signatures;
    while (!packed.empty() && signatures.size() < report_signatures_max) {
        TRY(const View keyid, take(Sha256Digest{}.size()));
        TRY(const View value, take_sized());
        signatures.push_back(json::Object{{"keyid", to_hex(keyid)}, {"sig", to_hex(value)}});
    }
    if (!packed.empty()) return fail(faults::bad_member, "a version report is longer than it says");
    return json::Object{{"signatures", std::move(signatures)}, {"signed", std::move(body)}};
}

Result<void> Manifest::add_report(EcuId ecu, View packed) {
    const auto readable = [&]() -> Result<json::Value> {
        TRY(json::Value document, unpack_report(packed));
        TRY(const json::Object* object, json::as_object(document, "a version report"));
        ENSURE(open_signed(*object, report_type, report_signatures_max).transform([](const auto&) {}));
        TRY(const std::string canonical, json::canonical(document));
        if (!is_printable(canonical)) return fail(faults::bad_member, "not printable ASCII, which nobody may sign");
        return document;
    }();
    if (!readable) {
        missing.insert(ecu);
        return fail(readable.error());
    }
    missing.erase(ecu);
    reports[ecu] = *readable;
    return {};
}

json::Object to_json(const Manifest& manifest) {
    json::Object reports;
    for (const auto& [ecu, report] : manifest.reports) reports[ecu.str()] = report;
    json::Array missing;
    for (const EcuId ecu : manifest.missing) missing.emplace_back(ecu.str());
    json::Object object = write_kind(manifest_type);
    object["vin"] = manifest.vin.view();
    object["counter"] = manifest.counter;
    object["time"] = manifest.time.str();
    object["primary"] = manifest.primary;
    object["previous_attack"] = manifest.previous_attack.view();
    object["attacks"] = manifest.attacks;
    object["reports"] = std::move(reports);
    object["missing"] = std::move(missing);
    return object;
}

Result<Manifest> read_manifest(const json::Object& body) {
    TRY(const Vin vin, json::id<Vin>(body, "vin"));
    Manifest manifest{.vin = vin, .reports = {}, .missing = {}};
    TRY(manifest.counter, json::number(body, "counter", counter_max));
    TRY(manifest.time, json::time(body, "time"));
    TRY(manifest.primary, json::string(body, "primary"));
    if (!is_primary_name(manifest.primary)) return fail(faults::bad_member, "'primary' is no name");
    TRY(manifest.previous_attack, read_attack_code(body));
    TRY(const std::uint64_t attacks, json::number(body, "attacks", most));
    manifest.attacks = static_cast<std::uint32_t>(attacks);
    TRY(const json::Object* reports, json::object(body, "reports"));
    TRY(const json::Array* missing, json::array(body, "missing"));
    if (reports->size() + missing->size() > manifest_reports_max)
        return fail(faults::too_many_reports, std::format("{} reports, {} missing, allowed are {}", reports->size(),
                                                          missing->size(), manifest_reports_max));
    for (const auto& member : *reports) {
        TRY(const EcuId ecu, EcuId::parse(member.key()));
        manifest.reports.emplace(ecu, member.value());
    }
    for (const json::Value& value : *missing) {
        TRY(const EcuId ecu, EcuId::parse(value.is_string() ? std::string_view(value.get_string()) : ""));
        if (manifest.reports.contains(ecu) || !manifest.missing.insert(ecu).second)
            return fail(faults::bad_member, std::format("'missing' names {} twice, or although it reports", ecu.str()));
    }
    return manifest;
}

}  // namespace pitstop::uptane
