// One open connection of a DoipClient, over TCP or TLS: opening and routing activation, sending in turns, receiving.
// Part of DoipClient.
#pragma once

#include "core/doip/tester.h"
#include "io/ethernet/doip_stream.h"
#include "io/runtime/loop.h"
#include "io/runtime/signal.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace pitstop::io::ethernet {

class DoipWire : public std::enable_shared_from_this<DoipWire> {
public:
    explicit DoipWire(Loop& loop);

    // Done when the entity routes for this tester. With `tls` (nullptr: without) nothing is said before its handshake.
    // ethernet.connect-failed, ethernet.connection-lost, ethernet.tls-failed, tls.*, doip.*
    Task<void> open(std::string host, std::uint16_t port, doip::Tester tester, std::shared_ptr<DoipTls> tls);

    // Both parts in one go, one sender at a time. After a failure or a cancelled send the stream is cut somewhere: it
    // is closed.
    Task<void> send(doip::DiagnosticPrefix prefix, View uds, std::chrono::milliseconds limit);
    Task<void> send_packet(doip::Packet packet, std::chrono::milliseconds limit);

    [[nodiscard]] std::optional<doip::Item> next() { return reader_.next(); }
    Task<void> fill();  // more bytes for next(), whose views end here

    [[nodiscard]] bool is_open() const { return stream_ && stream_->is_open(); }
    void close();

private:
    Task<void> activate(doip::Tester tester);
    Task<void> write(View head, View body, std::chrono::milliseconds limit);

    std::optional<DoipStream> stream_;
    std::string name_;
    std::unique_ptr<std::uint8_t[]> storage_;
    doip::Reader reader_;
    Signal sent_;
    bool sending_ = false;
};

}  // namespace pitstop::io::ethernet
