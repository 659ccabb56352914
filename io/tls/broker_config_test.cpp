#include "io/tls/broker_config.h"
#include "io/files/atomic_file.h"
#include "io/tls/handshake_in_memory.h"

#include <openssl/conf.h>
#include <unistd.h>

namespace pitstop::io::tls {
namespace {

// OpenSSL keeps what a configuration says about TLS for the whole process, so each of these runs in a child of its own,
// which knows nothing of this room: it makes a server's context as any program would.
crypto::Owned<SSL_CTX> unmodified_server(const std::string& configuration, const Credentials& own) {
    const auto file = own.folder / "openssl.cnf";
    if (!files::write_atomically(file, view_of(configuration), files::FileMode::shared)) return nullptr;
    if (CONF_modules_load_file(file.c_str(), nullptr, 0) != 1) return nullptr;
    crypto::Owned<SSL_CTX> context(SSL_CTX_new(TLS_server_method()));
    if (!context) return nullptr;
    SSL_CTX_use_certificate_chain_file(context.get(), (own.folder / "server.crt").c_str());
    SSL_CTX_use_PrivateKey_file(context.get(), (own.folder / "server.key").c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_load_verify_file(context.get(), (own.folder / "ca.crt").c_str());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    return context;
}

enum Finding {
    right = 0,
    no_context = 10,
    our_client_refused = 11,
    wrong_algorithms = 12,
    classical_accepted = 13,
    old_accepted = 14
};

Finding try_clients(const Profile& profile, const Credentials& own) {
    // The clients come first: they must not be touched by the broker's configuration.
    auto client = make_context(Side::client, settings_for(Side::client, profile.id));
    const auto classical = foreign_client(own, "X25519:P-256");
    const auto old = foreign_client(own, "X25519:X25519MLKEM768");
    SSL_CTX_set_max_proto_version(old.get(), TLS1_2_VERSION);
    const auto server = unmodified_server(openssl_conf_for_broker(profile), own);
    if (!server || !client) return no_context;

    Handshake handshake(server.get(), client->native_handle());
    if (!handshake.succeeds()) return our_client_refused;
    if (!check_negotiated(profile, HybridKex::on, negotiated(handshake.server.get()))) return wrong_algorithms;
    if (Handshake(server.get(), classical.get()).succeeds()) return classical_accepted;
    return Handshake(server.get(), old.get()).succeeds() ? old_accepted : right;
}

TEST(BrokerConfigurationDeathTest, HoldsAnUnmodifiedServerToEveryProfile) {
    for (const Profile& profile : profiles().subspan(1)) {
        const auto& own = credentials(profile.certificate_key);
        EXPECT_EXIT(::_exit(try_clients(profile, own)), testing::ExitedWithCode(right), "") << profile.id;
    }
}

TEST(BrokerConfigurationDeathTest, FailsInsteadOfSkippingAGroupThatIsNotThere) {
    auto profile = *find_profile(2, AllowClassical::no);
    profile.hybrid_group = "MLKEM9999";
    const auto& own = credentials(profile.certificate_key);
    EXPECT_EXIT(::_exit(try_clients(profile, own)), testing::ExitedWithCode(no_context), "");
}

}  // namespace
}  // namespace pitstop::io::tls
