#include "core/seal/frames.h"

#include "core/seal/derive.h"
#include "core/seal/faults.h"

#include <algorithm>
#include <limits>

namespace pitstop::seal {
namespace {

constexpr std::array<std::uint8_t, 4> magic{'P', 'S', 'F', '1'};
constexpr std::size_t direction_at = 4, zero_at = 5, ecu_at = 6, counter_at = 8, answers_at = 16, size_at = 24;
static_assert(size_at + 4 == frame_header_size_bytes);

constexpr std::string_view label = "pitstop-frame-1";

Nonce nonce_for(const FrameKeys& keys, std::uint64_t counter) {
    Nonce nonce{};
    std::ranges::copy(keys.nonce_prefix, nonce.begin());
    store_be(&nonce[keys.nonce_prefix.size()], counter);
    return nonce;
}

// What can be said of a frame before its MAC was checked: only whether it is one of this link at all.
Result<void> check_form(View frame, const FrameLink& link) {
    if (frame.size() < frame_overhead_bytes || frame.size() > frame_overhead_bytes + frame_message_bytes_max)
        return fail(faults::bad_frame, "its length");
    if (!std::equal(magic.begin(), magic.end(), frame.begin()) || frame[zero_at] != 0)
        return fail(faults::bad_frame, "its first bytes");
    if (load_be<std::uint32_t>(&frame[size_at]) != frame.size() - frame_overhead_bytes)
        return fail(faults::bad_frame, "its length and the one it names differ");
    if (frame[direction_at] != static_cast<std::uint8_t>(link.direction) ||
        load_be<std::uint16_t>(&frame[ecu_at]) != link.ecu_address)
        return fail(faults::bad_frame, "of another link");
    return {};
}

}  // namespace

FrameKeys frame_keys(crypto::Hasher& hasher, const MasterKey& master, const FrameLink& link) {
    std::array<std::uint8_t, 3> context{static_cast<std::uint8_t>(link.direction)};
    store_be(&context[1], link.ecu_address);
    crypto::Secret<32 + 32 + 4> derived;
    hkdf(hasher, master.view(), {}, label, context, derived.room());
    FrameKeys keys{.cipher_key = crypto::Secret<32>(derived.view().first(32)),
                   .mac_key = crypto::Secret<32>(derived.view().subspan(32, 32))};
    std::ranges::copy(derived.view().last(4), keys.nonce_prefix.begin());
    return keys;
}

FrameSealer::FrameSealer(const FramePorts& ports, const MasterKey& master, const FrameLink& link, std::uint64_t counter)
    : ports_(ports),
      link_(link),
      keys_(frame_keys(ports.hasher, master, link)),
      counter_(counter) {}

Result<View> FrameSealer::seal(View message, std::uint64_t answers, Room room) {
    const std::size_t size = frame_overhead_bytes + message.size();
    if (message.size() > frame_message_bytes_max || room.size() < size) return fail(faults::frame_too_long);
    if (counter_ == std::numeric_limits<std::uint64_t>::max()) return fail(faults::counter_used_up);
    ++counter_;  // also where the rest fails: a number never serves twice
    const Room frame = room.first(size), header = frame.first(frame_header_size_bytes);
    std::ranges::copy(magic, header.begin());
    header[direction_at] = static_cast<std::uint8_t>(link_.direction);
    header[zero_at] = 0;
    store_be(&header[ecu_at], link_.ecu_address);
    store_be(&header[counter_at], counter_);
    store_be(&header[answers_at], answers);
    store_be(&header[size_at], static_cast<std::uint32_t>(message.size()));

    const Room body = frame.subspan(frame_header_size_bytes, message.size() + tag_size_bytes);
    std::ranges::copy(message, body.begin());
    if (!ports_.cipher.set_key(keys_.cipher_key.view()) ||
        !ports_.cipher.seal(nonce_for(keys_, counter_), header, body)) {
        crypto::wipe(frame);
        return fail(faults::frame_not_authentic, "the cipher refused");
    }
    const View covered = frame.first(size - frame_mac_size_bytes);
    std::ranges::copy(hmac(ports_.hasher, keys_.mac_key.view(), {covered}), frame.last(frame_mac_size_bytes).begin());
    return frame;
}

FrameOpener::FrameOpener(const FramePorts& ports, const MasterKey& master, const FrameLink& link, std::uint64_t counter)
    : ports_(ports),
      link_(link),
      keys_(frame_keys(ports.hasher, master, link)),
      counter_(counter) {}

Result<View> FrameOpener::open(Room frame, std::uint64_t answers) {
    ENSURE(check_form(frame, link_));
    const View covered = frame.first(frame.size() - frame_mac_size_bytes);
    if (!crypto::agree(hmac(ports_.hasher, keys_.mac_key.view(), {covered}), frame.last(frame_mac_size_bytes)))
        return fail(faults::frame_not_authentic);
    const View header = covered.first(frame_header_size_bytes);
    const auto counter = load_be<std::uint64_t>(&header[counter_at]);
    if (counter <= counter_ || counter - counter_ > frames_lost_max) return fail(faults::frame_out_of_window);
    if (load_be<std::uint64_t>(&header[answers_at]) != answers) return fail(faults::not_the_answer);
    const Room body = frame.subspan(frame_header_size_bytes, covered.size() - frame_header_size_bytes);
    if (!ports_.cipher.set_key(keys_.cipher_key.view()) ||
        !ports_.cipher.open(nonce_for(keys_, counter), header, body)) {
        crypto::wipe(body);
        return fail(faults::frame_not_authentic);
    }
    counter_ = counter;
    return body.first(body.size() - tag_size_bytes);
}

}  // namespace pitstop::seal
