// Port: what a tester has to show at an ECU's door: certificates with their keys, and the symmetric key of an old ECU.
// It signs and never shows a secret. Credential (io/keys) fills it from files.
#pragma once

#include "core/base/bytes.h"

#include <cstdint>

namespace pitstop::crypto {

enum class ProofKind : std::uint8_t { classical, post_quantum, symmetric };

class Prover {
public:
    virtual ~Prover() = default;
    // DER certificates, its own first, without the authority; empty: it has none of that kind.
    [[nodiscard]] virtual View chain(ProofKind kind) const = 0;
    [[nodiscard]] virtual bool has(ProofKind kind) const = 0;
    // A signature as crypto::verify takes it, or HMAC-SHA-256.
    [[nodiscard]] virtual Result<Bytes> prove(ProofKind kind, View text) = 0;
};

}  // namespace pitstop::crypto
