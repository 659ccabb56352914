#include "core/isotp/can_frame.h"

#include "core/isotp/addressing.h"
#include "core/isotp/faults.h"

#include <algorithm>

namespace pitstop::isotp {
namespace {

constexpr std::array<std::uint8_t, 16> sizes_by_dlc{0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64};

}  // namespace

bool operator==(const CanFrame& a, const CanFrame& b) {
    return a.id == b.id && a.fd == b.fd && a.brs == b.brs && std::ranges::equal(a.payload(), b.payload());
}

bool is_frame_size(std::size_t size_bytes) {
    return size_bytes <= fd_size_bytes_max && frame_size_for(size_bytes) == size_bytes;
}

std::size_t frame_size_for(std::size_t size_bytes) { return sizes_by_dlc[dlc_of(size_bytes)]; }

std::uint8_t dlc_of(std::size_t frame_size_bytes) {
    const auto* const found =
        std::ranges::find_if(sizes_by_dlc, [&](std::uint8_t size) { return size >= frame_size_bytes; });
    return found == sizes_by_dlc.end() ? std::uint8_t{15} : static_cast<std::uint8_t>(found - sizes_by_dlc.begin());
}

Result<void> check(const CanFrame& frame) {
    if (!frame.id.is_valid()) return fail(faults::bad_frame, "the identifier does not fit 11 or 29 bits");
    if (!frame.fd && frame.brs) return fail(faults::bad_frame, "a classic frame cannot switch the bit rate");
    if (!frame.fd && frame.size > classic_size_bytes_max)
        return fail(faults::bad_frame, "a classic frame carries at most 8 bytes");
    if (!is_frame_size(frame.size)) return fail(faults::bad_frame, "no DLC code has this size");
    return {};
}

bool FrameAddress::is_of(const CanFrame& frame) const {
    return frame.id == id && (!byte || (frame.size > 0 && frame.data[0] == *byte));
}

}  // namespace pitstop::isotp
