#include "io/tls/broker_config.h"

#include "io/tls/algorithms.h"

#include <format>

namespace pitstop::io::tls {

std::string openssl_conf_for_broker(const Profile& profile, HybridKex hybrid) {
    return std::format(
        "# TLS profile {0}: {1}. Written by pitstop; the broker reads it through OPENSSL_CONF.\n"
        "config_diagnostics = 1\n"
        "openssl_conf = pitstop\n"
        "[pitstop]\n"
        "ssl_conf = pitstop_ssl\n"
        "[pitstop_ssl]\n"
        "system_default = profile_{0}\n"
        "[profile_{0}]\n"
        "MinProtocol = TLSv1.3\n"
        "MaxProtocol = TLSv1.3\n"
        "Ciphersuites = {2}\n"
        "Groups = {3}\n"
        "SignatureAlgorithms = {4}\n"
        "ClientSignatureAlgorithms = {4}\n",
        profile.id, profile.name, cipher_suites, profile.group(hybrid), profile.signature_algorithm);
}

}  // namespace pitstop::io::tls
