#include "io/ethernet/doip_search.h"

#include "io/ethernet/faults.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/multicast.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <format>
#include <optional>

namespace pitstop::io::ethernet {

namespace asio = boost::asio;
using asio::ip::udp;

namespace {

// A socket that has asked, and what comes back until the time is over.
class Question {
public:
    Question(Loop& loop, DoipSearch search)
        : loop_(loop),
          search_(std::move(search)),
          socket_(loop.context()),
          until_(loop.now() + search_.limit) {}

    Result<void> ask(const doip::Packet& request) {
        boost::system::error_code code, ignored;
        const auto address = asio::ip::make_address(search_.to, code);
        if (code) return fail(faults::bad_address, search_.to);
        const udp::endpoint to(address, search_.port);
        socket_.open(to.protocol(), code);
        if (!code) socket_.set_option(asio::socket_base::broadcast(true), ignored);
        if (address.is_multicast() && address.is_v6())
            socket_.set_option(
                asio::ip::multicast::outbound_interface(static_cast<unsigned>(address.to_v6().scope_id())), ignored);
        if (!code) socket_.send_to(asio::buffer(request.view().data(), request.view().size()), to, 0, code);
        if (code)
            return fail(faults::connect_failed, std::format("{}:{}: {}", search_.to, search_.port, code.message()));
        return {};
    }

    struct Heard {
        doip::UdpAnswer answer;
        udp::endpoint from;
    };
    asio::awaitable<std::optional<Heard>> next() {
        while (loop_.now() < until_) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(until_ - loop_.now());
            udp::endpoint from;
            const auto [code, size_bytes] = co_await socket_.async_receive_from(
                asio::buffer(storage_), from, asio::cancel_after(left, asio::as_tuple(asio::use_awaitable)));
            if (code == asio::error::operation_aborted) break;
            if (code) continue;  // nobody is there: an entity may still come up
            if (const auto answer = doip::read_answer(View(storage_).first(size_bytes))) co_return Heard{*answer, from};
        }
        co_return std::nullopt;
    }
    [[nodiscard]] Error no_answer() const {
        return Error(faults::no_answer, std::format("{}:{}", search_.to, search_.port));
    }

private:
    Loop& loop_;
    DoipSearch search_;
    udp::socket socket_;
    Tick until_;
    std::array<std::uint8_t, 512> storage_{};
};

template <class Wanted>
Task<Wanted> ask_for(Loop& loop, DoipSearch at, doip::Packet request) {
    Question question(loop, std::move(at));
    CO_ENSURE(question.ask(request));
    while (const auto heard = co_await question.next())
        if (const auto* wanted = std::get_if<Wanted>(&heard->answer)) co_return *wanted;
    co_return fail(question.no_answer());
}

}  // namespace

Task<std::vector<FoundEntity>> find_entities(Loop& loop, DoipSearch search) {
    const auto request = search.request;
    Question question(loop, std::move(search));
    CO_ENSURE(question.ask(request));
    std::vector<FoundEntity> found;
    while (const auto heard = co_await question.next()) {
        const auto* announced = std::get_if<doip::Announcement>(&heard->answer);
        if (announced == nullptr) continue;
        FoundEntity entity{*announced, heard->from.address().to_string(), heard->from.port()};
        const bool known = std::ranges::any_of(
            found, [&](const FoundEntity& other) { return other.host == entity.host && other.port == entity.port; });
        if (!known) found.push_back(std::move(entity));
    }
    co_return found;
}

Task<doip::Status> ask_status(Loop& loop, DoipSearch at) {
    return ask_for<doip::Status>(loop, std::move(at), doip::status_request());
}

Task<doip::PowerMode> ask_power_mode(Loop& loop, DoipSearch at) {
    return ask_for<doip::PowerMode>(loop, std::move(at), doip::power_mode_request());
}

}  // namespace pitstop::io::ethernet
