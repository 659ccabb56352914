#include "core/isotp/pdu.h"

#include <algorithm>

namespace pitstop::isotp {
namespace {

enum Type : std::uint8_t { single = 0, first = 1, consecutive = 2, flow_control = 3 };

std::size_t single_size_max(std::size_t frame_size, std::size_t address_size) {
    return (frame_size <= classic_size_bytes_max ? 7 : frame_size - 2) - address_size;
}

// What comes behind the address, and what the address takes from it.
struct Content {
    View bytes;
    std::size_t address_size;
    [[nodiscard]] std::size_t frame_size() const { return bytes.size() + address_size; }
};

std::optional<Pdu> read_short_single(const Content& content) {
    const View bytes = content.bytes;
    const std::size_t length = bytes[0] & 0x0F;
    if (length == 0 || length > bytes.size() - 1) return std::nullopt;
    // Below 8 bytes there is no padding, so a shorter SF_DL means that the frame is damaged or forged.
    if (content.frame_size() < classic_size_bytes_max && length != bytes.size() - 1) return std::nullopt;
    return SingleFrame{bytes.subspan(1, length)};
}

std::optional<Pdu> read_escaped_single(const Content& content) {
    const View bytes = content.bytes;
    if ((bytes[0] & 0x0F) != 0) return std::nullopt;
    const std::size_t length = bytes[1];
    if (length <= single_size_max(classic_size_bytes_max, content.address_size)) return std::nullopt;
    if (length > bytes.size() - 2) return std::nullopt;
    if (frame_size_for(content.address_size + 2 + length) != content.frame_size()) return std::nullopt;
    return SingleFrame{bytes.subspan(2, length)};
}

std::optional<Pdu> read_first(const Content& content) {
    const View bytes = content.bytes;
    if (content.frame_size() < classic_size_bytes_max) return std::nullopt;
    std::uint32_t length = static_cast<std::uint32_t>(bytes[0] & 0x0F) << 8 | bytes[1];
    std::size_t at = 2;
    if (length == 0) {
        length = load_be<std::uint32_t>(bytes.data() + 2);
        at = 6;
        if (length <= short_length_max) return std::nullopt;
    }
    // FF_DLmin: what a single frame of this size could have carried must not come in parts.
    if (length <= single_size_max(content.frame_size(), content.address_size)) return std::nullopt;
    return FirstFrame{length, static_cast<std::uint8_t>(content.frame_size()),
                      static_cast<std::uint8_t>(bytes.size() - 1), bytes.subspan(at)};
}

std::optional<Pdu> read(const Content& content) {
    const View bytes = content.bytes;
    switch (bytes[0] >> 4) {
        case single:
            return content.frame_size() <= classic_size_bytes_max ? read_short_single(content)
                                                                  : read_escaped_single(content);
        case first: return read_first(content);
        case consecutive: return ConsecutiveFrame{static_cast<std::uint8_t>(bytes[0] & 0x0F), bytes.subspan(1)};
        case flow_control:
            if (bytes.size() < 3) return std::nullopt;
            return FlowControl{static_cast<std::uint8_t>(bytes[0] & 0x0F), bytes[1], bytes[2]};
        default: return std::nullopt;
    }
}

// A frame being written, the address first.
class Draft {
public:
    explicit Draft(const FrameForm& form) : form_(form) {
        if (form.address.byte) put({*form.address.byte});
    }
    Draft& put(std::initializer_list<std::uint8_t> bytes) { return put(View(bytes)); }
    Draft& put(View bytes) {
        std::ranges::copy(bytes, frame_.data.begin() + static_cast<std::ptrdiff_t>(used_));
        used_ += bytes.size();
        return *this;
    }
    CanFrame finish() {
        const std::size_t at_least = form_.padding == Padding::to_eight ? std::max<std::size_t>(used_, 8) : used_;
        frame_.id = form_.address.id;
        frame_.fd = form_.fd;
        frame_.brs = form_.fd && form_.brs;
        frame_.size = static_cast<std::uint8_t>(frame_size_for(at_least));
        std::fill(frame_.data.begin() + static_cast<std::ptrdiff_t>(used_), frame_.data.begin() + frame_.size,
                  form_.padding_byte);
        return frame_;
    }

private:
    const FrameForm& form_;
    CanFrame frame_;
    std::size_t used_ = 0;
};

}  // namespace

std::optional<Pdu> read(const CanFrame& frame, std::size_t address_size) {
    const View bytes = frame.payload();
    if (bytes.size() <= address_size || !is_frame_size(bytes.size())) return std::nullopt;
    if (!frame.fd && bytes.size() > classic_size_bytes_max) return std::nullopt;
    return read(Content{bytes.subspan(address_size), address_size});
}

std::chrono::microseconds separation_time(std::uint8_t code) {
    if (code <= 0x7F) return std::chrono::milliseconds(code);
    if (code >= 0xF1 && code <= 0xF9) return std::chrono::microseconds(100 * (code - 0xF0));
    return std::chrono::milliseconds(127);
}

std::size_t single_size_max(const FrameForm& form) {
    return single_size_max(form.frame_size, form.address.size_bytes());
}

std::size_t first_size(const FrameForm& form, std::size_t message_size) {
    return form.frame_size - form.address.size_bytes() - (message_size <= short_length_max ? 2 : 6);
}

std::size_t consecutive_size_max(const FrameForm& form) { return form.frame_size - form.address.size_bytes() - 1; }

CanFrame write_single(const FrameForm& form, View payload) {
    Draft draft(form);
    const auto size = static_cast<std::uint8_t>(payload.size());
    if (size > single_size_max(classic_size_bytes_max, form.address.size_bytes())) draft.put({single << 4});
    return draft.put({size}).put(payload).finish();
}

CanFrame write_first(const FrameForm& form, std::uint32_t message_size, View payload) {
    Draft draft(form);
    if (message_size <= short_length_max) {
        draft.put({static_cast<std::uint8_t>(first << 4 | message_size >> 8), static_cast<std::uint8_t>(message_size)});
    } else {
        std::array<std::uint8_t, 6> head{first << 4};
        store_be<std::uint32_t>(head.data() + 2, message_size);
        draft.put(head);
    }
    return draft.put(payload).finish();
}

CanFrame write_consecutive(const FrameForm& form, std::uint8_t sequence, View payload) {
    return Draft(form).put({static_cast<std::uint8_t>(consecutive << 4 | (sequence & 0x0F))}).put(payload).finish();
}

CanFrame write_flow_control(const FrameForm& form, FlowStatus status, std::uint8_t block_size,
                            std::uint8_t separation_code) {
    const auto type = static_cast<std::uint8_t>(flow_control << 4 | static_cast<std::uint8_t>(status));
    return Draft(form).put({type, block_size, separation_code}).finish();
}

}  // namespace pitstop::isotp
