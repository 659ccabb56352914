#include "core/flash/resume.h"

#include "core/flash/faults.h"

#include <algorithm>

namespace pitstop::flash {
namespace {

constexpr std::uint8_t address_and_length_format = 0x44;  // four bytes each, ISO 14229-1 annex H.1
constexpr std::size_t name_at = 2, again_at = 34, payload_at = 38, image_at = 42;

}  // namespace

Transfer name_transfer(const ImageRecord& image, std::uint8_t data_format, std::uint32_t payload_bytes,
                       const Sha256Digest& payload_sha256, crypto::Hasher& hasher) {
    std::array<std::uint8_t, 5> form{data_format};
    store_be(&form[1], payload_bytes);
    hasher.reset();
    hasher.update(to_bytes(image));
    hasher.update(form);
    hasher.update(payload_sha256);
    return {data_format, hasher.finish()};
}

LongEraseOption erase_option(std::uint32_t image_bytes, const Transfer& transfer) {
    LongEraseOption option{address_and_length_format};
    store_be(&option[5], image_bytes);
    option[9] = transfer.data_format;
    std::ranges::copy(transfer.name, option.begin() + 10);
    return option;
}

std::array<std::uint8_t, ResumeState::size_on_wire_bytes> to_bytes(const ResumeState& state) {
    std::array<std::uint8_t, ResumeState::size_on_wire_bytes> bytes{};
    bytes[0] = static_cast<std::uint8_t>(state.standing);
    bytes[1] = state.transfer.data_format;
    std::ranges::copy(state.transfer.name, bytes.begin() + name_at);
    store_be(&bytes[again_at], state.point.again_bytes);
    store_be(&bytes[payload_at], state.point.payload_offset);
    store_be(&bytes[image_at], state.point.image_offset);
    return bytes;
}

Result<ResumeState> parse_resume_state(View bytes) {
    if (bytes.size() != ResumeState::size_on_wire_bytes) return fail(faults::bad_record, "a resume state has 46 bytes");
    if (bytes[0] > static_cast<std::uint8_t>(ResumeState::Standing::goes_on))
        return fail(faults::bad_record, "a resume state of another version of this software");
    ResumeState state;
    state.standing = static_cast<ResumeState::Standing>(bytes[0]);
    state.transfer.data_format = bytes[1];
    std::ranges::copy(bytes.subspan(name_at, state.transfer.name.size()), state.transfer.name.begin());
    state.point = {load_be<std::uint32_t>(&bytes[again_at]), load_be<std::uint32_t>(&bytes[payload_at]),
                   load_be<std::uint32_t>(&bytes[image_at])};
    if (state.point.payload_offset < state.point.again_bytes)
        return fail(faults::bad_record, "a resume point before what has to come again");
    return state;
}

}  // namespace pitstop::flash
