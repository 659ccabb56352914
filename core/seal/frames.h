// Protected frames for ECUs that know symmetric keys only (docs/formats/frames.md): AES-256-GCM inside,
// HMAC-SHA-256 around all of it, one master key for each ECU, one pair of keys for each direction, a counter in every
// frame. ECU profile: no heap; the cipher stands behind a port, the room for a frame is lent.
//
//     frame = header 28 ‖ ciphertext ‖ GCM's tag 16 ‖ HMAC 32
//
// Both ends must keep their counters over a restart: save the sender's counter before a frame goes out, the receiver's
// after one was accepted, or refuse to talk. An answer names the request's counter. Both sides hold the same key, so a
// frame proves nothing to third parties; ECUs that can, use signatures and HPKE.
// Faults: seal.bad-frame, frame-not-authentic, frame-out-of-window, not-the-answer, counter-used-up, frame-too-long.
#pragma once

#include "core/crypto/hasher.h"
#include "core/crypto/secret.h"
#include "core/seal/open.h"

namespace pitstop::seal {

// Port: ChunkOpener's cipher, in both directions.
class ChunkCipher : public ChunkOpener {
public:
    // Message ‖ anything becomes ciphertext ‖ tag.
    [[nodiscard]] virtual bool seal(const Nonce& nonce, View context, Room message_and_tag) = 0;

protected:
    ChunkCipher() = default;
    ChunkCipher(const ChunkCipher&) = default;
    ChunkCipher& operator=(const ChunkCipher&) = default;
    ~ChunkCipher() = default;
};

inline constexpr std::size_t frame_header_size_bytes = 28, frame_mac_size_bytes = 32;
inline constexpr std::size_t frame_overhead_bytes = frame_header_size_bytes + tag_size_bytes + frame_mac_size_bytes;
inline constexpr std::size_t frame_message_bytes_max = 4096;
// How far ahead a counter may be: more frames than that are not lost in a row on a bus that works.
inline constexpr std::uint64_t frames_lost_max = 1024;

enum class Direction : std::uint8_t { to_ecu = 0, from_ecu = 1 };

using MasterKey = crypto::Secret<32>;

struct FrameLink {
    std::uint16_t ecu_address = 0;
    Direction direction = Direction::to_ecu;
};

struct FramePorts {
    ChunkCipher& cipher;  // gets its key anew for every frame
    crypto::Hasher& hasher;
};

// Keys of one direction of one ECU.
struct FrameKeys {
    crypto::Secret<32> cipher_key, mac_key;
    std::array<std::uint8_t, 4> nonce_prefix{};
};
[[nodiscard]] FrameKeys frame_keys(crypto::Hasher& hasher, const MasterKey& master, const FrameLink& link);

class FrameSealer {
public:
    // `counter` is that of the last frame that may have been sent before; 0: none.
    FrameSealer(const FramePorts& ports, const MasterKey& master, const FrameLink& link, std::uint64_t counter);

    // The frame, in `room`. `answers`: the counter of the request, 0 for none.
    [[nodiscard]] Result<View> seal(View message, std::uint64_t answers, Room room);
    [[nodiscard]] std::uint64_t counter() const { return counter_; }  // of the last frame

private:
    FramePorts ports_;
    FrameLink link_;
    FrameKeys keys_;
    std::uint64_t counter_;
};

class FrameOpener {
public:
    // `counter` is that of the last frame accepted before; 0: none.
    FrameOpener(const FramePorts& ports, const MasterKey& master, const FrameLink& link, std::uint64_t counter);

    // The message, opened in the room of its frame, which must hold the frame and nothing else. `answers` as in seal().
    [[nodiscard]] Result<View> open(Room frame, std::uint64_t answers);
    [[nodiscard]] std::uint64_t counter() const { return counter_; }  // of the last frame accepted

private:
    FramePorts ports_;
    FrameLink link_;
    FrameKeys keys_;
    std::uint64_t counter_;
};

}  // namespace pitstop::seal
