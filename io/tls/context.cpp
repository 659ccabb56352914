#include "io/tls/context.h"

#include "core/crypto/digest.h"
#include "io/keys/certificate_authority.h"
#include "io/keys/key_file.h"
#include "io/tls/algorithms.h"
#include "io/tls/faults.h"

#include <format>

namespace pitstop::io::tls {
namespace {

using crypto::Owned;
using crypto::take_reason;

// A resumed session skips certificate verification, so it must not outlive a revocation by long.
constexpr long session_lifetime_s = 3600;

std::unexpected<Error> bad_certificate(const std::filesystem::path& path, std::string_view why) {
    return fail(faults::bad_certificate, std::format("{}: {}", path.string(), why));
}

Result<crypto::PublicKey> use_own_certificate(SSL_CTX* context, const Profile& profile, const TlsSettings& settings) {
    const auto certificate = keys::load_certificate(settings.certificate_chain);
    if (!certificate) return fail(faults::bad_certificate, certificate.error().str());
    if (certificate->public_key().type() != profile.certificate_key)
        return fail(
            faults::wrong_key,
            std::format("{} holds a key of kind {}, profile {} demands {}", settings.certificate_chain.string(),
                        to_string(certificate->public_key().type()), profile.id, to_string(profile.certificate_key)));
    TRY(const auto key, keys::load_private_key(settings.private_key));
    if (key.public_key() != certificate->public_key())
        return fail(faults::wrong_key, std::format("{} does not belong to {}", settings.private_key.string(),
                                                   settings.certificate_chain.string()));
    if (SSL_CTX_use_certificate_chain_file(context, settings.certificate_chain.c_str()) != 1)
        return bad_certificate(settings.certificate_chain, take_reason());
    if (SSL_CTX_use_PrivateKey(context, key.native()) != 1)
        return fail(faults::wrong_key, std::format("{}: {}", settings.private_key.string(), take_reason()));
    return key.public_key();
}

Result<void> trust(SSL_CTX* context, Side side, const TlsSettings& settings) {
    if (settings.peer_certificate == PeerCertificate::none) {
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
        return {};
    }
    if (settings.trust_anchors.empty()) return fail(faults::bad_certificate, "no trust anchors are configured");
    if (SSL_CTX_load_verify_file(context, settings.trust_anchors.c_str()) != 1)
        return bad_certificate(settings.trust_anchors, take_reason());
    const bool demand = side == Side::client || settings.peer_certificate == PeerCertificate::required;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (demand ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
    if (side == Side::server) {
        STACK_OF(X509_NAME)* const names = SSL_load_client_CA_file(settings.trust_anchors.c_str());
        if (names == nullptr) return bad_certificate(settings.trust_anchors, take_reason());
        SSL_CTX_set_client_CA_list(context, names);  // takes them over
    }
    return {};
}

// Tickets resume only where they were issued: under this key and profile. Without such a name OpenSSL refuses every
// resumption that a client certificate took part in.
Result<void> issue_tickets(SSL_CTX* context, const Profile& profile, const crypto::PublicKey& own_key) {
    const auto name = crypto::sha256(view_of(std::format("{} {}", profile.id, own_key.key_id())));
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER);
    SSL_CTX_set_timeout(context, session_lifetime_s);
    if (SSL_CTX_set_session_id_context(context, name.data(), name.size()) != 1)
        return fail(faults::cannot_configure, std::format("session tickets: {}", take_reason()));
    return {};
}

}  // namespace

Result<boost::asio::ssl::context> make_context(Side side, const TlsSettings& settings) {
    TRY(const Profile profile, find_profile(settings.profile, settings.allow_classical));
    Owned<SSL_CTX> context(SSL_CTX_new(side == Side::server ? TLS_server_method() : TLS_client_method()));
    if (!context) return fail(faults::cannot_configure, std::format("a new context: {}", take_reason()));
    ENSURE(set_protocol(context.get()));
    ENSURE(offer_only(context.get(), std::string(profile.group(settings.hybrid)),
                      std::string(profile.signature_algorithm)));
    ENSURE(trust(context.get(), side, settings));
    if (side == Side::server || !settings.certificate_chain.empty()) {
        TRY(const auto own_key, use_own_certificate(context.get(), profile, settings));
        if (side == Side::server) ENSURE(issue_tickets(context.get(), profile, own_key));
    }
    return boost::asio::ssl::context(context.release());
}

}  // namespace pitstop::io::tls
