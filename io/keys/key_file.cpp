#include "io/keys/key_file.h"

#include "io/files/atomic_file.h"
#include "io/files/descriptor.h"
#include "io/keys/faults.h"

#include <openssl/crypto.h>

#include <sys/stat.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <format>

namespace pitstop::io::keys {
namespace {

std::unexpected<Error> unreadable(const std::filesystem::path& path, std::string_view why) {
    return fail(faults::unreadable, std::format("{}: {}", path.string(), why));
}

Result<std::string> read_private(const std::filesystem::path& path, std::size_t size_bytes_max) {
    const auto file = files::open_regular(path);
    if (!file) return fail(faults::unreadable, file.error().detail());
    struct stat about{};
    if (::fstat(file->get(), &about) != 0) return unreadable(path, std::strerror(errno));
    if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return fail(faults::exposed, std::format("{} has mode {:04o}", path.string(), about.st_mode & 07777));
    std::string text(size_bytes_max + 1, '\0');
    const auto have =
        files::read_some(file->get(), Room(reinterpret_cast<std::uint8_t*>(text.data()), text.size()), path);
    if (!have) return fail(faults::unreadable, have.error().detail());
    if (*have > size_bytes_max) return unreadable(path, std::format("more than {} bytes", size_bytes_max));
    text.resize(*have);
    return text;
}

// Tells which file was meant: a bare "wrong passphrase" helps nobody who has five of them.
std::unexpected<Error> in_file(const Error& error, const std::filesystem::path& path) {
    return fail(error.fault(), std::format("{}: {}", path.string(), error.detail()));
}

}  // namespace

Result<void> save_private_key(const std::filesystem::path& path, const crypto::PrivateKey& key,
                              std::optional<std::string_view> passphrase) {
    TRY(auto pem, crypto::private_to_pem(key, passphrase));
    const auto written = files::write_atomically(path, view_of(pem), files::FileMode::private_);
    OPENSSL_cleanse(pem.data(), pem.size());
    return written;
}

Result<crypto::PrivateKey> load_private_key(const std::filesystem::path& path,
                                            std::optional<std::string_view> passphrase) {
    TRY(auto pem, read_private(path, crypto::private_pem_bytes_max));
    auto key = crypto::private_from_pem(pem, passphrase);
    OPENSSL_cleanse(pem.data(), pem.size());
    if (!key) return in_file(key.error(), path);
    return key;
}

Result<void> save_public_key(const std::filesystem::path& path, const crypto::PublicKey& key) {
    return files::write_atomically(path, view_of(key.pem()), files::FileMode::shared);
}

Result<crypto::PublicKey> load_public_key(const std::filesystem::path& path) {
    TRY(const auto pem, files::read_file(path, crypto::PublicKey::pem_bytes_max));
    const std::string_view text = text_of(pem);
    // RFC 7468 §5.2: what stands before the block explains it to people.
    auto key = crypto::PublicKey::from_pem(text.substr(std::min(text.find("-----BEGIN "), text.size())));
    if (!key) return in_file(key.error(), path);
    return key;
}

Result<std::string> load_secret(const std::filesystem::path& path) {
    TRY(auto secret, read_private(path, secret_bytes_max));
    if (secret.ends_with('\n')) secret.pop_back();
    if (secret.ends_with('\r')) secret.pop_back();
    if (secret.empty()) return unreadable(path, "it is empty");
    return secret;
}

}  // namespace pitstop::io::keys
