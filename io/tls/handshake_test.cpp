#include "io/tls/faults.h"
#include "io/tls/handshake_in_memory.h"

namespace pitstop::io::tls {
namespace {

class EachProfile : public testing::TestWithParam<int> {
protected:
    const Profile profile = profiles()[static_cast<std::size_t>(GetParam())];
    TlsSettings server = allowing_classical(settings_for(Side::server, profile.id));
    TlsSettings client = allowing_classical(settings_for(Side::client, profile.id));

    static TlsSettings allowing_classical(TlsSettings settings) {
        settings.allow_classical = AllowClassical::yes;
        return settings;
    }
};
INSTANTIATE_TEST_SUITE_P(Profiles, EachProfile, testing::Range(0, 13));

TEST_P(EachProfile, NegotiatesItsGroupAndSignatureWithAndWithoutHybrid) {
    for (const HybridKex hybrid : {HybridKex::on, HybridKex::off}) {
        server.hybrid = client.hybrid = hybrid;
        auto accepting = make_context(Side::server, server);
        auto connecting = make_context(Side::client, client);
        ASSERT_TRUE(accepting && connecting);
        Handshake handshake(accepting->native_handle(), connecting->native_handle());
        ASSERT_TRUE(verify_host(handshake.client.get(), "localhost"));
        ASSERT_TRUE(handshake.succeeds());
        for (SSL* end : {handshake.server.get(), handshake.client.get()}) {
            const auto read_back = negotiated(end);
            EXPECT_TRUE(check_negotiated(profile, hybrid, read_back))
                << check_negotiated(profile, hybrid, read_back).error().str();
            EXPECT_EQ(read_back.signature, profile.signature_algorithm);
            EXPECT_EQ(read_back.cipher, "TLS_AES_256_GCM_SHA384");
            EXPECT_EQ(SSL_version(end), TLS1_3_VERSION);
        }
        EXPECT_EQ(peer_common_name(handshake.server.get()), "TESTCAR1");
    }
}

TEST_P(EachProfile, RefusesAClientThatOffersOnlyClassicalGroups) {
    if (profile.id == 0) return;
    auto accepting = make_context(Side::server, server);
    const auto stranger = foreign_client(credentials(profile.certificate_key), "X25519:P-256:P-384");
    EXPECT_FALSE(Handshake(accepting->native_handle(), stranger.get()).succeeds());
}

TEST_P(EachProfile, RefusesTls12) {
    auto accepting = make_context(Side::server, server);
    const auto stranger = foreign_client(credentials(profile.certificate_key), "X25519:X25519MLKEM768");
    SSL_CTX_set_max_proto_version(stranger.get(), TLS1_2_VERSION);
    EXPECT_FALSE(Handshake(accepting->native_handle(), stranger.get()).succeeds());
}

TEST_P(EachProfile, DemandsACertificateOfItsKind) {
    const auto other = profile.certificate_key == crypto::KeyType::ml_dsa_44 ? crypto::KeyType::ecdsa_p256
                                                                             : crypto::KeyType::ml_dsa_44;
    server.certificate_chain = credentials(other).folder / "server.crt";
    server.private_key = credentials(other).folder / "server.key";
    EXPECT_TRUE(make_context(Side::server, server).error().is(faults::wrong_key));
}

TEST(Profile, ZeroIsRefusedUnlessExplicitlyAllowed) {
    EXPECT_TRUE(make_context(Side::server, settings_for(Side::server, 0)).error().is(faults::classical_refused));
    EXPECT_TRUE(find_profile(0, AllowClassical::yes).has_value());
    for (int unknown : {-1, 13, 1000})
        EXPECT_TRUE(find_profile(unknown, AllowClassical::yes).error().is(faults::unknown_profile));
}

TEST(Profile, StandsAtItsOwnNumberAndIsPostQuantumFromOneOn) {
    for (int id = 0; id < 13; ++id) {
        const auto profile = find_profile(id, AllowClassical::yes);
        EXPECT_EQ(profile->id, id);
        for (HybridKex hybrid : {HybridKex::on, HybridKex::off})
            EXPECT_EQ(profile->group(hybrid).contains("MLKEM"), id != 0);
    }
}

TEST(Algorithms, AGroupOrSchemeThatCannotBeSetIsFatal) {
    const crypto::Owned<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
    ASSERT_TRUE(offer_only(context.get(), "MLKEM768", "mldsa65").has_value());
    for (const char* group : {"MLKEM9999", "", "X25519MLKEM768:X25519", "?MLKEM9999", "DEFAULT:-X25519"}) {
        const auto refused = offer_only(context.get(), group, "mldsa65");
        ASSERT_FALSE(refused.has_value()) << group;
        EXPECT_TRUE(refused.error().is(faults::group_unavailable)) << group;
        EXPECT_EQ(refused.error().remedy(), Remedy::stop);
    }
    for (const char* scheme : {"mldsa99", "", "mldsa65:rsa_pss_rsae_sha256", "?mldsa99"}) {
        const auto refused = offer_only(context.get(), "MLKEM768", scheme);
        ASSERT_FALSE(refused.has_value()) << scheme;
        EXPECT_TRUE(refused.error().is(faults::signature_unavailable)) << scheme;
    }
}

TEST(Algorithms, AContextThatCannotSpeakTls13IsRefused) {
    const crypto::Owned<SSL_CTX> datagrams(SSL_CTX_new(DTLS_client_method()));
    const auto refused = set_protocol(datagrams.get());
    ASSERT_FALSE(refused.has_value());
    EXPECT_TRUE(refused.error().is(faults::cannot_configure));
}

TEST(CheckNegotiated, DistrustsAnyOtherGroupOrSignature) {
    const auto profile = *find_profile(2, AllowClassical::no);
    const Negotiated good{"X25519MLKEM768", "ecdsa_secp256r1_sha256", "TLS_AES_256_GCM_SHA384"};
    EXPECT_TRUE(check_negotiated(profile, HybridKex::on, good).has_value());
    EXPECT_TRUE(check_negotiated(profile, HybridKex::off, good).error().is(faults::wrong_group));
    for (const char* group : {"x25519", "", "MLKEM768", "X25519MLKEM768x"}) {
        auto other = good;
        other.group = group;
        EXPECT_TRUE(check_negotiated(profile, HybridKex::on, other).error().is(faults::wrong_group)) << group;
    }
    auto other = good;
    other.signature = "mldsa65";
    EXPECT_EQ(check_negotiated(profile, HybridKex::on, other).error().remedy(), Remedy::distrust);
}

}  // namespace
}  // namespace pitstop::io::tls
