#include "apps/server/online_keys.h"

#include "io/keys/key_file.h"

#include <format>
#include <system_error>

namespace pitstop::server {
namespace {

Result<RoleKeyFiles> load_pair(const std::filesystem::path& folder, std::string_view role) {
    RoleKeyFiles keys;
    for (const char* half : {"classical", "pq"}) {
        TRY(auto key, io::keys::load_private_key(folder / std::format("{}-{}.key", role, half)));
        keys.emplace_back(std::move(key));
    }
    return keys;
}

}  // namespace

std::vector<crypto::Signer*> signers_of(RoleKeyFiles& keys) {
    std::vector<crypto::Signer*> signers;
    for (auto& key : keys) signers.push_back(&key);
    return signers;
}

Result<OnlineKeys> OnlineKeys::load(const std::filesystem::path& folder) {
    OnlineKeys keys;
    TRY(keys.targets, load_pair(folder, "director-targets"));
    TRY(keys.snapshot, load_pair(folder, "director-snapshot"));
    TRY(keys.timestamp, load_pair(folder, "director-timestamp"));
    return keys;
}

Result<std::optional<ListingKeys>> ListingKeys::load_if_there(const std::filesystem::path& folder) {
    std::error_code failure;
    bool is_there = false;
    for (const char* file :
         {"snapshot-classical.key", "snapshot-pq.key", "timestamp-classical.key", "timestamp-pq.key"})
        is_there = is_there || std::filesystem::exists(folder / file, failure);
    if (!is_there) return std::nullopt;
    ListingKeys keys;  // half a set is a mistake, and is said
    TRY(keys.snapshot, load_pair(folder, "snapshot"));
    TRY(keys.timestamp, load_pair(folder, "timestamp"));
    return keys;
}

}  // namespace pitstop::server
