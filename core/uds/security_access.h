// The ECU's side of service 0x27, for ECUs that cannot check certificates: seed and key over a secret that this ECU
// shares with those who may unlock it. ECU profile. ISO 14229-1:2020, service 0x27.
//
// Bring: the key of this ECU (and of no other), randomness, a hasher, and a memory that keeps the count of wrong keys
// over resets. The key to a seed is HMAC-SHA-256 over the text of authentication_text.h, cut to 16 bytes
// (docs/formats/access.md). One level is unlocked at a time; its seed is then zeros. A wrong attempt is counted before
// the key is looked at: a power cut in between gives nobody one more. After three wrong keys, and after every start
// while some are counted, nothing is asked for the time of the delay; then one more may be tried.
#pragma once

#include "core/base/time.h"
#include "core/crypto/certificate_judge.h"
#include "core/crypto/hasher.h"
#include "core/crypto/randomness.h"
#include "core/crypto/secret.h"
#include "core/uds/application.h"
#include "core/uds/authentication_text.h"
#include "core/uds/services.h"

#include <array>
#include <chrono>
#include <cstdint>

namespace pitstop::uds {

inline constexpr std::size_t security_seed_bytes = 16;
inline constexpr std::size_t security_key_bytes = 16;
using EcuKey = crypto::Secret<32>;

// requestSeed's sub-function of each level; sendKey's is one higher.
inline constexpr std::uint8_t diagnostic_level = 0x01;
inline constexpr std::uint8_t programming_level = 0x11;

// Port: how many wrong keys in a row were counted. Survives power cuts.
class AttemptMemory {
public:
    static constexpr std::uint8_t attempts_max = 3;

    // What cannot be read counts as attempts_max.
    [[nodiscard]] virtual std::uint8_t wrong_keys() const = 0;
    // Returns when it would survive a power cut.
    [[nodiscard]] virtual Result<void> remember(std::uint8_t wrong_keys) = 0;

protected:
    // Never deleted through this class, as crypto::Hasher.
    AttemptMemory() = default;
    AttemptMemory(const AttemptMemory&) = default;
    AttemptMemory& operator=(const AttemptMemory&) = default;
    ~AttemptMemory() = default;
};

class SecurityAccess {
public:
    static constexpr std::chrono::seconds delay{10};

    struct Parts {
        crypto::Randomness& randomness;
        crypto::Hasher& hasher;
        AttemptMemory& memory;
    };
    SecurityAccess(const EcuKey& key, const Door& door, Parts parts, Tick started);

    // The whole request; `out` stands behind the service's byte.
    [[nodiscard]] Nrc on_request(View request, Reply& out, Tick now);
    void lock();

    [[nodiscard]] crypto::Roles roles() const;

private:
    [[nodiscard]] Nrc give_seed(std::uint8_t level, Reply& out, Tick now);
    [[nodiscard]] Nrc take_key(std::uint8_t level, View key, Tick now);
    [[nodiscard]] bool is_right(std::uint8_t level, View key);

    EcuKey key_;
    Door door_;
    Parts parts_;
    std::uint8_t wrong_keys_;
    Tick free_at_{};
    std::uint8_t asked_level_ = 0;     // 0: no seed is given
    std::uint8_t unlocked_level_ = 0;  // 0: none
    std::array<std::uint8_t, security_seed_bytes> seed_{};
};

// What the tester sends for a seed, with that ECU's key.
[[nodiscard]] std::array<std::uint8_t, security_key_bytes> cut_to_key(const Sha256Digest& tag);

}  // namespace pitstop::uds
