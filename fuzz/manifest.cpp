// core/uptane: what vehicles report. Input: in the first line what follows, then its JSON.
//
//     manifest   the `signed` part of a manifest; each report in it is signed with ECU_011's key, the whole with the
//                gateway's, so that the judgement itself is reached
//     report     the `signed` part of an ECU's report
//     file       anything, as a vehicle would send it
//     keys, history
#include "core/crypto/private_key.h"
#include "core/uptane/manifest_judge.h"
#include "fuzz/round_trip.h"

#include <boost/json/serialize.hpp>

using namespace pitstop;
using fuzz::must;

namespace {

const UtcTime now = *UtcTime::parse("2026-11-20T12:00:00Z");
const EcuId brake = *EcuId::parse("ECU_011");

struct Keys {
    crypto::SoftwareSigner classical{*crypto::generate(crypto::KeyType::ed25519)};
    crypto::SoftwareSigner post_quantum{*crypto::generate(crypto::KeyType::ml_dsa_44)};
    crypto::SoftwareSigner ecu{*crypto::generate(crypto::KeyType::ed25519)};
};
Keys& keys() {
    static Keys made;
    return made;
}

uptane::KnownVehicle known_vehicle() {
    uptane::KnownVehicle known{*Vin::parse("VIN00001"), {}, {}, {{brake, *HardwareId::parse("BRK-2")}}};
    known.keys.primary = {keys().classical.public_key(), keys().post_quantum.public_key()};
    known.keys.ecus[brake] = {keys().ecu.public_key()};
    known.before.time = *UtcTime::parse("2026-11-19T12:00:00Z");
    known.before.primary = uptane::SenderState{3, {}, 1};
    known.before.ecus[brake] = uptane::SenderState{3, {}, 1};
    return known;
}

void judge(View file) {
    uptane::KnownVehicle known = known_vehicle();
    const auto judged = uptane::judge_manifest({file}, known, now);
    fuzz::must_repeat(judged, uptane::judge_manifest({file}, known, now));
    if (!judged) return;
    must(judged->counter >= 3, "a counter does not go back");
    must(judged->time >= known.before.time && judged->time <= now + uptane::time_ahead_max,
         "nor does time, nor run ahead");
    must(judged->ecus.size() <= 101, "no more ECUs than a vehicle has");
    for (const auto& ecu : judged->ecus) {
        const bool believed = ecu.verdict == uptane::Verdict::accepted || ecu.verdict == uptane::Verdict::repeated;
        must(believed == ecu.report.has_value(), "whoever is believed says something");
        must(!believed || (ecu.ecu == brake && ecu.report->ecu == brake),
             "only who is registered is believed, for itself");
        must((ecu.verdict == uptane::Verdict::refused) == ecu.fault.has_value(), "who is refused is told why");
    }
    known.before = judged->after;
    const auto again = fuzz::must_have(uptane::judge_manifest({file}, known, now), "the same again is no attack");
    must(again.verdict == uptane::Verdict::repeated && again.after == judged->after, "and changes nothing");
    const auto stored = fuzz::must_have(uptane::report_history_from_json(to_json(judged->after)), "it can be stored");
    must(stored == judged->after, "and means the same");
}

// With a true signature under each report that is an object, and one under the whole.
void judge_signed(json::Object body) {
    crypto::Signer* const ecu = &keys().ecu;
    if (auto* const reports = body.if_contains("reports"); reports != nullptr && reports->is_object())
        for (auto& member : reports->get_object()) {
            if (!member.value().is_object()) continue;
            const auto file = uptane::sign(member.value().get_object(), {&ecu, 1});
            if (file) member.value() = *json::parse(*file, fuzz::document_size_bytes_max * 2);
        }
    const std::array<crypto::Signer*, 2> gateway{&keys().classical, &keys().post_quantum};
    const auto file = uptane::sign(body, gateway);
    if (file) judge(*file);
}

void check_report(const json::Object& body) {
    const auto report = uptane::read_version_report(body);
    fuzz::must_repeat(report, uptane::read_version_report(body));
    if (!report) return;
    Bytes room(uptane::version_report_bytes_max);
    const auto text = fuzz::must_have(uptane::write_version_report(*report, room), "what was read can be written");
    const auto document = fuzz::must_have(json::parse(view_of(text), room.size()), "as JSON");
    must(fuzz::must_have(json::canonical(document), "of the canonical kind") == text, "to the byte");
    must(fuzz::must_have(uptane::read_version_report(document.as_object()), "and read again") == *report,
         "it means the same");
}

// What can be read is what was written.
void check_packed(View packed) {
    const auto read = uptane::unpack_report(packed);
    fuzz::must_repeat(read, uptane::unpack_report(packed));
    if (!read) return;
    std::vector<Bytes> values;
    std::vector<uptane::ReportSignature> signatures;
    for (const auto& each : read->at("signatures").as_array()) {
        values.push_back(fuzz::must_have(from_hex(std::string_view(each.at("sig").as_string())), "hex"));
        signatures.push_back(
            {fuzz::must_have(sha256_from_hex(std::string_view(each.at("keyid").as_string())), "hex"), {}});
    }
    for (std::size_t i = 0; i < values.size(); ++i) signatures[i].value = values[i];
    Bytes room(packed.size());
    const View text = packed.subspan(2, load_be<std::uint16_t>(packed.data()));
    const View again = fuzz::must_have(uptane::pack_report(text_of(text), signatures, room), "it can be packed");
    must(std::ranges::equal(again, packed), "to the byte");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [title, text] = fuzz::titled({data, size});
    if (title == "file") judge(text);
    if (title == "packed") check_packed(text);
    if (title == "keys") fuzz::read_and_round_trip(text, uptane::registered_keys_from_json);
    if (title == "history") fuzz::read_and_round_trip(text, uptane::report_history_from_json);
    if (title != "manifest" && title != "report") return 0;
    const auto document = json::parse(text, fuzz::document_size_bytes_max);
    if (!document || !document->is_object()) return 0;
    if (title == "report") check_report(document->get_object());
    if (title == "manifest") judge_signed(document->get_object());
    return 0;
}
