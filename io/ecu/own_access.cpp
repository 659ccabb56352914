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

KeptTicket::KeptTicket(std::optional<std::filesystem::path> file) : file_(std::move(file)) {
    if (!file_) return;
    const auto kept = io::files::read_if_there(*file_, uds::ReturnTicket::size_bytes);
    if (kept && *kept) ticket_ = uds::ReturnTicket::parse(**kept);
}

Result<void> KeptTicket::keep(const std::optional<uds::ReturnTicket>& ticket) {
    const auto bytes = ticket ? ticket->bytes() : std::array<std::uint8_t, uds::ReturnTicket::size_bytes>{};
    if (file_) ENSURE(io::files::write_atomically(*file_, bytes, io::files::FileMode::private_));
    ticket_ = ticket;
    return {};
}

OwnAccess::OwnAccess(const Owner& owner)
    : door_{owner.id.address(), Text<17>(owner.vin.view())},
      attempts_(owner.attempts),
      ticket_(owner.ticket) {}

Result<std::unique_ptr<OwnAccess>> OwnAccess::open(io::Loop& loop, const Owner& owner,
                                                   const std::optional<AccessSettings>& settings) {
    if (!settings) {
        io::log::warning("{}: no 'access' in its configuration: everybody may program it", owner.id.str());
        return nullptr;
    }
    std::unique_ptr<OwnAccess> made(new OwnAccess(owner));
    if (!settings->authorities.empty()) {
        std::vector<io::keys::Certificate> authorities;
        std::vector<X509*> native;
        for (const auto& file : settings->authorities) {
            TRY(auto authority, io::keys::load_certificate(file));
            authorities.push_back(std::move(authority));
        }
        for (const auto& authority : authorities) native.push_back(authority.native());
        made->judge_.emplace(native, crypto::CertifiedEcu{owner.vin.str(), owner.hardware},
                             [&loop] { return loop.utc_now(); });
        made->certificates_.emplace(*made->judge_, made->randomness_, made->door_, settings->proofs,
                                    uds::AuthenticationServer::Returns{made->ticket_, made->hasher_});
    }
    if (settings->security_key) {
        TRY(const auto key, io::keys::load_ecu_secret(*settings->security_key));
        made->security_.emplace(key, made->door_,
                                uds::SecurityAccess::Parts{made->randomness_, made->hasher_, made->attempts_},
                                loop.now());
    }
    made->control_.emplace(uds::AccessControl::Ways{made->certificates_ ? &*made->certificates_ : nullptr,
                                                    made->security_ ? &*made->security_ : nullptr},
                           made->storage_, uds::CheckingTakes::less_than_p2);
    return made;
}

}  // namespace pitstop::ecu
