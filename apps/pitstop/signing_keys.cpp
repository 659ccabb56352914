#include "apps/pitstop/signing_keys.h"

#include "apps/pitstop/commands.h"
#include "apps/pitstop/faults.h"
#include "io/files/atomic_file.h"
#include "io/files/faults.h"
#include "io/keys/key_file.h"

#include <algorithm>
#include <format>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

struct Half {
    crypto::KeyType type;
    std::string_view ending;
};
constexpr Half classical{crypto::KeyType::ecdsa_p256, "classical"}, post_quantum{crypto::KeyType::ml_dsa_65, "pq"};

fs::path file_of(const fs::path& folder, std::string_view name, const Half& half) {
    return folder / std::format("{}-{}.key", name, half.ending);
}

Result<crypto::SoftwareSigner> make_half(const fs::path& file, const Half& half, const Passphrase& passphrase) {
    std::error_code failure;
    if (fs::exists(file, failure)) return fail(faults::already_there, file.string());
    TRY(crypto::PrivateKey key, crypto::generate(half.type));
    ENSURE(io::keys::save_private_key(file, key, passphrase));
    ENSURE(io::keys::save_public_key(public_half(file), key.public_key()));
    return crypto::SoftwareSigner(std::move(key));
}

Result<crypto::SoftwareSigner> load_half(const fs::path& file, const Half& half, const Passphrase& passphrase) {
    TRY(crypto::PrivateKey key, io::keys::load_private_key(file, passphrase));
    if (crypto::family(key.type()) != crypto::family(half.type))
        return fail(faults::wrong_key, std::format("{} holds {}", file.string(), crypto::to_string(key.type())));
    return crypto::SoftwareSigner(std::move(key));
}

}  // namespace

Result<Passphrase> passphrase_from(const fs::path& file) {
    if (file.empty()) return Passphrase{};
    TRY(std::string secret, io::keys::load_secret(file));
    return Passphrase{std::move(secret)};
}

fs::path public_half(const fs::path& private_file) {
    fs::path file = private_file;
    if (file.extension() == ".key") return file.replace_extension(".pub");
    file += ".pub";
    return file;
}

fs::path private_half(const fs::path& public_file) {
    fs::path file = public_file, bare = public_file;
    std::error_code failure;
    file.replace_extension(".key");
    bare.replace_extension();
    return !fs::exists(file, failure) && fs::is_regular_file(bare, failure) ? bare : file;
}

Result<std::string_view> seal_of(const fs::path& private_file) {
    TRY(const auto bytes, io::files::read_if_there(private_file, crypto::private_pem_bytes_max));
    if (!bytes) return "elsewhere";
    return text_of(*bytes).starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----") ? "sealed" : "open";
}

Result<SigningPair> make_signing_pair(const fs::path& folder, std::string_view name, const Passphrase& passphrase) {
    ENSURE(make_folder(folder));
    TRY(auto first, make_half(file_of(folder, name, classical), classical, passphrase));
    TRY(auto second, make_half(file_of(folder, name, post_quantum), post_quantum, passphrase));
    return SigningPair{std::move(first), std::move(second)};
}

Result<SigningPair> load_signing_pair(const fs::path& folder, std::string_view name, const Passphrase& passphrase) {
    TRY(auto first, load_half(file_of(folder, name, classical), classical, passphrase));
    TRY(auto second, load_half(file_of(folder, name, post_quantum), post_quantum, passphrase));
    return SigningPair{std::move(first), std::move(second)};
}

Result<std::vector<crypto::PublicKey>> load_public_keys(const fs::path& folder) {
    std::error_code failure;
    std::vector<crypto::PublicKey> keys;
    for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
        if (at->path().extension() != ".pub") continue;
        TRY(crypto::PublicKey key, io::keys::load_public_key(at->path()));
        keys.push_back(std::move(key));
    }
    if (failure) return fail(io::files::faults::unreadable, std::format("{}: {}", folder.string(), failure.message()));
    if (keys.empty()) return fail(faults::no_keys, folder.string());
    return keys;
}

}  // namespace pitstop::cli
