// Opens a sealed payload as it arrives (docs/formats/sealed.md). ECU profile: no heap of its own; one chunk's storage
// is lent; the cryptography stands behind the ports below.
//
//     Unsealer unsealer({key, chunks, hasher}, {.image_of = 0x0011, .recipient = 0x0011, .campaign = "C-7"}, room,
//     next); while (...) ENSURE(unsealer.push(piece));    // any cut, from the first byte of the envelopes
//     ENSURE(unsealer.finish());
//
// A chunk is passed on only when its tag was right, and only in order; the last one says that it is the last. So
// swapped, dropped, repeated, reordered, truncated chunks, a changed header and another campaign's key end here before
// one of their bytes goes on. Nothing that went on may become bootable before finish() has succeeded.
//
// Range resume: push the payload up to the end of the header again (it names itself by its first 8 bytes), say
// continue_at(chunk), and push from that chunk's first byte on; the next stage must stand at chunk × chunk size. Within
// one session, continue_at(next_chunk()) drops the part of a chunk that had come.
// Faults: seal.not-for-us, wrong-key, damaged, truncated, trailing-bytes, not-this-version, bad-header,
// chunk-too-large, other-campaign, workspace-too-small, impossible-options; whatever the next stage returns.
#pragma once

#include "core/base/sink.h"
#include "core/crypto/hasher.h"
#include "core/seal/derive.h"
#include "core/seal/format.h"

#include <optional>

namespace pitstop::seal {

// Port: the ECU's X-Wing key. On Linux openssl_opener.h fills it.
class KeyOpener {
public:
    [[nodiscard]] virtual KeyHint hint() const = 0;
    // HPKE's open (RFC 9180 §6.1). Bring 32 bytes of room. Nothing but true has filled them.
    [[nodiscard]] virtual bool open(View info, View header, View wrapped_key, Room content_key) = 0;

protected:
    // Never deleted through this class: a virtual destructor would pull operator delete into firmware.
    KeyOpener() = default;
    KeyOpener(const KeyOpener&) = default;
    KeyOpener& operator=(const KeyOpener&) = default;
    ~KeyOpener() = default;
};

// Port: AES-256-GCM in place, under one key at a time.
class ChunkOpener {
public:
    [[nodiscard]] virtual bool set_key(View key) = 0;  // 32 bytes
    // Ciphertext ‖ tag becomes plaintext ‖ tag. Nothing but true is authentic.
    [[nodiscard]] virtual bool open(const Nonce& nonce, View context, Room sealed) = 0;

protected:
    ChunkOpener() = default;
    ChunkOpener(const ChunkOpener&) = default;
    ChunkOpener& operator=(const ChunkOpener&) = default;
    ~ChunkOpener() = default;
};

struct OpeningPorts {
    KeyOpener& key;
    ChunkOpener& chunks;
    crypto::Hasher& hasher;
};

// What the caller knows from signed metadata. An ECU too small to open is served by its zone: then two differ.
struct Expected {
    std::uint16_t image_of = 0;   // logical address of the ECU whose image it is
    std::uint16_t recipient = 0;  // and of the one that opens
    std::string_view campaign;    // must outlive the Unsealer; empty: any, for the payload's signed digest was checked
};

class Unsealer final : public ByteSink {
public:
    // `room` holds one chunk and its tag: room_size_bytes(chunk size). The ports and `next` outlive the Unsealer.
    Unsealer(const OpeningPorts& ports, const Expected& expected, Room room, ByteSink& next)
        : ports_(ports),
          expected_(expected),
          room_(room),
          next_(next) {}

    [[nodiscard]] static constexpr std::size_t room_size_bytes(std::size_t chunk_size_bytes) {
        return chunk_size_bytes + tag_size_bytes;
    }

    [[nodiscard]] Result<void> push(View piece) override;
    [[nodiscard]] Result<void> finish() override;

    // The next byte pushed is the first of this chunk. seal.impossible-options before the header has come, or behind
    // the last chunk. After a fault it stays refused: begin with another Unsealer.
    [[nodiscard]] Result<void> continue_at(std::uint32_t chunk);

    [[nodiscard]] const std::optional<Header>& header() const { return header_; }  // once it was believed
    [[nodiscard]] std::uint32_t next_chunk() const { return chunk_; }

private:
    enum class Stage : std::uint8_t { head, hint, wrapped_key, other_key, header, chunks, done };

    [[nodiscard]] Result<void> take(View& piece);
    [[nodiscard]] Result<bool> collect(View& piece, std::size_t size_bytes);
    [[nodiscard]] Result<void> take_head(View& piece);
    [[nodiscard]] Result<void> take_hint(View& piece);
    [[nodiscard]] Result<void> take_wrapped_key(View& piece);
    [[nodiscard]] Result<void> take_header(View& piece);
    [[nodiscard]] Result<void> take_chunk(const Header& header, View& piece);
    void skip_other_key(View& piece);
    void next_envelope();
    [[nodiscard]] Result<void> check(const Header& header) const;
    [[nodiscard]] Result<void> open_key(const Header& header, const HeaderBytes& bytes);
    [[nodiscard]] Result<void> open_chunk(const Header& header, Room sealed);

    OpeningPorts ports_;
    Expected expected_;
    Room room_;  // the wrapped key and the header while they come, then one chunk
    ByteSink& next_;
    Stage stage_ = Stage::head;
    bool has_key_ = false;
    std::uint16_t envelopes_left_ = 0;
    std::uint32_t chunk_ = 0;
    std::size_t filled_ = 0;
    std::optional<Header> header_;
    NoncePrefix nonce_prefix_{};
    Sha256Digest header_digest_{};
    std::optional<Error> failed_;
};

}  // namespace pitstop::seal
