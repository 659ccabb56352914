#include "io/ethernet/doip_sockets.h"

#include <algorithm>

namespace pitstop::io::ethernet {

namespace asio = boost::asio;

DoipSockets::DoipSockets(Loop& loop, std::size_t registered_max)
    : registered_max_(registered_max),
      some_changed_(loop) {}

void DoipSockets::add(std::shared_ptr<DoipConnection> connection) {
    if (connections_.size() >= registered_max_ + spare) make_room();
    connections_.push_back(std::move(connection));
}

void DoipSockets::remove(const std::shared_ptr<DoipConnection>& connection) {
    connections_.remove(connection);
    changed();
}

void DoipSockets::make_room() {
    const auto idle =
        std::ranges::find_if(connections_, [](const auto& each) { return !each->source() || !each->is_serving(); });
    if (idle == connections_.end()) return;
    const auto ended = *idle;
    connections_.erase(idle);
    ended->close();
}

std::size_t DoipSockets::open() const {
    return static_cast<std::size_t>(std::ranges::count_if(connections_, &DoipConnection::is_serving,
                                                          [](const auto& each) -> DoipConnection& { return *each; }));
}

DoipSockets::Held DoipSockets::registered() const {
    Held held;
    std::ranges::copy_if(connections_, std::back_inserter(held),
                         [](const auto& each) { return each->is_serving() && each->source(); });
    return held;
}

// Each has its time at once; its own watch closes the one that does not answer.
asio::awaitable<void> DoipSockets::check_alive(Held held) {
    for (const auto& each : held) each->check_alive();
    const auto is_open_question = [](const auto& each) { return each->is_serving() && each->is_checking_alive(); };
    while (std::ranges::any_of(held, is_open_question)) co_await some_changed_.wait();
}

// Whoever holds the address is asked first; else, when the table is full, all are.
asio::awaitable<doip::Registration> DoipSockets::find_out(const DoipConnection& asking, std::uint16_t source) {
    const auto others_with_it = [&] {
        Held held = registered();
        std::erase_if(held, [&](const auto& each) { return each.get() == &asking || each->source() != source; });
        return held;
    };
    if (!others_with_it().empty()) {
        co_await check_alive(others_with_it());
        if (!others_with_it().empty()) co_return doip::Registration::active_elsewhere;
    }
    if (registered().size() < registered_max_) co_return doip::Registration::free;
    co_await check_alive(registered());
    if (!others_with_it().empty()) co_return doip::Registration::active_elsewhere;
    co_return registered().size() < registered_max_ ? doip::Registration::free : doip::Registration::no_socket_left;
}

}  // namespace pitstop::io::ethernet
