// Port: what an ECU needs in order to know whom a certificate speaks for, and whether its holder is there (UDS service
// 0x29). ECU profile: no library is named here; OpenSslCertificateJudge fills it on Linux.
//
// What a certificate says stands in docs/formats/access.md: roles and bindings as organizational units of its subject.
#pragma once

#include "core/base/bytes.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "core/crypto/verifier.h"

#include <cstdint>
#include <expected>
#include <string_view>

namespace pitstop::crypto {

enum class Role : std::uint8_t { diagnostic = 0x01, programming = 0x02, development = 0x04 };

// Some of the roles, or none.
class Roles {
public:
    constexpr Roles() = default;
    constexpr Roles(Role role) : bits_(static_cast<std::uint8_t>(role)) {}  // implicit: one role is a set of roles

    [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
    [[nodiscard]] constexpr bool meets(Roles others) const { return (bits_ & others.bits_) != 0; }
    [[nodiscard]] constexpr std::uint8_t bits() const { return bits_; }
    [[nodiscard]] static constexpr Roles of_bits(std::uint8_t bits) {
        return Roles(static_cast<std::uint8_t>(bits & 7));
    }
    friend constexpr Roles operator|(Roles a, Roles b) { return Roles(static_cast<std::uint8_t>(a.bits_ | b.bits_)); }
    friend constexpr Roles operator&(Roles a, Roles b) { return Roles(static_cast<std::uint8_t>(a.bits_ & b.bits_)); }
    bool operator==(const Roles&) const = default;

private:
    explicit constexpr Roles(std::uint8_t bits) : bits_(bits) {}
    std::uint8_t bits_ = 0;
};
constexpr Roles operator|(Role a, Role b) { return Roles(a) | Roles(b); }

struct Bearer {
    Text<64> name;  // the common name
    Roles roles;    // at least one
    SignatureKind kind = SignatureKind::ecdsa_p256;
    UtcTime until;  // the end of its chain's time
};

// Why a chain is not believed, as finely as service 0x29 tells (ISO 14229-1:2020 annex A.1, 0x50 to 0x57).
enum class CertificateFlaw : std::uint8_t {
    outside_its_time,
    bad_signature,
    bad_chain,     // does not lead to an authority of this ECU, or further than the authority allows
    wrong_type,    // not for this use, or of a kind of key that does not count
    malformed,     // not DER certificates, one behind the other
    bad_content,   // no role, a unit that is unknown
    out_of_scope,  // for another vehicle or another hardware
};

class CertificateJudge {
public:
    // `chain`: certificates in DER, the bearer's own first, then its issuers; the authority itself may be missing.
    [[nodiscard]] virtual std::expected<Bearer, CertificateFlaw> judge(View chain) = 0;

    // Whether the key of the bearer that judge() gave last signed `text`.
    [[nodiscard]] virtual bool signed_by_bearer(View text, View signature) = 0;

    // The time that it judges by.
    [[nodiscard]] virtual UtcTime now() const = 0;

protected:
    // Never deleted through this class, as crypto::Hasher.
    CertificateJudge() = default;
    CertificateJudge(const CertificateJudge&) = default;
    CertificateJudge& operator=(const CertificateJudge&) = default;
    ~CertificateJudge() = default;
};

}  // namespace pitstop::crypto
