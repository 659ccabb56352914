#include "io/keys/faults.h"
#include "io/tls/faults.h"
#include "io/tls/handshake_in_memory.h"

namespace pitstop::io::tls {
namespace {

constexpr auto ecdsa = crypto::KeyType::ecdsa_p256;

struct Both {
    boost::asio::ssl::context server, client;
    Both(const TlsSettings& server_settings, const TlsSettings& client_settings)
        : server(make_context(Side::server, server_settings).value()),
          client(make_context(Side::client, client_settings).value()) {}
    Handshake handshake() { return {server.native_handle(), client.native_handle()}; }
};

TEST(Context, RefusesAServerThatIsNotTheHostMeant) {
    Both both(settings_for(Side::server, 2), settings_for(Side::client, 2));
    for (const char* right : {"localhost", "127.0.0.1"}) {
        auto handshake = both.handshake();
        ASSERT_TRUE(verify_host(handshake.client.get(), right));
        EXPECT_TRUE(handshake.succeeds()) << right;
    }
    for (const char* wrong : {"ota.example.com", "127.0.0.2", "::1", "localhost.evil.example"}) {
        auto handshake = both.handshake();
        ASSERT_TRUE(verify_host(handshake.client.get(), wrong));
        EXPECT_FALSE(handshake.succeeds()) << wrong;
    }
    auto handshake = both.handshake();
    EXPECT_TRUE(verify_host(handshake.client.get(), "").error().is(faults::bad_host));
    EXPECT_TRUE(
        verify_host(handshake.client.get(), std::string_view("localhost\0.evil", 15)).error().is(faults::bad_host));
}

TEST(Context, RefusesAClientWithoutACertificateOnlyWhereOneIsRequired) {
    auto anonymous = settings_for(Side::client, 2);
    anonymous.certificate_chain.clear();
    auto server = settings_for(Side::server, 2);
    EXPECT_FALSE(Both(server, anonymous).handshake().succeeds());
    for (const auto lenient : {PeerCertificate::optional, PeerCertificate::none}) {
        server.peer_certificate = lenient;
        Both both(server, anonymous);
        auto handshake = both.handshake();
        EXPECT_TRUE(handshake.succeeds());
        EXPECT_EQ(peer_common_name(handshake.server.get()), std::nullopt);
    }
}

TEST(Context, RefusesACertificateOfAnotherAuthority) {
    const Credentials strangers(crypto::KeyType::ed25519);  // makes the folder
    const auto authority = *keys::CertificateAuthority::create(ecdsa, "other-ca", test_now);
    ASSERT_TRUE(save(*authority.issue_client("TESTCAR1", keys::vehicle_lifetime, test_now),
                     strangers.folder / "own.crt", strangers.folder / "own.key"));
    auto stranger = settings_for(Side::client, 2);
    stranger.certificate_chain = strangers.folder / "own.crt";
    stranger.private_key = strangers.folder / "own.key";
    for (const auto demand : {PeerCertificate::required, PeerCertificate::optional}) {
        auto server = settings_for(Side::server, 2);
        server.peer_certificate = demand;
        EXPECT_FALSE(Both(server, stranger).handshake().succeeds());
    }
}

TEST(Context, RefusesAVehicleCertificateInTheServersPlaceAndTheReverse) {
    auto server = settings_for(Side::server, 2);
    auto client = settings_for(Side::client, 2);
    std::swap(server.certificate_chain, client.certificate_chain);
    std::swap(server.private_key, client.private_key);
    EXPECT_FALSE(Both(server, settings_for(Side::client, 2)).handshake().succeeds());
    EXPECT_FALSE(Both(settings_for(Side::server, 2), client).handshake().succeeds());
}

TEST(Context, BelievesNoNameThatWasNotVerified) {
    auto server = settings_for(Side::server, 2);
    auto client = settings_for(Side::client, 2);
    client.peer_certificate = PeerCertificate::none;
    Both both(server, client);
    auto handshake = both.handshake();
    ASSERT_TRUE(handshake.succeeds());
    EXPECT_EQ(peer_common_name(handshake.client.get()), std::nullopt);
    EXPECT_EQ(peer_common_name(handshake.server.get()), "TESTCAR1");
}

TEST(Context, ResumesWithATicketAndStillKnowsThePeerAndTheGroup) {
    Both both(settings_for(Side::server, 2), settings_for(Side::client, 2));
    auto first = both.handshake();
    ASSERT_TRUE(first.succeeds());
    SSL_SESSION* const ticket = SSL_get1_session(first.client.get());
    auto second = both.handshake();
    SSL_set_session(second.client.get(), ticket);
    SSL_SESSION_free(ticket);
    ASSERT_TRUE(second.succeeds());
    EXPECT_EQ(negotiated(second.server.get()).signature, "resumed");
    EXPECT_TRUE(check_negotiated(*find_profile(2, AllowClassical::no), HybridKex::on, negotiated(second.client.get())));
    EXPECT_EQ(peer_common_name(second.server.get()), "TESTCAR1");
}

TEST(Context, FailsOnFilesThatAreMissingWrongOrExposed) {
    const auto good = settings_for(Side::server, 2);
    auto bad = good;
    bad.certificate_chain = good.certificate_chain.parent_path() / "missing.crt";
    EXPECT_TRUE(make_context(Side::server, bad).error().is(faults::bad_certificate));
    bad.certificate_chain.clear();
    EXPECT_TRUE(make_context(Side::server, bad).error().is(faults::bad_certificate));

    bad = good;
    bad.trust_anchors.clear();
    EXPECT_TRUE(make_context(Side::server, bad).error().is(faults::bad_certificate));
    bad.trust_anchors = good.private_key;  // PEM, but no certificate
    EXPECT_TRUE(make_context(Side::client, bad).error().is(faults::bad_certificate));

    bad = good;
    bad.private_key = settings_for(Side::client, 2).private_key;
    EXPECT_TRUE(make_context(Side::server, bad).error().is(faults::wrong_key));

    std::filesystem::permissions(good.private_key, std::filesystem::perms::group_read,
                                 std::filesystem::perm_options::add);
    EXPECT_TRUE(make_context(Side::server, good).error().is(keys::faults::exposed));
    std::filesystem::permissions(good.private_key, std::filesystem::perms::group_read,
                                 std::filesystem::perm_options::remove);
}

}  // namespace
}  // namespace pitstop::io::tls
