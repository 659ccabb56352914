// Who decided what, when, in a file that only grows and whose lines hold each other fast.
//
// Each line is a JSON object {"number", "time", "who", "role", "action", "object", "outcome", "previous", "hash"}:
// `hash` is the SHA-256 of the canonical JSON of the other members, `previous` is the hash of the line before. A line
// is on the disk before its decision is answered. A half line that a crash left was never answered, and is cut off at
// start. Threads: one. Faults: server.audit-broken, server.audit-unwritable.
#pragma once

#include "apps/server/principal.h"
#include "core/base/time.h"
#include "io/files/descriptor.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace pitstop::server {

struct AuditEntry {
    UtcTime time;
    std::string who;
    std::string role;
    std::string action;   // "POST /api/v1/campaigns/{id}/deploy"
    std::string object;   // "winter"
    std::string outcome;  // "done", or the fault's code
};

class AuditLog {
public:
    // Continues the file after checking every line of it.
    [[nodiscard]] static Result<AuditLog> open(const std::filesystem::path& file);

    [[nodiscard]] Result<void> append(const AuditEntry& entry);
    [[nodiscard]] std::uint64_t entries() const { return number_; }

private:
    AuditLog(std::filesystem::path path, io::files::Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}
    [[nodiscard]] Result<std::uint64_t> continue_after(std::string_view text);  // the size of the whole lines in it

    std::filesystem::path path_;
    io::files::Descriptor file_;
    std::string previous_;  // hash of the last line
    std::uint64_t number_ = 0;
};

}  // namespace pitstop::server
