#include "io/keys/seal_key.h"

#include "core/crypto/xwing_text.h"
#include "io/files/atomic_file.h"
#include "io/keys/key_file.h"

#include <format>

namespace pitstop::io::keys {
namespace {

std::unexpected<Error> in_file(const Error& error, const std::filesystem::path& path) {
    return fail(error.fault(), std::format("{}: {}", path.string(), error.detail()));
}

}  // namespace

Result<void> save_seal_key(const std::filesystem::path& path, const crypto::xwing::PrivateKey& key) {
    std::string text = crypto::xwing::seed_to_text(key);
    const auto saved = files::write_atomically(path, view_of(text), files::FileMode::private_);
    crypto::xwing::wipe_text(text);
    return saved;
}

Result<crypto::xwing::PrivateKey> load_seal_key(const std::filesystem::path& path) {
    TRY(std::string text, load_secret(path));
    auto key = crypto::xwing::private_from_text(text);
    crypto::xwing::wipe_text(text);
    if (!key) return in_file(key.error(), path);
    return key;
}

Result<void> save_public_seal_key(const std::filesystem::path& path, const crypto::xwing::PublicKey& key,
                                  std::string_view head) {
    const std::string text = std::string(head) + crypto::xwing::to_text(key);
    return files::write_atomically(path, view_of(text), files::FileMode::shared);
}

Result<crypto::xwing::PublicKey> load_public_seal_key(const std::filesystem::path& path) {
    TRY(const Bytes bytes, files::read_file(path, crypto::xwing::public_text_bytes_max));
    auto key = crypto::xwing::public_from_text(text_of(bytes));
    if (!key) return in_file(key.error(), path);
    return key;
}

}  // namespace pitstop::io::keys
