#include "apps/ecu/can_link.h"

#include "io/can/faults.h"
#include "io/log/log.h"

#include <deque>

namespace pitstop::ecu {
namespace {

namespace can = io::can;
namespace log = io::log;

uds::Addressing as_uds(isotp::Addressing addressing) {
    return addressing == isotp::Addressing::functional ? uds::Addressing::functional : uds::Addressing::physical;
}

}  // namespace

// What waits to be sent: the ECU speaks at once, the bus takes its time.
class CanLink::Answers final : public io::ethernet::ReplySink {
public:
    explicit Answers(io::Loop& loop) : changed_(loop) {}

    void reply(std::uint16_t source, View uds) override {
        static_cast<void>(source);  // the identifier says it
        waiting_.emplace_back(uds.begin(), uds.end());
        changed_.notify();
    }

    boost::asio::awaitable<Bytes> next() {
        while (waiting_.empty()) co_await changed_.wait();
        Bytes answer = std::move(waiting_.front());
        waiting_.pop_front();
        co_return answer;
    }

private:
    std::deque<Bytes> waiting_;  // bounded: the server works on one request at a time
    io::Signal changed_;
};

CanLink::CanLink(io::Loop& loop, Ecu& ecu, SharedBuses& buses, CanSettings settings)
    : loop_(loop),
      ecu_(ecu),
      buses_(buses),
      settings_(std::move(settings)),
      answers_(std::make_shared<Answers>(loop)) {}

CanLink::~CanLink() = default;

io::Task<void> CanLink::serve() {
    CO_TRY(can::BusClient* const bus, co_await buses_.join(settings_.bus));
    const can::CanId request{settings_.request_id}, response{settings_.response_id};
    auto settings = settings_.format == CanFormat::fd ? can::fd_settings(response, request)
                                                      : can::classic_settings(response, request);
    settings.functional = can::CanId{settings_.functional_id};
    CO_TRY(link_, can::IsotpLink::open(*bus, settings));
    link_->when_one_begins([this] { ecu_.on_request_begins(); });
    log::info("{}: on {}, requests 0x{:03X}, answers 0x{:03X}", ecu_.settings().identity.id.str(), settings_.bus,
              settings_.request_id, settings_.response_id);
    loop_.spawn("answers", send_answers());
    for (;;) {
        const auto message = co_await link_->receive();
        if (message) {
            ecu_.on_request(message->message, as_uds(message->addressing), answers_);
        } else {
            log::problem(message.error(), "request");
            ecu_.on_request_lost();
        }
    }
}

io::Task<void> CanLink::send_answers() {
    for (;;) {
        const Bytes answer = co_await answers_->next();
        if (auto sent = co_await link_->send(answer); !sent) log::problem(sent.error(), "answer");
    }
}

}  // namespace pitstop::ecu
