// Frames as the kernel's CAN sockets have them: struct can_frame (16 bytes) and struct canfd_frame (72 bytes) of
// linux/can.h, in the machine's byte order.
#pragma once

#include "core/base/bytes.h"
#include "core/isotp/can_frame.h"

#include <optional>

namespace pitstop::io::can {

[[nodiscard]] Bytes to_kernel(const isotp::CanFrame& frame);
// Nothing for what is no data frame (remote and error frames), and for bytes that the kernel would not give.
[[nodiscard]] std::optional<isotp::CanFrame> from_kernel(View bytes);

}  // namespace pitstop::io::can
