// For this room's tests: a whole repository with real keys, and ways to sign what it never should.
#pragma once

#include "core/crypto/digest.h"
#include "core/uptane/repository.h"
#include "core/uptane/trust_set.h"

#include <boost/json/serialize.hpp>

#include <array>
#include <functional>

namespace pitstop::uptane::desk {

inline const UtcTime now = *UtcTime::parse("2026-11-20T12:00:00Z");
inline const UtcTime later = *UtcTime::parse("2026-12-20T12:00:00Z");
inline const UtcTime earlier = *UtcTime::parse("2026-11-20T11:59:59Z");

struct KeyPair {
    crypto::SoftwareSigner classical{*crypto::generate(crypto::KeyType::ecdsa_p256)};
    crypto::SoftwareSigner post_quantum{*crypto::generate(crypto::KeyType::ml_dsa_65)};

    std::vector<crypto::Signer*> signers() { return {&classical, &post_quantum}; }
    std::vector<crypto::PublicKey> public_keys() { return {classical.public_key(), post_quantum.public_key()}; }
};

// One pair per role, made once for all tests: making keys is slow, and no test changes them.
inline KeyPair& keys_of(Role role) {
    static std::array<KeyPair, 4> pairs;
    return pairs[static_cast<std::size_t>(role)];
}
inline KeyPair& new_keys() {
    static KeyPair pair;
    return pair;
}
inline std::vector<crypto::Signer*> signers_of(Role role) { return keys_of(role).signers(); }

inline RolePublicKeys public_keys() {
    RolePublicKeys keys;
    keys.root = keys_of(Role::root).public_keys();
    keys.timestamp = keys_of(Role::timestamp).public_keys();
    keys.snapshot = keys_of(Role::snapshot).public_keys();
    keys.targets = keys_of(Role::targets).public_keys();
    return keys;
}

inline Root root(std::uint32_t version = 1) { return *make_root(public_keys(), {version, later}); }
inline Bytes root_file(std::uint32_t version = 1) { return *sign_root(root(version), signers_of(Role::root)); }

inline TargetInfo image(std::string_view content, std::string_view version = "1.1.0", std::uint32_t counter = 5) {
    TargetInfo info;
    info.length_bytes = content.size();
    info.sha256 = crypto::sha256(view_of(content));
    info.sha512 = crypto::sha512(view_of(content));
    info.hardware = {*HardwareId::parse("BRK-2")};
    info.version = *Version::parse(version);
    info.release_counter = counter;
    return info;
}
inline NamedTarget named(std::string_view name, TargetInfo info) { return {*TargetName::parse(name), std::move(info)}; }
inline NamedTarget for_ecu(std::string_view name, TargetInfo info, std::string_view ecu) {
    info.ecu = *EcuId::parse(ecu);
    return named(name, std::move(info));
}

inline RoleSigners role_signers() {
    return {signers_of(Role::targets), signers_of(Role::snapshot), signers_of(Role::timestamp)};
}

inline Publication published(const Targets& targets, std::uint32_t version, UtcTime expires = later) {
    return *publish(root(), targets, {{version, expires}, {version, expires}}, role_signers());
}

inline Targets image_targets(std::uint32_t version = 1, std::string_view content = "brake") {
    const NamedTarget one = named("BRK-2/ECU_011-1.1.0.img", image(content));
    return *make_targets(nullptr, std::span(&one, 1), {version, later});
}

// Signs any body at all, with the keys of `role`.
inline Bytes signed_as(Role role, const json::Object& body) { return *sign(body, signers_of(role)); }

// Changes a member under `signed` or beside it and leaves the signatures as they were.
inline Bytes altered(View file, const std::function<void(json::Object&)>& change) {
    json::Value document = *json::parse(file, std::size_t{16} << 20);
    change(document.as_object());
    const std::string text = boost::json::serialize(document);
    return Bytes(text.begin(), text.end());
}

inline TrustSet trust(Repository repository = Repository::image) {
    return *TrustSet::from_root(repository, ReceivedRoot{root_file()});
}

// Every file of a publication, in order.
inline Result<void> accept(TrustSet& trust, const Publication& files, UtcTime at = now) {
    trust.start_cycle();
    ENSURE(trust.accept_timestamp(ReceivedTimestamp{files.timestamp}, at));
    ENSURE(trust.accept_snapshot(ReceivedSnapshot{files.snapshot}, at));
    return trust.accept_targets(ReceivedTargets{files.targets}, at);
}

}  // namespace pitstop::uptane::desk
