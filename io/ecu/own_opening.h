// What this ECU opens images with (core/flash/image_opening.h): memory that is set aside once at every start, and its
// key for sealed images. An ECU that takes images only as they are has none of it.
//
// The key is io/keys/seal_key.h's. Faults: keys.*, files.*, crypto.bad-key.
#pragma once

#include "core/crypto/digest.h"
#include "core/flash/image_opening.h"
#include "core/seal/openssl_opener.h"
#include "io/ecu/image_settings.h"

#include <memory>

namespace pitstop::ecu {

class OwnOpening {
public:
    // Bring slots that have booted and outlive this.
    [[nodiscard]] static Result<std::unique_ptr<OwnOpening>> create(const ImageSettings& settings, flash::Slots& slots);

    [[nodiscard]] flash::Opening& port() { return opening_; }
    [[nodiscard]] std::size_t memory_bytes() const { return size_bytes_; }

private:
    OwnOpening(const ImageSettings& settings, flash::Slots& slots, std::optional<crypto::xwing::PrivateKey> key);

    std::size_t size_bytes_;
    std::unique_ptr<std::uint8_t[]> memory_;
    crypto::Sha256 hasher_;
    std::optional<crypto::xwing::PrivateKey> key_;
    std::optional<seal::XWingKeyOpener> key_opener_;  // of key_
    seal::OpenSslChunkCipher chunks_;
    flash::ImageOpening opening_;
};

}  // namespace pitstop::ecu
