// For tests of what opens images: one image in every form, and an ECU's ports in memory.
#pragma once

#include "core/base/collected.h"
#include "core/base/form.h"
#include "core/compress/writers.h"
#include "core/crypto/digest.h"
#include "core/delta/image_in_memory.h"
#include "core/delta/make.h"
#include "core/package/opener.h"
#include "core/seal/openssl_opener.h"
#include "core/seal/seal.h"

#include <algorithm>

namespace pitstop::package::test {

inline constexpr std::array<std::string_view, 8> every_form{"plain",      "gzip",      "zstd",      "delta",
                                                            "plain+hpke", "gzip+hpke", "zstd+hpke", "delta+hpke"};

// Code-like: repeats at many distances, and something that does not.
inline Bytes image_of(std::size_t size_bytes, std::uint32_t seed) {
    Bytes image(size_bytes);
    for (std::size_t i = 0; i < size_bytes; ++i) {
        if (i % 16 == 0) seed = seed * 1664525U + 1013904223U;
        image[i] = static_cast<std::uint8_t>(i % 16 < 4 ? seed >> (8 * (i % 4)) : i / 64);
    }
    return image;
}

// The next version of an image: a few bytes changed, a piece moved in.
inline Bytes next_version_of(View image) {
    Bytes next(image.begin(), image.end());
    for (std::size_t i = 100; i < next.size(); i += next.size() / 10 + 1) next[i] ^= 0x55;
    const Bytes moved_in = image_of(300, 99);
    next.insert(next.begin() + static_cast<std::ptrdiff_t>(next.size() / 3), moved_in.begin(), moved_in.end());
    return next;
}

// One ECU's key, of this seed.
inline crypto::xwing::PrivateKey key_of(std::uint8_t seed) {
    return *crypto::xwing::PrivateKey::from_seed(Bytes(crypto::xwing::seed_size_bytes, seed));
}

inline Result<Bytes> sealed(View payload, EcuId ecu, const crypto::xwing::PublicKey& recipient,
                            std::uint32_t chunk_bytes = 4096) {
    TRY(const auto campaign, CampaignId::parse("OTA-2025-11-001"));
    TRY(const auto key, seal::ContentKey::generate());
    Collected content;
    TRY(auto sealer, seal::Sealer::begin({campaign, ecu, chunk_bytes}, payload.size(), key, content));
    ENSURE(sealer.push(payload));
    ENSURE(sealer.finish());
    const std::array recipients{seal::Recipient{ecu, recipient}};
    TRY(Bytes whole, seal::wrap(key, sealer.header(), recipients));
    whole.insert(whole.end(), content.bytes.begin(), content.bytes.end());
    return whole;
}

// What the desk makes of an image for an ECU that has `old_image`.
inline Result<Bytes> packed(View image, const Form& form, View old_image, EcuId ecu,
                            const crypto::xwing::PublicKey& recipient) {
    Bytes payload(image.begin(), image.end());
    if (form.encoding == Encoding::delta) {
        TRY(payload, delta::make(old_image, image));
    } else if (form.compression == Compression::gzip) {
        TRY(payload, compress::gzip(image));
    } else if (form.compression == Compression::zstd) {
        TRY(payload, compress::zstd(image, {.window_bytes = Openings::window_bytes_default}));
    }
    return form.sealing == Sealing::none ? payload : sealed(payload, ecu, recipient);
}

// An ECU that can open everything; what its Opener keeps a reference to.
struct Ecu {
    explicit Ecu(View old_image, std::uint8_t key_seed = 7) : old(old_image), key(key_of(key_seed)) {}
    Ecu(const Ecu&) = delete;
    Ecu& operator=(const Ecu&) = delete;

    [[nodiscard]] OpenerPorts ports() {
        return {.hasher = hasher,
                .old_image = &old_port,
                .key = &key_opener,
                .chunks = &cipher,
                .expected = {.image_of = id.address(), .recipient = id.address(), .campaign = {}}};
    }

    EcuId id = *EcuId::parse("ECU_011");
    delta::ImageInMemory old;
    OldImagePort old_port{old, {}};
    crypto::xwing::PrivateKey key;
    seal::XWingKeyOpener key_opener{key};
    seal::OpenSslChunkCipher cipher;
    crypto::Sha256 hasher;
};

}  // namespace pitstop::package::test
