// For this room's tests: throw-away TLS identities, a folder that goes away, and a peer that sends whatever it likes.
#pragma once

#include "io/http/server.h"
#include "io/tls/context.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <fstream>
#include <memory>
#include <string>

namespace pitstop::io::http {

class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "pitstop-http-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

    std::filesystem::path write(std::string_view name, std::string_view text) const {
        std::ofstream(path_ / name, std::ios::binary) << text;
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

// A self-signed P-256 certificate for localhost with this common name, which its holder's peers take as their trust
// anchor.
inline tls::TlsSettings make_identity(const Folder& folder, const std::string& common_name) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
    X509* const x509 = certificate.get();
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -300);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_NAME* const name = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(common_name.c_str()),
                               -1, -1, 0);
    X509_set_issuer_name(x509, name);
    X509_set_pubkey(x509, key.get());
    for (const auto& [nid, value] :
         {std::pair{NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1"}, {NID_basic_constraints, "critical,CA:TRUE"}}) {
        X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
        X509_add_ext(x509, extension, -1);
        X509_EXTENSION_free(extension);
    }
    X509_sign(x509, key.get(), EVP_sha256());

    tls::TlsSettings settings;
    settings.certificate_chain = folder / (common_name + ".crt");
    settings.private_key = folder / (common_name + ".key");
    const auto save = [](const std::filesystem::path& path, auto write) {
        BIO* const file = BIO_new_file(path.c_str(), "w");
        write(file);
        BIO_free(file);
        std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    };
    save(settings.certificate_chain, [&](BIO* to) { PEM_write_bio_X509(to, x509); });
    save(settings.private_key,
         [&](BIO* to) { PEM_write_bio_PKCS8PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
    settings.trust_anchors = settings.certificate_chain;
    return settings;
}

// A client that speaks bytes, not HTTP. Reading ends with the server's end of the connection.
class RawPeer {
public:
    explicit RawPeer(std::uint16_t port) : socket_(context_) {
        socket_.connect({boost::asio::ip::make_address("127.0.0.1"), port});
    }
    void say(std::string_view bytes) {
        boost::system::error_code gone;  // the server may refuse before all is said
        boost::asio::write(socket_, boost::asio::buffer(bytes), gone);
    }
    void end() { socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send); }
    std::string hear_all() {
        std::string heard;
        boost::system::error_code end;
        boost::asio::read(socket_, boost::asio::dynamic_buffer(heard), end);
        return heard;
    }
    std::string hear(std::size_t bytes) {
        std::string heard(bytes, '\0');
        boost::system::error_code end;
        heard.resize(boost::asio::read(socket_, boost::asio::buffer(heard), end));
        return heard;
    }
    std::string ask(std::string_view request) {
        say(request);
        return hear_all();
    }

private:
    boost::asio::io_context context_;
    boost::asio::ip::tcp::socket socket_;
};

}  // namespace pitstop::io::http
