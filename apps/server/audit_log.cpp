#include "apps/server/audit_log.h"

#include "apps/server/faults.h"
#include "core/base/json.h"
#include "core/crypto/digest.h"
#include "io/files/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstring>
#include <format>

namespace pitstop::server {
namespace {

constexpr std::size_t file_bytes_max = std::size_t{1} << 30;  // some four million decisions; archive the file before
constexpr std::size_t line_bytes_max = 16 * 1024;
constexpr std::string_view hash_of_nothing = "0000000000000000000000000000000000000000000000000000000000000000";

Result<std::string> hash_of(json::Object line) {
    line.erase("hash");
    TRY(const auto text, json::canonical(json::Value(std::move(line))));
    return to_hex(crypto::sha256(view_of(text)));
}

}  // namespace

Result<AuditLog> AuditLog::open(const std::filesystem::path& path) {
    TRY(const auto text, io::files::read_if_there(path, file_bytes_max));
    io::files::Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!file.is_open())
        return fail(faults::audit_unwritable, std::format("{}: {}", path.string(), std::strerror(errno)));
    AuditLog log(path, std::move(file));
    log.previous_ = hash_of_nothing;
    TRY(const auto whole, log.continue_after(text ? text_of(*text) : std::string_view()));
    if (::ftruncate(log.file_.get(), static_cast<off_t>(whole)) != 0)
        return fail(faults::audit_unwritable, std::format("{}: {}", path.string(), std::strerror(errno)));
    return log;
}

Result<std::uint64_t> AuditLog::continue_after(std::string_view text) {
    std::uint64_t whole = 0;
    for (std::size_t end = 0; (end = text.find('\n', whole)) != std::string_view::npos; whole = end + 1) {
        const auto broken = [&](std::string_view why) {
            return fail(faults::audit_broken, std::format("{}: line {}: {}", path_.string(), number_ + 1, why));
        };
        const auto value = json::parse(view_of(text.substr(whole, end - whole)), line_bytes_max);
        if (!value || !value->is_object()) return broken("is no JSON object");
        const json::Object& line = value->get_object();
        const auto hash = json::string(line, "hash"), previous = json::string(line, "previous");
        const auto expected = hash_of(line);
        if (!hash || !previous || !expected || *hash != *expected) return broken("was changed");
        if (*previous != previous_) return broken("does not follow the line before it");
        previous_ = *hash;
        ++number_;
    }
    return whole;
}

Result<void> AuditLog::append(const AuditEntry& entry) {
    json::Object line{{"number", number_ + 1},    {"time", entry.time.str()}, {"who", entry.who},
                      {"role", entry.role},       {"action", entry.action},   {"object", entry.object},
                      {"outcome", entry.outcome}, {"previous", previous_}};
    TRY(auto hash, hash_of(line));
    line["hash"] = hash;
    const std::string text = boost::json::serialize(line) + "\n";
    if (auto written = io::files::write_all(file_.get(), view_of(text), path_); !written)
        return fail(faults::audit_unwritable, written.error().detail());
    if (auto synced = io::files::sync_file(file_.get(), path_); !synced)
        return fail(faults::audit_unwritable, synced.error().detail());
    previous_ = std::move(hash);
    ++number_;
    return {};
}

}  // namespace pitstop::server
