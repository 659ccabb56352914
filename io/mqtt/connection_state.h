// Whether the broker is there, and what came from it that nobody has taken yet. For the .cpp files of this room.
#pragma once

#include "io/metrics/metrics.h"
#include "io/mqtt/client.h"
#include "io/mqtt/handshake.h"
#include "io/runtime/signal.h"

#include <deque>
#include <memory>
#include <string>

namespace pitstop::io::mqtt {

// What a connection must have negotiated, and the broker's name for the log.
struct Expected {
    tls::Profile profile;
    tls::HybridKex hybrid = tls::HybridKex::on;
    std::string broker;
};

class ConnectionState {
public:
    ConnectionState(Loop& loop, Expected expected, std::shared_ptr<const Handshake> handshake, std::size_t inbox_max,
                    metrics::Registry& registry);

    // Told by the library, on the loop's thread.
    void broken();    // without a word: a connection, or an attempt at one
    void attempts();  // to connect: what was before is broken
    void failed(std::string_view why);
    void refused(std::string_view why);
    void accepted(Session session);
    void push(Message message);
    void count_published() { published_.add(); }
    void close();

    [[nodiscard]] Task<Incoming> next();
    [[nodiscard]] bool closed() const { return closed_; }
    [[nodiscard]] bool has_next() const { return !inbox_.empty(); }
    [[nodiscard]] bool connected() const { return link_ == Link::up; }
    [[nodiscard]] std::optional<tls::Negotiated> negotiated() const { return handshake_->negotiated; }

private:
    enum class Link { unknown, up, down };
    void down(Error reason);

    Expected expected_;
    std::shared_ptr<const Handshake> handshake_;
    std::size_t inbox_max_;
    metrics::Counter& connects_;
    metrics::Counter& received_;
    metrics::Counter& published_;
    metrics::Counter& dropped_;
    Signal arrived_;
    std::deque<Incoming> inbox_;
    std::string last_failure_;
    Link link_ = Link::unknown;
    bool attempt_is_open_ = false;
    bool closed_ = false;
};

}  // namespace pitstop::io::mqtt
