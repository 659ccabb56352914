#include "io/ecu/own_opening.h"

#include "io/keys/seal_key.h"
#include "io/log/log.h"

namespace pitstop::ecu {

Result<std::unique_ptr<OwnOpening>> OwnOpening::create(const ImageSettings& settings, flash::Slots& slots) {
    std::optional<crypto::xwing::PrivateKey> key;
    if (settings.opening.seal_key) {
        TRY(key, io::keys::load_seal_key(*settings.opening.seal_key));
    }
    std::unique_ptr<OwnOpening> made(new OwnOpening(settings, slots, std::move(key)));
    if (made->memory_bytes() > 0)
        io::log::info("{}: opens {} in {} KiB", settings.identity.id.str(), settings.opening.opens.str(),
                      made->memory_bytes() / 1024);
    return made;
}

OwnOpening::OwnOpening(const ImageSettings& settings, flash::Slots& slots, std::optional<crypto::xwing::PrivateKey> key)
    : size_bytes_(flash::ImageOpening::storage_bytes(settings.opening.opens)),
      memory_(std::make_unique<std::uint8_t[]>(size_bytes_)),
      key_(std::move(key)),
      key_opener_(key_ ? std::optional<seal::XWingKeyOpener>(std::in_place, *key_) : std::nullopt),
      opening_(settings.opening.opens, slots, hasher_, {memory_.get(), size_bytes_},
               key_opener_
                   ? std::optional(flash::ImageOpening::Key{*key_opener_, chunks_, settings.identity.id.address()})
                   : std::nullopt) {}

}  // namespace pitstop::ecu
