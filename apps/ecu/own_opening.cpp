#include "apps/ecu/own_opening.h"

#include "io/keys/seal_key.h"

namespace pitstop::ecu {

Result<std::unique_ptr<OwnOpening>> OwnOpening::create(const Settings& settings, flash::Slots& slots) {
    std::optional<crypto::xwing::PrivateKey> key;
    if (settings.opening.seal_key) {
        TRY(key, io::keys::load_seal_key(*settings.opening.seal_key));
    }
    return std::unique_ptr<OwnOpening>(new OwnOpening(settings, slots, std::move(key)));
}

OwnOpening::OwnOpening(const Settings& settings, flash::Slots& slots, std::optional<crypto::xwing::PrivateKey> key)
    : size_bytes_(flash::ImageOpening::storage_bytes(settings.opening.opens)),
      memory_(std::make_unique<std::uint8_t[]>(size_bytes_)),
      key_(std::move(key)),
      key_opener_(key_ ? std::optional<seal::XWingKeyOpener>(std::in_place, *key_) : std::nullopt),
      opening_(settings.opening.opens, slots, hasher_, {memory_.get(), size_bytes_},
               key_opener_
                   ? std::optional(flash::ImageOpening::Key{*key_opener_, chunks_, settings.identity.id.address()})
                   : std::nullopt) {}

}  // namespace pitstop::ecu
