#include "core/uptane/roles.h"

#include "core/uptane/faults.h"
#include "core/uptane/role_json.h"

#include <algorithm>
#include <format>

namespace pitstop::uptane {

std::string_view to_string(Role role) {
    switch (role) {
        case Role::root: return "root";
        case Role::timestamp: return "timestamp";
        case Role::snapshot: return "snapshot";
        case Role::targets: return "targets";
    }
    return "root";
}

std::string_view to_string(Repository repository) {
    switch (repository) {
        case Repository::director: return "director";
        case Repository::image: return "image";
    }
    return "director";
}

std::string file_name(Role role, std::uint32_t version) {
    if (role == Role::timestamp) return "timestamp.json";
    return file_name(to_string(role), version);
}

std::string file_name(std::string_view delegated_role, std::uint32_t version) {
    return std::format("{}.{}.json", version, delegated_role);
}

std::size_t size_bytes_max(Role role) {
    constexpr std::size_t kib = 1024, mib = 1024 * kib;
    switch (role) {
        case Role::root: return mib;
        case Role::timestamp: return 64 * kib;
        case Role::snapshot: return mib;
        case Role::targets: return 8 * mib;
    }
    return 0;
}

namespace {

Result<void> check_spec_version(const json::Object& from, const Rules& rules) {
    TRY(const std::string spec_version, json::string(from, "spec_version"));
    // Other clients of plain TUF go by the major version alone.
    const bool first_major = spec_version.starts_with("1.") && spec_version.size() <= 16 &&
                             spec_version.find_first_not_of("0123456789.") == std::string::npos;
    if (rules.dialect == Dialect::tuf && first_major) return {};
    const bool patch_follows = spec_version.starts_with("1.0.") && spec_version.size() > 4 &&
                               spec_version.size() <= 8 &&
                               spec_version.find_first_not_of("0123456789", 4) == std::string::npos;
    if (spec_version != "1.0" && !patch_follows)
        return fail(faults::wrong_spec_version, std::format("'{:.40}'", spec_version));
    return {};
}

Result<Sha512Digest> read_sha512(const json::Object& from) {
    TRY(const std::string text, json::string(from, "sha512"));
    TRY(const Bytes bytes, from_hex(text));
    Sha512Digest digest{};
    if (bytes.size() != digest.size())
        return fail(faults::bad_member, std::format("'sha512' has {} bytes", bytes.size()));
    std::ranges::copy(bytes, digest.begin());
    return digest;
}

}  // namespace

json::Object write_head(Role role, std::uint32_t version, UtcTime expires) {
    return {{"_type", to_string(role)}, {"spec_version", "1.0.31"}, {"version", version}, {"expires", expires.str()}};
}

Result<Head> read_head(const json::Object& from, Role role, const Rules& rules) {
    TRY(std::string type, json::string(from, "_type"));
    if (rules.dialect == Dialect::aktualizr && !type.empty() && type[0] >= 'A' && type[0] <= 'Z')
        type[0] = static_cast<char>(type[0] - 'A' + 'a');
    if (type != to_string(role))
        return fail(faults::wrong_role, std::format("'{:.40}' instead of '{}'", type, to_string(role)));
    if (rules.dialect != Dialect::aktualizr) ENSURE(check_spec_version(from, rules));
    TRY(const std::uint32_t version, read_version(from));
    TRY(const UtcTime expires, json::time(from, "expires"));
    return Head{version, expires};
}

Result<std::uint32_t> read_version(const json::Object& from) {
    TRY(const std::uint64_t version, json::number(from, "version", u32_max));
    if (version == 0) return fail(faults::bad_member, "'version' is 0, the first is 1");
    return static_cast<std::uint32_t>(version);
}

Result<std::optional<Vin>> read_vin(const json::Object& from, const Rules& rules) {
    if (!rules.is_strict() || !json::has(from, "vin")) return std::nullopt;
    TRY(const Vin vin, json::id<Vin>(from, "vin"));
    return vin;
}

Result<Hashes> read_hashes(const json::Object& from, const Rules& rules) {
    Hashes hashes;
    for (const auto& member : from) {
        const std::string_view name = member.key();
        if (name == "sha256") {
            TRY(hashes.sha256, json::sha256(from, "sha256"));
        } else if (name == "sha512") {
            TRY(hashes.sha512, read_sha512(from));
        } else if (rules.is_strict()) {
            return fail(faults::bad_member,
                        std::format("digest '{:.40}' cannot be checked, and every listed one must match", name));
        }
    }
    if (!hashes.sha256 && !hashes.sha512) return fail(faults::bad_member, "'hashes' has neither 'sha256' nor 'sha512'");
    return hashes;
}

json::Object to_json(const Hashes& hashes) {
    json::Object object;
    if (hashes.sha256) object["sha256"] = to_hex(*hashes.sha256);
    if (hashes.sha512) object["sha512"] = to_hex(*hashes.sha512);
    return object;
}

}  // namespace pitstop::uptane
