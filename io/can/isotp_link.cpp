#include "io/can/isotp_link.h"

#include "core/isotp/faults.h"
#include "io/can/faults.h"
#include "io/runtime/signal.h"

#include <boost/asio/steady_timer.hpp>
#include <deque>

namespace pitstop::io::can {

namespace {

// Messages that came and nobody asked for yet. When they are as many, the ECU that sends the next long one is told to
// wait.
constexpr std::size_t inbox_max = 8;

}  // namespace

class IsotpLink::Inside final : public Station {
public:
    Inside(BusClient& bus, std::size_t size_bytes_max)
        : bus_(bus),
          storage_(size_bytes_max),
          timer_(bus.loop().context()),
          sent_(bus.loop()),
          turn_(bus.loop()),
          arrived_(bus.loop()) {}
    ~Inside() override { bus_.detach(*this); }

    Result<void> start(const isotp::Settings& settings) {
        TRY(isotp::Endpoint made, isotp::Endpoint::make(settings, storage_));
        endpoint_.emplace(std::move(made));
        ENSURE(bus_.attach(settings.receive, *this));
        if (settings.functional) bus_.overhear(*settings.functional, *this);
        return {};
    }

    Task<void> send(View message);
    Task<Received> receive();
    void drop_received();
    void when_one_begins(std::function<void()> hook) { when_one_begins_ = std::move(hook); }

    std::optional<Offer> next_frame() override;
    void on_frame(const CanFrame& frame, Tick passed) override;
    void on_confirmed(Tick passed) override;
    void on_bus_lost() override;

private:
    // Holds the turn of one sender. A sender that is cancelled leaves without an outcome: its message is abandoned.
    struct Turn {
        explicit Turn(Inside& of) : link(of), alive(of.alive_) { link.taken_ = true; }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        ~Turn() {
            if (alive.expired()) return;
            if (!link.outcome_) link.endpoint_->cancel_send();
            link.settle();
            link.taken_ = false;
            link.turn_.notify();
        }
        Inside& link;
        std::weak_ptr<const bool> alive;
    };

    // The endpoint lives in the time of what happens on the bus and to its timers, not in that of the moments when the
    // machine gets to it: what it says is offered as of then, and a late timer makes no pause longer.
    void advance(Tick to) { time_ = std::max(time_, to); }
    void advance_to_now() { advance(bus_.loop().now()); }
    void settle();
    void collect_message();
    void keep(Result<Received> message);
    void arm(Tick deadline);

    BusClient& bus_;
    Bytes storage_, outgoing_;
    std::optional<isotp::Endpoint> endpoint_;
    Tick time_;
    std::optional<Result<void>> outcome_;  // of the message being sent
    bool taken_ = false;                   // by a sender
    std::deque<Result<Received>> inbox_;
    std::function<void()> when_one_begins_;
    boost::asio::steady_timer timer_;
    std::optional<Tick> armed_;
    std::shared_ptr<const bool> alive_ =
        std::make_shared<const bool>(true);  // seen weakly by a timer handler that is already on its way
    Signal sent_, turn_, arrived_;
};

Task<void> IsotpLink::Inside::send(View message) {
    while (taken_) co_await turn_.wait();
    if (!bus_.connected()) co_return fail(faults::not_connected);
    const Turn turn(*this);
    outgoing_.assign(message.begin(), message.end());
    outcome_.reset();
    advance_to_now();
    if (auto begun = endpoint_->send(outgoing_, time_); !begun) {
        outcome_ = begun;
        co_return begun;
    }
    settle();
    bus_.frames_wait();
    while (!outcome_) co_await sent_.wait();
    co_return *outcome_;
}

Task<Received> IsotpLink::Inside::receive() {
    while (inbox_.empty()) co_await arrived_.wait();
    Result<Received> first = std::move(inbox_.front());
    inbox_.pop_front();
    advance_to_now();
    collect_message();
    settle();
    co_return first;
}

void IsotpLink::Inside::drop_received() {
    inbox_.clear();
    advance_to_now();
    endpoint_->release(time_);
    settle();
}

std::optional<Offer> IsotpLink::Inside::next_frame() {
    const auto frame = endpoint_->next_frame(time_);
    if (!frame) return std::nullopt;
    settle();
    return Offer{*frame, time_, endpoint_->streaming()};
}

void IsotpLink::Inside::on_frame(const CanFrame& frame, Tick passed) {
    advance(passed);
    endpoint_->on_frame(frame, time_);
    settle();
    bus_.frames_wait();
}

void IsotpLink::Inside::on_confirmed(Tick passed) {
    advance(passed);
    endpoint_->on_confirmed(time_);
    settle();
}

void IsotpLink::Inside::on_bus_lost() {
    endpoint_->on_bus_lost();
    settle();
}

void IsotpLink::Inside::settle() {
    while (const auto event = endpoint_->next_event()) {
        switch (event->kind) {
            case isotp::Event::Kind::begins:
                if (when_one_begins_) when_one_begins_();
                break;
            case isotp::Event::Kind::received:
                if (event->addressing == isotp::Addressing::physical)
                    collect_message();
                else
                    keep(Received{event->addressing, Bytes(event->message.begin(), event->message.end())});
                break;
            case isotp::Event::Kind::receive_failed: keep(std::unexpected(*event->error)); break;
            case isotp::Event::Kind::sent:
                outcome_ = Result<void>();
                sent_.notify();
                break;
            case isotp::Event::Kind::send_failed:
                outcome_ = std::unexpected(*event->error);
                sent_.notify();
                break;
        }
    }
    if (const auto deadline = endpoint_->deadline()) arm(*deadline);
}

void IsotpLink::Inside::collect_message() {
    const View message = endpoint_->received();
    if (message.empty() || inbox_.size() >= inbox_max) return;
    keep(Received{isotp::Addressing::physical, Bytes(message.begin(), message.end())});
    endpoint_->release(time_);
    bus_.frames_wait();
}

void IsotpLink::Inside::keep(Result<Received> message) {
    // Only failures and functional messages come here then: nobody can be told to wait with those.
    if (inbox_.size() >= inbox_max) return;
    inbox_.push_back(std::move(message));
    arrived_.notify();
}

// A later deadline leaves the timer as it is: it finds out when it fires. Most deadlines never do.
void IsotpLink::Inside::arm(Tick deadline) {
    if (armed_ && *armed_ <= deadline) return;
    armed_ = deadline;
    timer_.expires_after(std::max(deadline - bus_.loop().now(), std::chrono::microseconds(0)));
    timer_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& code) {
        if (code || alive.expired()) return;
        advance(*std::exchange(armed_, std::nullopt));
        endpoint_->on_time(time_);
        settle();
        bus_.frames_wait();
    });
}

isotp::Settings fd_settings(CanId transmit, CanId receive) {
    isotp::Settings settings = classic_settings(transmit, receive);
    settings.form.fd = settings.form.brs = true;
    settings.form.frame_size = isotp::fd_size_bytes_max;
    return settings;
}

isotp::Settings classic_settings(CanId transmit, CanId receive) {
    isotp::Settings settings;
    settings.form.address = transmit;
    settings.receive = receive;
    return settings;
}

Task<void> send_functional(BusClient& bus, isotp::FrameForm form, View message) {
    if (message.empty() || message.size() > isotp::single_size_max(form))
        co_return fail(isotp::faults::bad_size, "a functional message is one single frame");
    co_return co_await bus.send(isotp::write_single(form, message));
}

Result<std::unique_ptr<IsotpLink>> IsotpLink::open(BusClient& bus, const isotp::Settings& settings,
                                                   std::size_t size_bytes_max) {
    auto inside = std::make_unique<Inside>(bus, size_bytes_max);
    ENSURE(inside->start(settings));
    return std::unique_ptr<IsotpLink>(new IsotpLink(std::move(inside)));
}

IsotpLink::IsotpLink(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

IsotpLink::~IsotpLink() = default;

Task<void> IsotpLink::send(View message) { return inside_->send(message); }

Task<Received> IsotpLink::receive() { return inside_->receive(); }

void IsotpLink::drop_received() { inside_->drop_received(); }

void IsotpLink::when_one_begins(std::function<void()> hook) { inside_->when_one_begins(std::move(hook)); }

}  // namespace pitstop::io::can
