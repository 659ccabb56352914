// Text for OPENSSL_CONF that makes an unmodified broker offer only the profile's groups and signature algorithms.
//
// Mosquitto has no setting for either. The file is read when its process starts; a line that OpenSSL does not
// understand makes every TLS context fail (config_diagnostics) instead of being skipped.
#pragma once

#include "io/tls/profile.h"

#include <string>

namespace pitstop::io::tls {

[[nodiscard]] std::string openssl_conf_for_broker(const Profile& profile, HybridKex hybrid = HybridKex::on);

}  // namespace pitstop::io::tls
