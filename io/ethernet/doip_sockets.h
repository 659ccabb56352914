// The socket table of a DoIP entity: who is connected, who may stay when a newcomer asks. ISO 13400-2:2019 §9.3
// (socket handler) and the alive check. Part of DoipServer.
//
// More sockets than `registered_max` are let in, so that a newcomer can be told why not (0x01, 0x03); those that have
// not been registered make room for others, the oldest first: half-open ones lock nobody out.
#pragma once

#include "io/ethernet/doip_connection.h"
#include "io/runtime/signal.h"

#include <list>
#include <memory>
#include <vector>

namespace pitstop::io::ethernet {

class DoipSockets final : public Connections {
public:
    static constexpr std::size_t spare = 16;  // not registered, beyond registered_max

    DoipSockets(Loop& loop, std::size_t registered_max);

    void add(std::shared_ptr<DoipConnection> connection);
    void remove(const std::shared_ptr<DoipConnection>& connection);
    boost::asio::awaitable<doip::Registration> find_out(const DoipConnection& asking, std::uint16_t source) override;
    void changed() override { some_changed_.notify(); }

    [[nodiscard]] std::size_t open() const;
    [[nodiscard]] const std::list<std::shared_ptr<DoipConnection>>& all() const { return connections_; }

private:
    using Held = std::vector<std::shared_ptr<DoipConnection>>;
    [[nodiscard]] Held registered() const;
    boost::asio::awaitable<void> check_alive(Held held);
    void make_room();

    std::size_t registered_max_;
    std::list<std::shared_ptr<DoipConnection>> connections_;  // the oldest first
    Signal some_changed_;
};

}  // namespace pitstop::io::ethernet
