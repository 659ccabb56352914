#include "io/store/guard.h"

#include "io/store/faults.h"

#include <soci/sqlite3/soci-sqlite3.h>
#include <exception>
#include <format>

namespace pitstop::io::store {
namespace {

const Fault& fault_of_code(int code) {
    constexpr int primary_code_bits = 0xFF;  // the rest of SQLite's result code says which kind of it
    switch (code & primary_code_bits) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return faults::in_use;
        case SQLITE_FULL: return faults::disk_full;
        case SQLITE_CONSTRAINT: return faults::conflict;
        case SQLITE_CANTOPEN: return faults::unavailable;
        default: return faults::broken;
    }
}

}  // namespace

Error fault_of_exception(std::string_view what) {
    try {
        throw;
    } catch (const soci::sqlite3_soci_error& error) {
        return Error(fault_of_code(error.result()), std::format("{}: {}", what, error.what()));
    } catch (const std::exception& error) {
        return Error(faults::broken, std::format("{}: {}", what, error.what()));
    }
}

}  // namespace pitstop::io::store
