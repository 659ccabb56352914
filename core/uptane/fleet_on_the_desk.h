// For the tests of reports and time: a vehicle with real keys that writes what it should, and what it never should.
#pragma once

#include "core/uptane/attested_time.h"
#include "core/uptane/manifest_judge.h"
#include "core/uptane/repository_on_the_desk.h"

#include <gtest/gtest.h>

namespace pitstop::uptane::desk {

inline const Vin car = *Vin::parse("VIN00001");
inline const EcuId brake = *EcuId::parse("ECU_011");     // signs with ECDSA and ML-DSA-44
inline const EcuId window = *EcuId::parse("ECU_021");    // signs with ECDSA only
inline const EcuId stranger = *EcuId::parse("ECU_099");  // nobody has registered it

struct EcuKeys {
    crypto::SoftwareSigner classical{*crypto::generate(crypto::KeyType::ecdsa_p256)};
    crypto::SoftwareSigner post_quantum{*crypto::generate(crypto::KeyType::ml_dsa_44)};
};
inline EcuKeys& brake_keys() {
    static EcuKeys keys;
    return keys;
}
inline EcuKeys& window_keys() {
    static EcuKeys keys;
    return keys;
}
inline KeyPair& gateway_keys() {
    static KeyPair keys;
    return keys;
}
inline KeyPair& time_keys() {
    static KeyPair keys;
    return keys;
}
using Signers = std::vector<crypto::Signer*>;

inline RegisteredKeys registered() {
    RegisteredKeys keys;
    keys.primary = gateway_keys().public_keys();
    keys.ecus[brake] = {brake_keys().classical.public_key(), brake_keys().post_quantum.public_key()};
    keys.ecus[window] = {window_keys().classical.public_key()};
    return keys;
}

inline VersionReport report_of(EcuId ecu, std::uint64_t counter = 1, UtcTime time = earlier) {
    VersionReport report{.vin = car, .ecu = ecu, .hardware = *HardwareId::parse(ecu == brake ? "BRK-2" : "WIN-1")};
    report.counter = counter;
    report.time = time;
    report.installed = {{1, 0, 0}, 4, 5, crypto::sha256(view_of("brake"))};
    return report;
}
inline Signers signers_of(EcuId ecu) {
    if (ecu == brake) return {&brake_keys().classical, &brake_keys().post_quantum};
    return {&window_keys().classical};
}
inline Bytes signed_report(const VersionReport& report) { return *sign_version_report(report, signers_of(report.ecu)); }
inline Bytes report_file(EcuId ecu, std::uint64_t counter = 1) { return signed_report(report_of(ecu, counter)); }

// Both ECUs have answered.
inline Manifest manifest(std::uint64_t counter = 1, UtcTime time = now) {
    Manifest made{.vin = car, .counter = counter, .time = time, .reports = {}, .missing = {}};
    for (const EcuId ecu : {brake, window}) {
        const auto report = signed_report(report_of(ecu, counter, time + std::chrono::seconds(-1)));
        EXPECT_TRUE(made.add_report(ecu, report));
    }
    return made;
}
inline Bytes signed_manifest(const Manifest& manifest) { return *sign(to_json(manifest), gateway_keys().signers()); }

inline KnownVehicle known_vehicle() {
    return {car, registered(), {}, {{brake, *HardwareId::parse("BRK-2")}, {window, *HardwareId::parse("WIN-1")}}};
}

// The Director's Root with the role `time`.
inline Root root_with_time() {
    RolePublicKeys keys = public_keys();
    keys.time = time_keys().public_keys();
    return *make_root(keys, {1, later});
}

}  // namespace pitstop::uptane::desk
