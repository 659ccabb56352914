// The one connection to the database, and what holds for everything that is stored.
//
// SQLite in WAL mode with exclusive locking: one connection owns both writing and checkpointing (two can corrupt a WAL
// database before SQLite 3.51.3), and a second server on the same file is told so. synchronous=FULL: what transaction()
// said is done survives a power cut. Numbered migrations run at open; a database from the future is refused.
//
// Threads: one. The owner calls it from its database thread only.
// Faults:  store.* (faults.h). SOCI's exceptions never leave this room.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

namespace soci {
class session;
}

namespace pitstop::io::store {

struct DatabaseSettings {
    std::filesystem::path file;
    // So that a flood of events fills this file and not the whole disk with everything else on it.
    std::uint64_t size_bytes_max = std::uint64_t{64} << 30;
};

class Database {
public:
    [[nodiscard]] static Result<std::unique_ptr<Database>> open(const DatabaseSettings& settings);
    ~Database();

    // All of `work` or nothing of it: an error it returns, or one that the database finds at commit, leaves no trace.
    [[nodiscard]] Result<void> transaction(const std::function<Result<void>()>& work);

    [[nodiscard]] soci::session& sql() { return *sql_; }  // for the tables of this room

private:
    explicit Database(std::unique_ptr<soci::session> sql);
    std::unique_ptr<soci::session> sql_;
};

}  // namespace pitstop::io::store
