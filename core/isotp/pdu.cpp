#include "core/isotp/pdu.h"

#include <algorithm>

namespace pitstop::isotp {
namespace {

enum Type : std::uint8_t { single = 0, first = 1, consecutive = 2, flow_control = 3 };

std::optional<Pdu> read_short_single(View bytes) {
    const std::size_t length = bytes[0] & 0x0F;
    if (length == 0 || length > bytes.size() - 1) return std::nullopt;
    // Below 8 bytes there is no padding, so a shorter SF_DL means that the frame is damaged or forged.
    if (bytes.size() < classic_size_bytes_max && length != bytes.size() - 1) return std::nullopt;
    return SingleFrame{bytes.subspan(1, length)};
}

std::optional<Pdu> read_escaped_single(View bytes) {
    if ((bytes[0] & 0x0F) != 0) return std::nullopt;
    const std::size_t length = bytes[1];
    if (length <= 7 || length > bytes.size() - 2) return std::nullopt;
    if (frame_size_for(length + 2) != bytes.size()) return std::nullopt;
    return SingleFrame{bytes.subspan(2, length)};
}

std::optional<Pdu> read_first(View bytes) {
    if (bytes.size() < classic_size_bytes_max) return std::nullopt;
    std::uint32_t length = static_cast<std::uint32_t>(bytes[0] & 0x0F) << 8 | bytes[1];
    std::size_t at = 2;
    if (length == 0) {
        length = load_be<std::uint32_t>(bytes.data() + 2);
        at = 6;
        if (length <= short_length_max) return std::nullopt;
    }
    // FF_DLmin: what a single frame of this size could have carried must not come in parts.
    if (length <= single_size_max(bytes.size())) return std::nullopt;
    return FirstFrame{length, static_cast<std::uint8_t>(bytes.size()), bytes.subspan(at)};
}

CanFrame finish(const FrameForm& form, CanFrame frame, std::size_t used) {
    const std::size_t at_least = form.padding == Padding::to_eight ? std::max<std::size_t>(used, 8) : used;
    frame.id = form.id;
    frame.fd = form.fd;
    frame.brs = form.fd && form.brs;
    frame.size = static_cast<std::uint8_t>(frame_size_for(at_least));
    std::fill(frame.data.begin() + static_cast<std::ptrdiff_t>(used), frame.data.begin() + frame.size,
              form.padding_byte);
    return frame;
}

std::size_t put(CanFrame& frame, std::size_t at, View payload) {
    std::ranges::copy(payload, frame.data.begin() + static_cast<std::ptrdiff_t>(at));
    return at + payload.size();
}

}  // namespace

std::optional<Pdu> read(const CanFrame& frame) {
    const View bytes = frame.payload();
    if (bytes.empty() || !is_frame_size(bytes.size())) return std::nullopt;
    if (!frame.fd && bytes.size() > classic_size_bytes_max) return std::nullopt;
    switch (bytes[0] >> 4) {
        case single:
            return bytes.size() <= classic_size_bytes_max ? read_short_single(bytes) : read_escaped_single(bytes);
        case first: return read_first(bytes);
        case consecutive: return ConsecutiveFrame{static_cast<std::uint8_t>(bytes[0] & 0x0F), bytes.subspan(1)};
        case flow_control:
            if (bytes.size() < 3) return std::nullopt;
            return FlowControl{static_cast<std::uint8_t>(bytes[0] & 0x0F), bytes[1], bytes[2]};
        default: return std::nullopt;
    }
}

std::chrono::microseconds separation_time(std::uint8_t code) {
    if (code <= 0x7F) return std::chrono::milliseconds(code);
    if (code >= 0xF1 && code <= 0xF9) return std::chrono::microseconds(100 * (code - 0xF0));
    return std::chrono::milliseconds(127);
}

std::size_t single_size_max(std::size_t frame_size) {
    return frame_size <= classic_size_bytes_max ? 7 : frame_size - 2;
}

std::size_t first_payload_size(std::size_t frame_size, std::size_t message_size) {
    return frame_size - (message_size <= short_length_max ? 2 : 6);
}

CanFrame write_single(const FrameForm& form, View payload) {
    CanFrame frame;
    const std::size_t pci_size = payload.size() <= 7 ? 1 : 2;
    frame.data[pci_size - 1] = static_cast<std::uint8_t>(payload.size());
    const std::size_t used = put(frame, pci_size, payload);
    return finish(form, frame, used);
}

CanFrame write_first(const FrameForm& form, std::uint32_t message_size, View payload) {
    CanFrame frame;
    std::size_t at = 2;
    frame.data[0] = first << 4;
    if (message_size <= short_length_max) {
        frame.data[0] = static_cast<std::uint8_t>(first << 4 | message_size >> 8);
        frame.data[1] = static_cast<std::uint8_t>(message_size);
    } else {
        store_be<std::uint32_t>(frame.data.data() + 2, message_size);
        at = 6;
    }
    const std::size_t used = put(frame, at, payload);
    return finish(form, frame, used);
}

CanFrame write_consecutive(const FrameForm& form, std::uint8_t sequence, View payload) {
    CanFrame frame;
    frame.data[0] = static_cast<std::uint8_t>(consecutive << 4 | (sequence & 0x0F));
    const std::size_t used = put(frame, 1, payload);
    return finish(form, frame, used);
}

CanFrame write_flow_control(const FrameForm& form, FlowStatus status, std::uint8_t block_size,
                            std::uint8_t separation_code) {
    CanFrame frame;
    frame.data[0] = static_cast<std::uint8_t>(flow_control << 4 | static_cast<std::uint8_t>(status));
    frame.data[1] = block_size;
    frame.data[2] = separation_code;
    return finish(form, frame, 3);
}

}  // namespace pitstop::isotp
