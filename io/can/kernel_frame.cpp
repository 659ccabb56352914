#include "io/can/kernel_frame.h"

#include <linux/can.h>
#include <algorithm>
#include <cstring>

namespace pitstop::io::can {

using isotp::CanFrame;

Bytes to_kernel(const CanFrame& frame) {
    canfd_frame out{};
    out.can_id = frame.id.value | (frame.id.extended ? CAN_EFF_FLAG : 0);
    out.len = frame.size;
    if (frame.fd) out.flags = static_cast<std::uint8_t>(CANFD_FDF | (frame.brs ? CANFD_BRS : 0));
    std::ranges::copy(frame.payload(), out.data);
    // The classic one is the beginning of the other: same places, eight bytes of data.
    const auto* first = reinterpret_cast<const std::uint8_t*>(&out);
    return Bytes(first, first + (frame.fd ? CANFD_MTU : CAN_MTU));
}

std::optional<CanFrame> from_kernel(View bytes) {
    if (bytes.size() != CAN_MTU && bytes.size() != CANFD_MTU) return std::nullopt;
    canfd_frame in{};
    std::memcpy(&in, bytes.data(), bytes.size());
    if ((in.can_id & (CAN_RTR_FLAG | CAN_ERR_FLAG)) != 0) return std::nullopt;
    CanFrame frame;
    frame.fd = bytes.size() == CANFD_MTU;
    frame.brs = frame.fd && (in.flags & CANFD_BRS) != 0;
    frame.id.extended = (in.can_id & CAN_EFF_FLAG) != 0;
    frame.id.value = in.can_id & (frame.id.extended ? CAN_EFF_MASK : CAN_SFF_MASK);
    frame.size = in.len;
    if (!isotp::check(frame)) return std::nullopt;
    std::copy_n(in.data, frame.size, frame.data.begin());
    return frame;
}

}  // namespace pitstop::io::can
