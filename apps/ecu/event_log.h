// The ECU's log file, which a tester reads and deletes with RequestFileTransfer: a line for each thing that happened,
// in UTC. The newest half stays when it has grown to size_bytes_max. A line that a power cut takes is lost; one that
// cannot be written is no reason to stop.
#pragma once

#include "core/base/bytes.h"
#include "core/base/time.h"

#include <filesystem>
#include <string_view>

namespace pitstop::ecu {

class EventLog {
public:
    static constexpr std::size_t size_bytes_max = std::size_t{64} << 10;
    static constexpr std::string_view name = "events.log";  // as testers ask for it

    explicit EventLog(std::filesystem::path file) : file_(std::move(file)) {}

    void add(UtcTime now, std::string_view what);
    // files.*; empty when there is none.
    [[nodiscard]] Result<Bytes> read() const;
    [[nodiscard]] Result<void> remove();

private:
    std::filesystem::path file_;
};

}  // namespace pitstop::ecu
