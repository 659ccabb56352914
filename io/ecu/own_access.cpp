#include "io/ecu/own_access.h"

#include "io/files/atomic_file.h"
#include "io/keys/certificate_authority.h"
#include "io/keys/credential.h"
#include "io/log/log.h"

namespace pitstop::ecu {

std::uint8_t AttemptFile::wrong_keys() const {
    const auto kept = io::files::read_if_there(file_, 1);
    if (kept && !*kept) return 0;
    return kept && (*kept)->size() == 1 ? (*kept)->front() : attempts_max;
}

Result<void> AttemptFile::remember(std::uint8_t wrong_keys) {
    return io::files::write_atomically(file_, {&wrong_keys, 1}, io::files::FileMode::private_);
}

OwnAccess::OwnAccess(const ImageSettings& settings)
    : door_{settings.identity.id.address(), Text<17>(settings.identity.vin.view())},
      attempts_(settings.flash.file.string() + ".attempts") {}

Result<std::unique_ptr<OwnAccess>> OwnAccess::open(const ImageSettings& settings, io::Loop& loop,
                                                   std::span<const uds::AccessRule> rules) {
    if (!settings.access) {
        io::log::warning("{}: no 'access' in its configuration: everybody may program it", settings.identity.id.str());
        return nullptr;
    }
    std::unique_ptr<OwnAccess> made(new OwnAccess(settings));
    if (!settings.access->authorities.empty()) {
        std::vector<io::keys::Certificate> authorities;
        std::vector<X509*> native;
        for (const auto& file : settings.access->authorities) {
            TRY(auto authority, io::keys::load_certificate(file));
            authorities.push_back(std::move(authority));
        }
        for (const auto& authority : authorities) native.push_back(authority.native());
        made->judge_.emplace(native,
                             crypto::CertifiedEcu{settings.identity.vin.str(), settings.identity.hardware_id.str()},
                             [&loop] { return loop.utc_now(); });
        made->certificates_.emplace(*made->judge_, made->randomness_, made->door_, settings.access->proofs);
    }
    if (settings.access->security_key) {
        TRY(const auto key, io::keys::load_ecu_secret(*settings.access->security_key));
        made->security_.emplace(key, made->door_,
                                uds::SecurityAccess::Parts{made->randomness_, made->hasher_, made->attempts_},
                                loop.now());
    }
    made->control_.emplace(uds::AccessControl::Ways{made->certificates_ ? &*made->certificates_ : nullptr,
                                                    made->security_ ? &*made->security_ : nullptr},
                           made->storage_, uds::CheckingTakes::less_than_p2, rules);
    return made;
}

}  // namespace pitstop::ecu
