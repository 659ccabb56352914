// SocketCAN: a raw socket that takes CAN FD, and hears its own frames, by which they are confirmed.
#include "io/can/carrier.h"
#include "io/can/faults.h"
#include "io/can/kernel_frame.h"

#include <linux/can.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <format>
#include <system_error>

namespace pitstop::io::can {
namespace {

namespace asio = boost::asio;

// A network device of the kernel queues ten frames unless told otherwise; more than that are refused.
constexpr std::size_t frames_queued = 8;
constexpr std::chrono::milliseconds queue_pause{1};
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

    asio::posix::stream_descriptor descriptor_;
};

Result<bool> SocketCan::read_one(std::vector<Record>& into) {
    std::array<std::uint8_t, CANFD_MTU> bytes{};
    iovec part{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    const ssize_t got = ::recvmsg(descriptor_.native_handle(), &message, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (got < 0) return fail(faults::not_connected, what_failed());
    const auto frame = from_kernel(View(bytes).first(static_cast<std::size_t>(got)));
    if ((message.msg_flags & MSG_CONFIRM) != 0)
        into.emplace_back(Confirmation{1, machine_time()});
    else if (frame)
        into.emplace_back(TimedFrame{*frame, machine_time()});
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
        while (::write(descriptor_.native_handle(), bytes.data(), bytes.size()) < 0) {
            if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
                co_return fail(faults::not_connected, what_failed());
            co_await pause(queue_pause);  // the device's queue is full: others send as well
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

bool switch_on(int descriptor, int option) {
    const int on = 1;
    return ::setsockopt(descriptor, SOL_CAN_RAW, option, &on, sizeof on) == 0;
}

}  // namespace

Result<std::unique_ptr<Carrier>> open_socketcan(Loop& loop, const std::string& interface) {
    const auto refused = [&](const Fault& fault, std::string_view what) {
        return fail(fault, std::format("socketcan:{}: {}: {}", interface, what, what_failed()));
    };
    Descriptor descriptor{::socket(PF_CAN, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, CAN_RAW)};
    if (descriptor.number < 0) return refused(faults::no_socketcan, "no CAN in this kernel");
    const unsigned index = ::if_nametoindex(interface.c_str());
    if (index == 0) return refused(faults::connect_failed, "no such interface");
    if (!switch_on(descriptor.number, CAN_RAW_FD_FRAMES) || !switch_on(descriptor.number, CAN_RAW_RECV_OWN_MSGS))
        return refused(faults::no_socketcan, "the kernel's CAN is older than CAN FD");
    sockaddr_can address{};
    address.can_family = AF_CAN;
    address.can_ifindex = static_cast<int>(index);
    if (::bind(descriptor.number, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return refused(faults::connect_failed, "bind");
    return std::make_unique<SocketCan>(loop, std::exchange(descriptor.number, -1));
}

}  // namespace pitstop::io::can
