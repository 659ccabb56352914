#include "io/tls/connection.h"

#include "core/crypto/openssl.h"
#include "io/keys/certificate.h"
#include "io/tls/faults.h"

#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <algorithm>
#include <array>
#include <format>

namespace pitstop::io::tls {
namespace {

std::string text_or_nothing(const char* text) { return text != nullptr ? text : ""; }

// With which scheme the server proved itself: its own signature here, its peer's on the client.
std::string server_signature(SSL* connection) {
    if (SSL_session_reused(connection) == 1) return "resumed";
    const char* name = nullptr;
    const long found = SSL_is_server(connection) == 1 ? SSL_get0_signature_name(connection, &name)
                                                      : SSL_get0_peer_signature_name(connection, &name);
    return found == 1 ? text_or_nothing(name) : "";
}

bool same_ignoring_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

Negotiated negotiated(SSL* connection) {
    return {text_or_nothing(SSL_get0_group_name(connection)), server_signature(connection),
            text_or_nothing(SSL_get_cipher_name(connection))};
}

Result<void> check_negotiated(const Profile& profile, HybridKex hybrid, const Negotiated& negotiated) {
    const bool right_group = same_ignoring_case(negotiated.group, profile.group(hybrid));
    const bool right_signature =
        negotiated.signature == profile.signature_algorithm || negotiated.signature == "resumed";
    if (right_group && right_signature) return {};
    return fail(faults::wrong_group,
                std::format("{} with {}; profile {} demands {} with {}", negotiated.group, negotiated.signature,
                            profile.id, profile.group(hybrid), profile.signature_algorithm));
}

std::optional<std::string> peer_common_name(SSL* connection) {
    const X509* const certificate = SSL_get0_peer_certificate(connection);
    const bool verified =
        (SSL_get_verify_mode(connection) & SSL_VERIFY_PEER) != 0 && SSL_get_verify_result(connection) == X509_V_OK;
    if (certificate == nullptr || !verified) return std::nullopt;
    return keys::common_name_of(certificate);
}

Result<void> verify_host(SSL* connection, std::string_view host) {
    const std::string name(host);
    // A NUL inside would let OpenSSL check less of the name than the caller meant.
    if (name.empty() || name.contains('\0')) return fail(faults::bad_host, "empty, or with a NUL character");
    std::array<std::uint8_t, 16> address{};
    const bool is_address = ::inet_pton(AF_INET, name.c_str(), address.data()) == 1 ||
                            ::inet_pton(AF_INET6, name.c_str(), address.data()) == 1;
    X509_VERIFY_PARAM* const demands = SSL_get0_param(connection);
    X509_VERIFY_PARAM_set_hostflags(demands,
                                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    const bool set = is_address ? X509_VERIFY_PARAM_set1_ip_asc(demands, name.c_str()) == 1
                                : X509_VERIFY_PARAM_set1_host(demands, name.data(), name.size()) == 1 &&
                                      SSL_set_tlsext_host_name(connection, name.c_str()) == 1;
    if (!set) return fail(faults::bad_host, std::format("'{:.80}': {}", name, crypto::take_reason()));
    return {};
}

std::string why_failed(const SSL* connection, std::string_view reason) {
    const long verified = SSL_get_verify_result(connection);
    if (verified == X509_V_OK) return std::string(reason);
    return std::format("{}: {}", reason, X509_verify_cert_error_string(verified));
}

}  // namespace pitstop::io::tls
