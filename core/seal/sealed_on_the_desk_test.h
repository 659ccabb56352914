// A payload, sealed, and an ECU that opens it: for the tests of this room.
#pragma once

#include "core/base/collected.h"
#include "core/crypto/digest.h"
#include "core/seal/openssl_opener.h"
#include "core/seal/seal.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace pitstop::seal {

inline constexpr std::size_t small_chunk_bytes = 4096;

inline Bytes payload_of(std::size_t size_bytes) {
    Bytes payload(size_bytes);
    for (std::size_t i = 0; i < size_bytes; ++i) payload[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
    return payload;
}

inline crypto::xwing::PrivateKey key_number(std::uint8_t number) {
    return *crypto::xwing::PrivateKey::from_seed(Bytes(32, number));
}

struct Desk {
    Order order{*CampaignId::parse("OTA-2025-11-001"), *EcuId::from_number(11), small_chunk_bytes};
    ContentKey key = *ContentKey::generate();

    [[nodiscard]] Result<Bytes> content(View payload) const {
        Collected content;
        TRY(auto sealer, Sealer::begin(order, payload.size(), key, content));
        ENSURE(sealer.push(payload));
        ENSURE(sealer.finish());
        return content.bytes;
    }
    [[nodiscard]] static HeaderBytes header_of(View content) {
        HeaderBytes header;
        std::copy_n(content.begin(), header.size(), header.begin());
        return header;
    }
    // For the ECU with key 1, beside two others.
    [[nodiscard]] Bytes envelopes(View content) const {
        const std::vector<Recipient> recipients{{*EcuId::from_number(12), key_number(2).public_key()},
                                                {*EcuId::from_number(11), key_number(1).public_key()},
                                                {*EcuId::from_number(13), key_number(3).public_key()}};
        return *wrap(key, header_of(content), recipients);
    }
    [[nodiscard]] Bytes sealed(View payload) const {
        const Bytes content_bytes = *content(payload);
        Bytes all = envelopes(content_bytes);
        all.insert(all.end(), content_bytes.begin(), content_bytes.end());
        return all;
    }
};

// Everything but the Unsealer lives on while its owner does.
struct Ecu {
    explicit Ecu(std::uint8_t key_number_ = 1, std::uint32_t ecu_number = 11,
                 std::string_view campaign = "OTA-2025-11-001", std::size_t chunk_bytes = small_chunk_bytes)
        : key(key_number(key_number_)),
          room(Unsealer::room_size_bytes(chunk_bytes)),
          unsealer({opener, cipher, hasher},
                   {.image_of = EcuId::from_number(ecu_number)->address(),
                    .recipient = EcuId::from_number(ecu_number)->address(),
                    .campaign = campaign},
                   room, out) {}

    Result<void> take(View sealed, std::size_t cut = SIZE_MAX) {
        for (; !sealed.empty(); sealed = sealed.subspan(std::min(cut, sealed.size())))
            ENSURE(unsealer.push(sealed.first(std::min(cut, sealed.size()))));
        return unsealer.finish();
    }

    crypto::xwing::PrivateKey key;
    XWingKeyOpener opener{key};
    OpenSslChunkCipher cipher;
    crypto::Sha256 hasher;
    Bytes room;
    Collected out;
    Unsealer unsealer;
};

}  // namespace pitstop::seal
