// The thirteen TLS profiles (DESIGN §7): which key exchange, which certificates. Data, no code.
//
// Groups: ML-KEM alone (draft-ietf-tls-mlkem) or hybrid with a curve (draft-ietf-tls-ecdhe-mlkem). ML-KEM-512 has no
// standard hybrid, so profiles 1 and 4 to 6 are the same either way.
#pragma once

#include "core/base/result.h"
#include "core/crypto/key.h"

#include <span>
#include <string_view>

namespace pitstop::io::tls {

enum class HybridKex { on, off };
enum class AllowClassical { no, yes };

struct Profile {
    int id;
    std::string_view name;                 // for people: "ML-KEM-768 · ECDSA P-256"
    std::string_view pure_group;           // OpenSSL's name
    std::string_view hybrid_group;         // the same as pure_group where no hybrid exists
    crypto::KeyType certificate_key;       // of the authority, the server and the clients
    std::string_view signature_algorithm;  // OpenSSL's name of the TLS 1.3 signature scheme
    std::string_view note;

    [[nodiscard]] std::string_view group(HybridKex hybrid) const {
        return hybrid == HybridKex::on ? hybrid_group : pure_group;
    }
};

inline constexpr int default_profile = 2;

[[nodiscard]] std::span<const Profile> profiles();  // by id
// tls.unknown-profile; tls.classical-refused for profile 0 unless allowed.
[[nodiscard]] Result<Profile> find_profile(int id, AllowClassical allow);

}  // namespace pitstop::io::tls
