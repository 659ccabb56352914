// For tests: both ends of a TLS connection in one thread, joined by memory, and certificates of every kind on disk.
#pragma once

#include "io/keys/certificate_authority.h"
#include "io/tls/algorithms.h"
#include "io/tls/connection.h"
#include "io/tls/context.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>

namespace pitstop::io::tls {

inline const UtcTime test_now{static_cast<std::int64_t>(::time(nullptr))};  // OpenSSL compares with the real clock

// server.crt, client.crt and ca.crt of one kind of key, made once for all tests of the program.
struct Credentials {
    std::filesystem::path folder;
    explicit Credentials(crypto::KeyType type)
        : folder(std::filesystem::path(testing::TempDir()) / std::format("tls-{}-{}", ::getpid(), to_string(type))) {
        std::filesystem::create_directories(folder);
        const auto authority = keys::CertificateAuthority::create(type, "test-ca", test_now).value();
        const std::array names{keys::ServerName::parse("localhost").value(),
                               keys::ServerName::parse("127.0.0.1").value()};
        EXPECT_TRUE(authority.save(folder / "ca.crt", folder / "ca.key"));
        EXPECT_TRUE(
            save(authority.issue_server(names, test_now).value(), folder / "server.crt", folder / "server.key"));
        EXPECT_TRUE(save(authority.issue_client("TESTCAR1", keys::vehicle_lifetime, test_now).value(),
                         folder / "client.crt", folder / "client.key"));
    }
    Credentials(const Credentials&) = delete;
    Credentials& operator=(const Credentials&) = delete;
    ~Credentials() { std::filesystem::remove_all(folder); }
};

inline const Credentials& credentials(crypto::KeyType type) {
    static std::map<crypto::KeyType, Credentials> made;
    return made.try_emplace(type, type).first->second;
}

inline TlsSettings settings_for(Side side, int profile, HybridKex hybrid = HybridKex::on) {
    const auto& folder = credentials(profiles()[static_cast<std::size_t>(profile)].certificate_key).folder;
    const std::string own = side == Side::server ? "server" : "client";
    return {profile,
            hybrid,
            AllowClassical::no,
            folder / (own + ".crt"),
            folder / (own + ".key"),
            folder / "ca.crt",
            PeerCertificate::required};
}

// A context that no room of ours would make: what a stranger brings.
inline crypto::Owned<SSL_CTX> foreign_client(const Credentials& trusted, const char* groups) {
    crypto::Owned<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
    EXPECT_EQ(SSL_CTX_set1_groups_list(context.get(), groups), 1);
    EXPECT_EQ(SSL_CTX_use_certificate_chain_file(context.get(), (trusted.folder / "client.crt").c_str()), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey_file(context.get(), (trusted.folder / "client.key").c_str(), SSL_FILETYPE_PEM), 1);
    EXPECT_EQ(SSL_CTX_load_verify_file(context.get(), (trusted.folder / "ca.crt").c_str()), 1);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    return context;
}

class Handshake {
public:
    Handshake(SSL_CTX* server_context, SSL_CTX* client_context)
        : server(SSL_new(server_context)),
          client(SSL_new(client_context)) {
        BIO* server_end = nullptr;
        BIO* client_end = nullptr;
        BIO_new_bio_pair(&server_end, 65536, &client_end, 65536);
        SSL_set_bio(server.get(), server_end, server_end);
        SSL_set_bio(client.get(), client_end, client_end);
        SSL_set_accept_state(server.get());
        SSL_set_connect_state(client.get());
    }

    // True when both ends finished, and the client saw the server's answer to its certificate.
    bool succeeds() {
        bool server_done = false, client_done = false;
        for (int round = 0; round < 20 && !(server_done && client_done); ++round) {
            client_done = client_done || step(client.get());
            server_done = server_done || step(server.get());
            if (broken_) return false;
        }
        char byte = 0;
        SSL_read(client.get(), &byte, 1);  // takes in the tickets
        return server_done && client_done;
    }

    crypto::Owned<SSL> server;
    crypto::Owned<SSL> client;

private:
    bool step(SSL* end) {
        const int result = SSL_do_handshake(end);
        if (result == 1) return true;
        const int error = SSL_get_error(end, result);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) broken_ = true;
        static_cast<void>(crypto::take_reason());
        return false;
    }
    bool broken_ = false;
};

}  // namespace pitstop::io::tls
