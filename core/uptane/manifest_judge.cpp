#include "core/uptane/manifest_judge.h"

#include "core/crypto/digest.h"
#include "core/uptane/faults.h"

#include <algorithm>
#include <format>

namespace pitstop::uptane {
namespace {

// The same counter with the same text is a repetition, and costs its sender nothing.
Result<Verdict> compare(const std::optional<SenderState>& before, const SenderState& now, std::string_view sender) {
    if (!before || now.counter > before->counter) return Verdict::accepted;
    if (now.counter < before->counter)
        return fail(faults::counter_back,
                    std::format("{}: {} after {} was accepted", sender, now.counter, before->counter));
    if (now.sha256 != before->sha256) return fail(faults::counter_reused, std::format("{}: {}", sender, now.counter));
    return Verdict::repeated;
}

Result<void> check_not_ahead(UtcTime claimed, UtcTime now, std::string_view sender) {
    if (claimed > now + time_ahead_max)
        return fail(faults::time_ahead, std::format("{}: {}, here it is {}", sender, claimed.str(), now.str()));
    return {};
}

// A count that went down belongs to an ECU that began anew.
std::uint32_t new_attacks(const std::optional<SenderState>& before, std::uint32_t attacks) {
    if (!before || attacks < before->attacks) return attacks;
    return attacks - before->attacks;
}

struct BelievedReport {
    VersionReport report;
    SenderState state;
    Verdict verdict = Verdict::accepted;
};

std::optional<SenderState> state_of(const ReportHistory& history, EcuId ecu) {
    const auto found = history.ecus.find(ecu);
    return found == history.ecus.end() ? std::nullopt : std::optional(found->second);
}

Result<BelievedReport> judge_report(const json::Value& value, EcuId ecu, const KnownVehicle& known, UtcTime now) {
    const std::string sender = ecu.str();
    const auto keys = known.keys.ecus.find(ecu);
    if (keys == known.keys.ecus.end()) return fail(faults::unregistered, sender);
    TRY(const json::Object* object, json::as_object(value, "a version report"));
    TRY(const Envelope envelope, open_signed(*object, report_type, report_signatures_max));
    ENSURE(check_registered(envelope, keys->second, sender));
    TRY(const VersionReport report, read_version_report(envelope.body));
    const auto hardware = known.hardware.find(ecu);
    if (report.vin != known.vin || report.ecu != ecu ||
        (hardware != known.hardware.end() && hardware->second != report.hardware))
        return fail(faults::wrong_reporter, std::format("{}: speaks for {} {} {}", sender, report.vin.view(),
                                                        report.ecu.str(), report.hardware.view()));
    ENSURE(check_not_ahead(report.time, now, sender));
    const SenderState state{report.counter, crypto::sha256(view_of(envelope.canonical)), report.attacks};
    TRY(const Verdict verdict, compare(state_of(known.before, ecu), state, sender));
    return BelievedReport{report, state, verdict};
}

void judge_ecu(EcuId ecu, const Manifest& manifest, const KnownVehicle& known, UtcTime now, JudgedManifest& into) {
    const auto said = manifest.reports.find(ecu);
    if (said == manifest.reports.end()) return into.ecus.push_back({.ecu = ecu, .verdict = Verdict::missing});
    const auto believed = judge_report(said->second, ecu, known, now);
    if (!believed) return into.ecus.push_back({.ecu = ecu, .verdict = Verdict::refused, .fault = believed.error()});
    const auto& [report, state, verdict] = *believed;
    const std::uint32_t attacks = new_attacks(state_of(known.before, ecu), report.attacks);
    if (verdict == Verdict::accepted && attacks > 0) into.attacks.push_back({ecu, report.previous_attack, attacks});
    into.after.ecus[ecu] = state;
    into.ecus.push_back({.ecu = ecu, .verdict = verdict, .report = report});
}

json::Object state_to_json(const SenderState& state) {
    return {{"counter", state.counter}, {"sha256", to_hex(state.sha256)}, {"attacks", state.attacks}};
}

Result<SenderState> state_from_json(const json::Object& from) {
    SenderState state;
    TRY(state.counter, json::number(from, "counter", counter_max));
    TRY(state.sha256, json::sha256(from, "sha256"));
    TRY(const std::uint64_t attacks, json::number(from, "attacks", UINT32_MAX));
    state.attacks = static_cast<std::uint32_t>(attacks);
    return state;
}

bool none_stayed(std::span<const crypto::PublicKey> before, std::span<const crypto::PublicKey> now) {
    return std::ranges::none_of(before, [&](const auto& key) { return std::ranges::find(now, key) != now.end(); });
}

}  // namespace

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::accepted: return "accepted";
        case Verdict::repeated: return "repeated";
        case Verdict::refused: return "refused";
        case Verdict::missing: return "missing";
    }
    return "missing";
}

Result<JudgedManifest> judge_manifest(ReceivedManifest received, const KnownVehicle& known, UtcTime now) {
    if (received.file.size() > manifest_bytes_max)
        return fail(faults::too_large,
                    std::format("a manifest of {} bytes, allowed are {}", received.file.size(), manifest_bytes_max));
    if (known.keys.primary.empty()) return fail(faults::unregistered, known.vin.view());
    TRY(const json::Value document, json::parse(received.file, manifest_bytes_max));
    TRY(const json::Object* object, json::as_object(document, "a manifest"));
    TRY(const Envelope envelope, open_signed(*object, manifest_type, report_signatures_max));
    ENSURE(check_registered(envelope, known.keys.primary, known.vin.view()));
    TRY(const Manifest manifest, read_manifest(envelope.body));
    if (manifest.vin != known.vin)
        return fail(faults::wrong_reporter, std::format("{} from {}", manifest.vin.view(), known.vin.view()));
    ENSURE(check_not_ahead(manifest.time, now, known.vin.view()));
    const SenderState state{manifest.counter, crypto::sha256(view_of(envelope.canonical)), manifest.attacks};
    JudgedManifest judged{.after = known.before, .counter = manifest.counter, .time = manifest.time};
    TRY(judged.verdict, compare(known.before.primary, state, known.vin.view()));
    if (judged.verdict == Verdict::repeated) return judged;
    if (manifest.time < known.before.time)
        return fail(faults::time_back, std::format("{} after {}", manifest.time.str(), known.before.time.str()));

    judged.after.primary = state;
    judged.after.time = manifest.time;
    if (const auto attacks = new_attacks(known.before.primary, manifest.attacks); attacks > 0)
        judged.attacks.push_back({std::nullopt, manifest.previous_attack, attacks});
    std::set<EcuId> all = manifest.missing;
    for (const auto& [ecu, keys] : known.keys.ecus) all.insert(ecu);
    for (const auto& [ecu, report] : manifest.reports) all.insert(ecu);
    for (const EcuId ecu : all) judge_ecu(ecu, manifest, known, now, judged);
    return judged;
}

void ReportHistory::forget_replaced(const RegisteredKeys& old, const RegisteredKeys& now) {
    if (none_stayed(old.primary, now.primary)) primary.reset();
    std::erase_if(ecus, [&](const auto& known) {
        const auto before = old.ecus.find(known.first), after = now.ecus.find(known.first);
        return before == old.ecus.end() || after == now.ecus.end() || none_stayed(before->second, after->second);
    });
}

json::Object to_json(const ReportHistory& history) {
    json::Object ecus;
    for (const auto& [ecu, state] : history.ecus) ecus[ecu.str()] = state_to_json(state);
    json::Object object{{"time", history.time.str()}, {"ecus", std::move(ecus)}};
    if (history.primary) object["primary"] = state_to_json(*history.primary);
    return object;
}

Result<ReportHistory> report_history_from_json(const json::Object& from) {
    ReportHistory history;
    TRY(history.time, json::time(from, "time"));
    if (json::has(from, "primary")) {
        TRY(const json::Object* primary, json::object(from, "primary"));
        TRY(history.primary, state_from_json(*primary));
    }
    TRY(const json::Object* ecus, json::object(from, "ecus"));
    for (const auto& member : *ecus) {
        TRY(const EcuId ecu, EcuId::parse(member.key()));
        TRY(const json::Object* object, json::as_object(member.value(), "an ECU's state"));
        TRY(history.ecus[ecu], state_from_json(*object));
    }
    return history;
}

}  // namespace pitstop::uptane
