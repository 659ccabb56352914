#include "io/tls/algorithms.h"

#include "io/tls/faults.h"

#include <algorithm>
#include <format>

namespace pitstop::io::tls {
namespace {

// OpenSSL reads an empty list as "the defaults", and ':', '?', '*', '-' and '/' as more than one name: both would offer
// what nobody asked for.
bool is_one_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

}  // namespace

Result<void> set_protocol(SSL_CTX* context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    // Thousands of idle vehicle connections: their 34 KiB of buffers each are given back between messages.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    if (SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) != 1 ||
        SSL_CTX_get_min_proto_version(context) !=
            TLS1_3_VERSION ||  // a version that does not fit is ignored in silence
        SSL_CTX_set_ciphersuites(context, cipher_suites) != 1 ||
        SSL_CTX_set_max_early_data(context, 0) != 1)
        return fail(faults::cannot_configure, std::format("TLS 1.3: {}", crypto::take_reason()));
    return {};
}

Result<void> offer_only(SSL_CTX* context, const std::string& group, const std::string& signature_algorithm) {
    if (!is_one_name(group) || SSL_CTX_set1_groups_list(context, group.c_str()) != 1)
        return fail(faults::group_unavailable, std::format("{}: {}", group, crypto::take_reason()));
    if (!is_one_name(signature_algorithm) || SSL_CTX_set1_sigalgs_list(context, signature_algorithm.c_str()) != 1 ||
        SSL_CTX_set1_client_sigalgs_list(context, signature_algorithm.c_str()) != 1)
        return fail(faults::signature_unavailable, std::format("{}: {}", signature_algorithm, crypto::take_reason()));
    return {};
}

}  // namespace pitstop::io::tls
