// For the tests of partial verification: a Director with real keys, a small ECU, and bundles with what should be in
// them or what never should.
#pragma once

#include "core/base/json.h"
#include "core/crypto/digest.h"
#include "core/crypto/openssl_verifier.h"
#include "core/crypto/signer.h"
#include "core/uptane/bundle_writer.h"
#include "core/uptane/faults.h"
#include "core/uptane/partial.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

namespace pitstop::uptane::small_desk {

inline UtcTime at(std::string_view text) { return *UtcTime::parse(text); }
inline const UtcTime factory_day = at("2026-06-01T00:00:00Z");
inline const UtcTime today = at("2026-11-20T12:00:00Z");
inline const Nonce own_nonce{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

struct KeyPairOfEcus {
    crypto::SoftwareSigner classical{*crypto::generate(crypto::KeyType::ecdsa_p256)};
    crypto::SoftwareSigner post_quantum{*crypto::generate(crypto::KeyType::ml_dsa_44)};
};

struct SignedBy {
    crypto::Signer* signer;
    std::string keyid;
};
using Signatures = std::vector<SignedBy>;

inline SignedBy by(crypto::Signer& signer) { return {&signer, signer.public_key().key_id()}; }
inline Signatures both(KeyPairOfEcus& pair) { return {by(pair.classical), by(pair.post_quantum)}; }
inline Signatures operator+(Signatures a, const Signatures& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

// Made once for all tests: making keys is slow, and no test changes them.
inline KeyPairOfEcus& root_keys() {
    static KeyPairOfEcus pair;
    return pair;
}
inline KeyPairOfEcus& targets_keys() {
    static KeyPairOfEcus pair;
    return pair;
}
inline KeyPairOfEcus& clock_keys() {
    static KeyPairOfEcus pair;
    return pair;
}
inline KeyPairOfEcus& other_keys() {
    static KeyPairOfEcus pair;
    return pair;
}

// What this signer signs of a canonical text (TAP 21; docs/formats/batch.md is tested by itself).
inline Bytes what_is_signed(const crypto::Signer& signer, std::string_view canonical) {
    if (crypto::family(signer.public_key().type()) == crypto::Family::classical)
        return Bytes(canonical.begin(), canonical.end());
    Bytes message{'t', 'u', 'f', 1};
    const Sha512Digest digest = crypto::sha512(view_of(canonical));
    message.insert(message.end(), digest.begin(), digest.end());
    return message;
}

inline json::Object signature_entry(const SignedBy& who, std::string_view canonical) {
    return {{"keyid", who.keyid}, {"sig", to_hex(*who.signer->sign(what_is_signed(*who.signer, canonical)))}};
}

// Any body under any signatures, in the form of our writers; `change` sees the list of signatures before it is written.
inline Bytes file_of(const json::Object& body, const Signatures& signatures,
                     const std::function<void(json::Array&)>& change = {}) {
    const std::string canonical = *json::canonical(body);
    json::Array list;
    for (const SignedBy& who : signatures) list.push_back(signature_entry(who, canonical));
    if (change) change(list);
    const std::string text = *json::sorted(json::Object{{"signatures", std::move(list)}, {"signed", body}});
    return Bytes(text.begin(), text.end());
}

inline json::Object key_json(const crypto::PublicKey& key, std::string_view scheme) {
    return {{"keytype", scheme.starts_with("ml-dsa") ? "ml-dsa" : "ecdsa"},
            {"scheme", scheme},
            {"keyval", {{"public", key.pem()}}}};
}
inline void add_key(json::Object& root, const crypto::PublicKey& key, std::string_view role,
                    std::string_view keyid = {}) {
    const bool classical = crypto::family(key.type()) == crypto::Family::classical;
    const std::string scheme = classical ? "ecdsa-sha2-nistp256" : std::string(to_string(key.type())) + "/1";
    const std::string id(keyid.empty() ? key.key_id() : keyid);
    root["keys"].as_object()[id] = key_json(key, scheme);
    root["roles"].as_object()[role].as_object()["keyids"].as_array().emplace_back(id);
}
inline json::Object& role_of(json::Object& root, std::string_view role) {
    return root["roles"].as_object()[role].as_object();
}

inline json::Object root_body(std::uint32_t version = 1, KeyPairOfEcus& of_root = root_keys(),
                              KeyPairOfEcus& of_targets = targets_keys()) {
    const json::Object role{
        {"keyids", json::Array()}, {"threshold", 2}, {"family_thresholds", {{"classical", 1}, {"post_quantum", 1}}}};
    json::Object body{{"_type", "root"},
                      {"spec_version", "1.0.31"},
                      {"version", version},
                      {"expires", "2027-11-20T12:00:00Z"},
                      {"consistent_snapshot", true},
                      {"keys", json::Object()},
                      {"roles", {{"root", role}, {"targets", role}, {"time", role}}}};
    for (const auto& [name, pair] : {std::pair{"root", &of_root}, {"targets", &of_targets}, {"time", &clock_keys()}}) {
        add_key(body, pair->classical.public_key(), name);
        add_key(body, pair->post_quantum.public_key(), name);
    }
    return body;
}
inline Bytes root_file_of(const json::Object& body) { return file_of(body, both(root_keys())); }

inline json::Object target(std::string_view ecu, std::uint32_t counter = 5, std::string_view hardware = "BRK-2") {
    return {
        {"length", 4711},
        {"hashes",
         {{"sha256", to_hex(crypto::sha256(view_of("brake")))}, {"sha512", to_hex(crypto::sha512(view_of("brake")))}}},
        {"custom",
         {{"ecuIdentifier", ecu},
          {"hardwareIds", {"BRK-1", hardware}},
          {"releaseCounter", counter},
          {"version", "1.2.3"}}}};
}
inline json::Object targets_body(std::uint32_t version = 1) {
    return {{"_type", "targets"},
            {"spec_version", "1.0.31"},
            {"version", version},
            {"expires", "2026-12-20T12:00:00Z"},
            {"vin", "VIN00001"},
            {"targets", {{"BRK-2/brake.img", target("ECU_011")}, {"WIN-1/window.img", target("ECU_021", 1, "WIN-1")}}}};
}
inline Bytes targets_file_of(const json::Object& body) { return file_of(body, both(targets_keys())); }

inline json::Object time_body(UtcTime time = today, json::Array nonces = {to_hex(own_nonce)}) {
    return {{"_type", "time"}, {"spec_version", "1.0.31"}, {"time", time.str()}, {"nonces", std::move(nonces)}};
}
inline Bytes time_file_of(const json::Object& body) { return file_of(body, both(clock_keys())); }

struct Parts {
    std::vector<Bytes> roots = {};
    std::optional<Bytes> time = time_file_of(time_body());
    std::optional<Bytes> targets = {};
};

inline Bytes bundle_of(const Parts& parts) {
    std::vector<BundleFile> files;
    for (const Bytes& root : parts.roots) files.push_back({BundleRepository::director, BundleRole::root, "", root});
    if (parts.time) files.push_back({BundleRepository::time, BundleRole::time_attestation, "", *parts.time});
    if (parts.targets) files.push_back({BundleRepository::director, BundleRole::targets, "", *parts.targets});
    return *write_bundle(files, partial_bundle_size_bytes_max);
}

inline EcuIdentity brake_ecu() {
    return {*Vin::parse("VIN00001"), *EcuId::parse("ECU_011"), *HardwareId::parse("BRK-2"), 4};
}

class SmallEcu {
public:
    explicit SmallEcu(const json::Object& root = root_body())
        : state_(*PartialVerifier::from_factory(storage_, root_file_of(root), factory_day, crypto_, *room_)) {
        verifier_.begin(own_nonce);
    }

    // Everything that a power cut takes away; the saved bytes stay.
    Result<void> restart() { return restart_with(Bytes(state_.bytes().begin(), state_.bytes().end())); }
    Result<void> restart_with(const Bytes& saved) {
        std::ranges::fill(storage_, std::uint8_t{0xEE});
        std::ranges::copy(saved, storage_.begin());
        TRY(state_, PartialState::open(storage_, saved.size()));
        verifier_.begin(own_nonce);
        return {};
    }

    Result<Judgement> judge(const Parts& parts) { return verifier_.judge(bundle_of(parts), identity); }
    Result<Judgement> judge_targets(const json::Object& body) { return judge({.targets = targets_file_of(body)}); }

    // Refused for this reason; nothing has changed; the next honest cycle succeeds. Then all is as it was before.
    void expect_refusal(const Fault& fault, const Parts& parts) {
        const Bytes before(state_.bytes().begin(), state_.bytes().end());
        const auto judged = judge(parts);
        ASSERT_FALSE(judged) << "accepted, expected was " << fault.code;
        EXPECT_TRUE(judged.error().is(fault)) << judged.error().str() << ", expected was " << fault.code;
        EXPECT_EQ(to_hex(before), to_hex(state_.bytes()));
        expect_honest_cycle();
        EXPECT_TRUE(restart_with(before));
    }
    void expect_refusal(const Fault& fault, const json::Object& targets) {
        expect_refusal(fault, Parts{.targets = targets_file_of(targets)});
    }

    // Of a Director that never heard of what happened in between.
    void expect_honest_cycle() {
        json::Object body = targets_body(state_.targets_version() + 1);
        const UtcTime time = std::max(today, state_.attested());
        body["expires"] = (time + std::chrono::days(30)).str();
        const auto judged =
            judge({.time = time_file_of(time_body(time)), .targets = file_of(body, both(*honest_targets_keys))});
        ASSERT_TRUE(judged) << judged.error().str();
        EXPECT_TRUE(judged->image);
        EXPECT_TRUE(restart());
    }

    [[nodiscard]] const PartialState& state() const { return state_; }
    [[nodiscard]] PartialVerifier& verifier() { return verifier_; }
    [[nodiscard]] crypto::OpenSslVerifier& crypto() { return crypto_; }

    EcuIdentity identity = brake_ecu();
    KeyPairOfEcus* honest_targets_keys = &targets_keys();

private:
    crypto::OpenSslVerifier crypto_;
    std::unique_ptr<JudgeRoom> room_ = std::make_unique<JudgeRoom>();
    Bytes storage_ = Bytes(PartialState::storage_bytes_usual, 0xEE);
    PartialState state_;
    PartialVerifier verifier_{state_, crypto_, *room_};
};

}  // namespace pitstop::uptane::small_desk
