#include "core/crypto/verifier.h"

#include <algorithm>
#include <array>

namespace pitstop::crypto {
namespace {

// As in key.cpp: RFC 5480 with an uncompressed point, RFC 9881.
constexpr std::array<std::uint8_t, 27> p256_start{0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                                  0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                                  0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
constexpr std::array<std::uint8_t, 22> ml_dsa_44_start{0x30, 0x82, 0x05, 0x32, 0x30, 0x0b, 0x06, 0x09,
                                                       0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03,
                                                       0x11, 0x03, 0x82, 0x05, 0x21, 0x00};
constexpr std::array<std::uint8_t, 22> ml_dsa_65_start{0x30, 0x82, 0x07, 0xb2, 0x30, 0x0b, 0x06, 0x09,
                                                       0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03,
                                                       0x12, 0x03, 0x82, 0x07, 0xa1, 0x00};
constexpr std::array<std::uint8_t, 22> ml_dsa_87_start{0x30, 0x82, 0x0a, 0x32, 0x30, 0x0b, 0x06, 0x09,
                                                       0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03,
                                                       0x13, 0x03, 0x82, 0x0a, 0x21, 0x00};

struct Form {
    SignatureKind kind;
    View start;
    std::size_t spki_size_bytes;
    std::size_t signature_size_bytes;
};

constexpr std::array forms{
    Form{SignatureKind::ecdsa_p256, p256_start, 91, 72},
    Form{SignatureKind::ml_dsa_44, ml_dsa_44_start, 1334, 2420},
    Form{SignatureKind::ml_dsa_65, ml_dsa_65_start, 1974, 3309},
    Form{SignatureKind::ml_dsa_87, ml_dsa_87_start, spki_size_bytes_max, signature_bytes_max},
};

}  // namespace

std::size_t spki_size_bytes(SignatureKind kind) { return forms[static_cast<std::size_t>(kind)].spki_size_bytes; }

std::size_t signature_size_bytes(SignatureKind kind) {
    return forms[static_cast<std::size_t>(kind)].signature_size_bytes;
}

std::optional<SignatureKind> kind_of(View spki) {
    for (const Form& form : forms) {
        if (spki.size() == form.spki_size_bytes && std::ranges::equal(spki.first(form.start.size()), form.start))
            return form.kind;
    }
    return std::nullopt;
}

}  // namespace pitstop::crypto
