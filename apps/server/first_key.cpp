#include "apps/server/first_key.h"

#include "core/crypto/digest.h"
#include "io/files/atomic_file.h"
#include "io/log/log.h"

#include <random>

namespace pitstop::server {

Result<void> make_first_key(io::store::ApiKeys& keys, const std::filesystem::path& file) {
    TRY(const auto known, keys.list());
    if (!known.empty()) return {};
    std::random_device random;  // the kernel's
    Bytes secret(32);
    for (std::size_t i = 0; i < secret.size(); i += 4) store_le<std::uint32_t>(secret.data() + i, random());
    const std::string key = to_hex(secret);
    // The file first: a key that is stored and lost would lock everybody out, one that is not stored yet is simply made
    // again.
    ENSURE(io::files::write_atomically(file, view_of(key + "\n"), io::files::FileMode::private_));
    ENSURE(keys.put({crypto::sha256(view_of(key)), "admin", "first"}));
    io::log::info("made the first API key (admin): {}", file.string());
    return {};
}

}  // namespace pitstop::server
