// SocketCAN: a raw socket that takes CAN FD, and hears its own frames, by which they are confirmed.
#include "io/can/socketcan.h"
#include "io/can/carrier.h"
#include "io/can/faults.h"
#include "io/can/kernel_frame.h"

#include <linux/can.h>
#include <linux/can/error.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <deque>
#include <format>
#include <system_error>
#include <utility>

namespace pitstop::io::can {
namespace {

namespace asio = boost::asio;

// A network device of the kernel queues ten frames unless told otherwise; more than that are refused.
constexpr std::size_t frames_queued = 8;
constexpr std::chrono::milliseconds queue_pause{1}, queue_pause_max{8};  // doubled: a dead bus costs no processor time
// Several thousand frames, half a second of a full bus: what comes while this program does something else.
constexpr int receive_buffer_bytes = 4 << 20;
// Of all error frames only these come: what the controller had of ours is gone then, and nobody will confirm it.
constexpr can_err_mask_t errors_heard = CAN_ERR_BUSOFF | CAN_ERR_RESTARTED;
constexpr std::size_t read_at_once_max = 64;

std::string what_failed() { return std::generic_category().message(errno); }

class SocketCan final : public Carrier {
public:
    SocketCan(Loop& loop, int descriptor) : descriptor_(loop.context(), descriptor) {}

    [[nodiscard]] std::size_t depth() const override { return frames_queued; }
    Task<void> read(std::vector<Record>& into) override;
    Task<void> write(std::span<const TimedFrame> frames) override;
    void close() override {
        boost::system::error_code ignored;
        static_cast<void>(descriptor_.close(ignored));
    }

private:
    Result<bool> read_one(std::vector<Record>& into);  // false: nothing there
    [[nodiscard]] Result<void> check_loss(msghdr& message);

    asio::posix::stream_descriptor descriptor_;
    std::deque<isotp::CanFrame> unconfirmed_;
    std::uint32_t lost_ = 0;  // frames that the kernel had no room for, since the socket was opened
};

bool says_that_frames_are_gone(View bytes) {
    can_frame frame{};
    std::memcpy(&frame, bytes.data(), std::min(bytes.size(), sizeof frame));
    return (frame.can_id & CAN_ERR_FLAG) != 0 && (frame.can_id & errors_heard) != 0;
}

// A confirmation that is lost would be missed for ever, and the next one be taken for it.
Result<void> SocketCan::check_loss(msghdr& message) {
    for (cmsghdr* each = CMSG_FIRSTHDR(&message); each != nullptr; each = CMSG_NXTHDR(&message, each)) {
        if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SO_RXQ_OVFL) continue;
        std::uint32_t lost = 0;
        std::memcpy(&lost, CMSG_DATA(each), sizeof lost);
        if (std::exchange(lost_, lost) != lost && !unconfirmed_.empty())
            return fail(faults::not_connected, "more frames came than the kernel keeps for us, ours among them");
    }
    return {};
}

Result<bool> SocketCan::read_one(std::vector<Record>& into) {
    std::array<std::uint8_t, CANFD_MTU> bytes{};
    iovec part{bytes.data(), bytes.size()};
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(std::uint32_t))> beside{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = beside.data();
    message.msg_controllen = beside.size();
    const ssize_t got = ::recvmsg(descriptor_.native_handle(), &message, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (got < 0) return fail(faults::not_connected, what_failed());
    ENSURE(check_loss(message));
    const View content = View(bytes).first(static_cast<std::size_t>(got));
    if (says_that_frames_are_gone(content))
        return fail(faults::not_connected,
                    "the controller left the bus after too many errors (bus-off) or begins anew");
    const auto frame = from_kernel(content);
    if (!frame) return true;
    if ((message.msg_flags & MSG_CONFIRM) == 0) {
        into.emplace_back(TimedFrame{*frame, machine_time()});
        return true;
    }
    // Full queues between the device and us drop frames without a word: what was sent before this one is past as well.
    const auto heard = std::ranges::find(unconfirmed_, *frame);
    if (heard == unconfirmed_.end()) return true;
    const auto count = heard - unconfirmed_.begin() + 1;
    unconfirmed_.erase(unconfirmed_.begin(), heard + 1);
    into.emplace_back(Confirmation{static_cast<std::uint8_t>(count), machine_time()});
    return true;
}

Task<void> SocketCan::read(std::vector<Record>& into) {
    boost::system::error_code code;
    co_await descriptor_.async_wait(asio::posix::descriptor_base::wait_read,
                                    asio::redirect_error(asio::use_awaitable, code));
    if (code) co_return fail(faults::not_connected, code.message());
    while (into.size() < read_at_once_max) {
        CO_TRY(const bool more, read_one(into));
        if (!more) break;
    }
    co_return Result<void>();
}

Task<void> SocketCan::write(std::span<const TimedFrame> frames) {
    for (const TimedFrame& timed : frames) {
        const Bytes bytes = to_kernel(timed.frame);
        unconfirmed_.push_back(timed.frame);  // before it may be heard
        auto wait = queue_pause;
        while (::write(descriptor_.native_handle(), bytes.data(), bytes.size()) < 0) {
            if (errno == EINVAL && timed.frame.fd)
                co_return fail(faults::not_connected, "the interface takes no CAN FD frames; a vcan does with mtu 72");
            if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
                co_return fail(faults::not_connected, what_failed());
            co_await pause(wait);  // the device's queue is full: others send as well
            wait = std::min(wait * 2, queue_pause_max);
        }
    }
    co_return Result<void>();
}

// Closes it again unless it is handed on.
struct Descriptor {
    int number;
    ~Descriptor() {
        if (number >= 0) ::close(number);
    }
};

template <class Value>
bool set(int descriptor, int level, int option, Value value) {
    return ::setsockopt(descriptor, level, option, &value, sizeof value) == 0;
}

// An interface that is down can be bound to; the error comes behind it.
bool works(int descriptor) {
    int number = 0;
    socklen_t size = sizeof number;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size) != 0) return false;
    errno = number;
    return number == 0;
}

}  // namespace

std::unique_ptr<Carrier> carry_over(Loop& loop, int descriptor) {
    return std::make_unique<SocketCan>(loop, descriptor);
}

Result<std::unique_ptr<Carrier>> open_socketcan(Loop& loop, const std::string& interface) {
    const auto refused = [&](const Fault& fault, std::string_view what) {
        return fail(fault, std::format("socketcan:{}: {}: {}", interface, what, what_failed()));
    };
    Descriptor descriptor{::socket(PF_CAN, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, CAN_RAW)};
    if (descriptor.number < 0) return refused(faults::no_socketcan, "no CAN in this kernel");
    const unsigned index = ::if_nametoindex(interface.c_str());
    if (index == 0) return refused(faults::connect_failed, "no such interface");
    if (!set(descriptor.number, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, 1) ||
        !set(descriptor.number, SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, 1) ||
        !set(descriptor.number, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, errors_heard))
        return refused(faults::no_socketcan, "the kernel's CAN is older than CAN FD");
    // The first is for root only; others get what is usual.
    if (!set(descriptor.number, SOL_SOCKET, SO_RCVBUFFORCE, receive_buffer_bytes))
        set(descriptor.number, SOL_SOCKET, SO_RCVBUF, receive_buffer_bytes);
    set(descriptor.number, SOL_SOCKET, SO_RXQ_OVFL, 1);
    sockaddr_can address{};
    address.can_family = AF_CAN;
    address.can_ifindex = static_cast<int>(index);
    if (::bind(descriptor.number, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return refused(faults::connect_failed, "bind");
    if (!works(descriptor.number)) return refused(faults::connect_failed, "the interface is there but does not work");
    return carry_over(loop, std::exchange(descriptor.number, -1));
}

}  // namespace pitstop::io::can
