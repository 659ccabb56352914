// What carries the frames of a BusClient: a stream to pitstop-bus (stream_carrier.cpp) or a raw CAN socket of the
// kernel (socketcan.cpp). The address says which.
#pragma once

#include "io/can/address.h"
#include "io/can/stream_format.h"
#include "io/runtime/loop.h"
#include "io/runtime/task.h"

#include <memory>
#include <span>
#include <vector>

namespace pitstop::io::can {

// A port. read() and write() may wait at the same time, each once. Destroy it when neither does.
class Carrier {
public:
    virtual ~Carrier() = default;
    [[nodiscard]] virtual std::size_t depth() const = 0;  // frames that may be unconfirmed
    [[nodiscard]] virtual Task<void> read(
        std::vector<Record>& into) = 0;  // what came: can.not-connected, can.bad-stream
    [[nodiscard]] virtual Task<void> write(std::span<const TimedFrame> frames) = 0;  // can.not-connected
    virtual void close() = 0;                                                        // both end
};

// can.connect-failed, can.bad-stream, can.wrong-version, can.no-socketcan
[[nodiscard]] Task<std::unique_ptr<Carrier>> open_carrier(Loop& loop, const Address& address);

// The two that there are.
[[nodiscard]] Task<std::unique_ptr<Carrier>> open_stream(Loop& loop, const Address& address);
[[nodiscard]] Result<std::unique_ptr<Carrier>> open_socketcan(Loop& loop, const std::string& interface);

[[nodiscard]] BusTime machine_time();  // the clock of BusTime

}  // namespace pitstop::io::can
