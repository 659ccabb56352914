// The bus itself: nodes connect, their frames are put in order by the Arbiter, and each goes to all other nodes when
// its last bit has passed; the sender gets a confirmation then. Byte format: io/can/stream_format.h.
//
// Third-party tools join through a second address, in socketcand's raw mode.
//
// Unlike on copper a frame that no other node hears is confirmed too: a lone node does not repeat it for ever.
// Bring a loop and an address; the server owns the socket file and removes it. Destroy it after the loop has stopped.
#pragma once

#include "apps/bus/arbiter.h"
#include "apps/bus/recorder.h"
#include "core/base/result.h"
#include "io/can/address.h"
#include "io/runtime/loop.h"

#include <memory>
#include <string>

namespace pitstop::bus {

inline constexpr std::size_t nodes_max = 64;                    // more than any real bus carries
inline constexpr std::size_t backlog_size_bytes_max = 1 << 20;  // unread by a node; about 5 s of a busy FD bus

class BusServer {
public:
    // bus.address-taken, bus.not-listening. `recorder` may be null and outlives the server.
    static Result<std::unique_ptr<BusServer>> open(io::Loop& loop, const io::can::Address& address, Arbiter arbiter,
                                                   Recorder* recorder);
    ~BusServer();
    BusServer(const BusServer&) = delete;
    BusServer& operator=(const BusServer&) = delete;

    // Opens the second address, a TCP one; tools know this bus as `name`. bus.address-taken, bus.not-listening
    Result<void> serve_tools_at(const io::can::Address& address, std::string name);
    void report_load_every(std::chrono::seconds period);  // a line in the log

    [[nodiscard]] std::string listening_at() const;  // in the form of Address, with the real port
    [[nodiscard]] std::string tools_at() const;      // the same, after serve_tools_at
    [[nodiscard]] std::size_t node_count() const;
    [[nodiscard]] std::string load_line();  // since the last call and since the start

private:
    struct Inside;
    explicit BusServer(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

[[nodiscard]] Nanos bus_clock();  // monotonic

}  // namespace pitstop::bus
