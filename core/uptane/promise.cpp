#include "core/uptane/promise.h"

#include "core/crypto/digest.h"
#include "core/uptane/aktualizr.h"
#include "core/uptane/faults.h"

#include <format>

namespace pitstop::uptane {

Result<void> check_not_expired(std::string_view role, UtcTime expires, UtcTime now) {
    if (now < expires) return {};
    return fail(faults::expired, std::format("{:.80} ended {}, it is {}", role, expires.str(), now.str()));
}

// Length first: it is cheap and bounds the hashing.
Result<void> check_promise(std::string_view role, View file, const FileInfo& promised, const Rules& rules) {
    if (rules.dialect == Dialect::aktualizr && keeps_aktualizr_promise(file, promised)) return {};
    if (promised.length_bytes && file.size() != *promised.length_bytes)
        return fail(faults::wrong_length,
                    std::format("{:.80}: {} bytes, promised are {}", role, file.size(), *promised.length_bytes));
    if (promised.sha256 && crypto::sha256(file) != *promised.sha256)
        return fail(faults::wrong_hash, std::format("{:.80}: SHA-256", role));
    if (promised.sha512 && crypto::sha512(file) != *promised.sha512)
        return fail(faults::wrong_hash, std::format("{:.80}: SHA-512", role));
    return {};
}

Result<void> check_promised_version(std::string_view role, std::uint32_t version, std::uint32_t promised) {
    if (version == promised) return {};
    return fail(faults::wrong_version, std::format("{:.80} is version {}, promised is {}", role, version, promised));
}

}  // namespace pitstop::uptane
