// The keys by which the server knows a vehicle's Primary and its ECUs, and whether they have signed something
// (Uptane 2.1.0 #inventory_db). Nobody else's signature counts.
//
// JSON: {"primary": [PEM…], "ecus": {"ECU_011": [PEM…]}}. The Primary has keys of both families, every ECU at least a
// classical one; a key that stands at two places would let one ECU speak for another, and is refused.
// Faults: base.*, crypto.bad-key; uptane.bad-registration; uptane.unregistered, foreign-key, family-missing.
#pragma once

#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/crypto/key.h"
#include "core/uptane/envelope.h"

#include <map>
#include <span>
#include <vector>

namespace pitstop::uptane {

inline constexpr std::size_t registered_keys_max = 4;  // of one sender: two pairs while one follows the other
inline constexpr std::size_t vehicle_ecus_max = 100;   // DESIGN §5

struct RegisteredKeys {
    std::vector<crypto::PublicKey> primary;
    std::map<EcuId, std::vector<crypto::PublicKey>> ecus;
    bool operator==(const RegisteredKeys&) const = default;
};

[[nodiscard]] Result<RegisteredKeys> registered_keys_from_json(const json::Object& from);
[[nodiscard]] json::Object to_json(const RegisteredKeys& keys);

// One good signature is needed by a registered key of each family that is registered.
[[nodiscard]] Result<void> check_registered(const Envelope& envelope, std::span<const crypto::PublicKey> keys,
                                            std::string_view sender);

}  // namespace pitstop::uptane
