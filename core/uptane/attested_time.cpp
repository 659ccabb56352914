#include "core/uptane/attested_time.h"

#include "core/uptane/faults.h"

#include <algorithm>
#include <format>

namespace pitstop::uptane {
namespace {

Result<Envelope> open(ReceivedTime received) {
    if (received.file.size() > attestation_bytes_max)
        return fail(faults::too_large, std::format("a time attestation of {} bytes, allowed are {}",
                                                   received.file.size(), attestation_bytes_max));
    TRY(const json::Value document, json::parse(received.file, attestation_bytes_max));
    TRY(const json::Object* object, json::as_object(document, "a time attestation"));
    return open_signed(*object, attestation_type, attestation_signatures_max);
}

bool stands_for(const TimeEvidence& evidence, UtcTime time) {
    return evidence.version_now > evidence.version_before && evidence.expires > time;
}

}  // namespace

json::Object to_json(const TimeAttestation& attestation) {
    json::Array nonces;
    for (const Nonce& nonce : attestation.nonces) nonces.emplace_back(to_hex(nonce));
    json::Object object = write_kind(attestation_type);
    object["time"] = attestation.time.str();
    object["nonces"] = std::move(nonces);
    return object;
}

Result<TimeAttestation> read_time_attestation(const json::Object& body) {
    TimeAttestation attestation;
    TRY(attestation.time, json::time(body, "time"));
    TRY(const json::Array* nonces, json::array(body, "nonces"));
    if (nonces->empty() || nonces->size() > attestation_nonces_max)
        return fail(faults::bad_member,
                    std::format("{} 'nonces', allowed are 1 to {}", nonces->size(), attestation_nonces_max));
    for (const json::Value& value : *nonces) {
        TRY(const Nonce nonce, nonce_from_hex(value.is_string() ? std::string_view(value.get_string()) : ""));
        if (!attestation.nonces.empty() && nonce <= attestation.nonces.back())
            return fail(faults::bad_member, "'nonces' do not rise");
        attestation.nonces.push_back(nonce);
    }
    return attestation;
}

Result<UtcTime> claimed_time(ReceivedTime received) {
    TRY(const Envelope envelope, open(received));
    TRY(const TimeAttestation attestation, read_time_attestation(envelope.body));
    return attestation.time;
}

Result<void> AttestedTime::accept(ReceivedTime received, const Root& director_root, const Nonce& own,
                                  const std::optional<TimeEvidence>& evidence) {
    if (!director_root.time) return fail(faults::no_time_keys);
    TRY(const Envelope envelope, open(received));
    ENSURE(check_signatures(envelope, director_root.keys, *director_root.time, attestation_type));
    TRY(const TimeAttestation attestation, read_time_attestation(envelope.body));
    if (!std::ranges::binary_search(attestation.nonces, own))
        return fail(faults::nonce_missing, std::format("{} others", attestation.nonces.size()));
    const UtcTime next = attestation.time;
    if (!known_) {
        known_ = KnownTime{next, next};
        return {};
    }
    if (next < known_->last) return fail(faults::time_back, std::format("{} after {}", next.str(), known_->last.str()));
    const bool confirmed = evidence && stands_for(*evidence, next);
    if (next > known_->confirmed + time_jump_max && !confirmed)
        return fail(faults::time_jump, std::format("{}, confirmed is {}", next.str(), known_->confirmed.str()));
    known_ = KnownTime{next, confirmed ? next : known_->confirmed};
    return {};
}

void AttestedTime::confirm(const TimeEvidence& evidence) {
    if (known_ && stands_for(evidence, known_->last)) known_->confirmed = known_->last;
}

}  // namespace pitstop::uptane
