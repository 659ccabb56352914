// How a download that was cut goes on: what the ECU says, and what a tester does with it. ECU profile.
//
// A transfer has a name, which the tester makes of the image's record and of the payload that carries it: the same name
// is the same bytes. The ECU only compares names. Nothing is believed because it went on: the image counts after its
// digest was read back from flash, however often the way to it was cut; a transfer that was refused is forgotten.
//
// The tester:
//   1  22 F1A5. Refused with 0x31: this ECU cannot go on; erase with the short option and send everything.
//   2  31 01 FF00 with the long option (44 00000000 image size u32 · dataFormatIdentifier · name 32). An ECU that has
//      this very transfer half done erases only what a cut left half written, any other state is erased as usual. The
//      short option always begins anew.
//   3  22 F1A5 again, in the same programming session. Standing goes_on: 34 with that dataFormatIdentifier,
//      memoryAddress = payload_offset and memorySize = image size − image_offset. Any other standing: 34 with address 0
//      and the image's size, as ever.
//   4  36: the payload's bytes [0, again_bytes), then its bytes [payload_offset, end). Block counters begin with 1, as
//      after any 34. Then 37 and the checks, as ever.
// An ECU with one bank gets a delta that was made to be applied in place (delta::Mode::in_place) in this way only: with
// the short option it would erase what the delta is the difference to.
//
// What proves how far the flash is (transfer_journal.h): a bank is programmed from its beginning, so every sector
// before the last one that is not blank is complete. Plain images go on there; deltas and sealed images at the last
// block or chunk that was noted before it. gzip and zstd have no such points: they begin anew.
//
// DID F1A5, 46 bytes, big endian:
//   0 standing · 1 dataFormatIdentifier · 2 name 32 · 34 again_bytes u32 · 38 payload_offset u32 · 42 image_offset u32
// Fault of parse: flash.bad-record.
#pragma once

#include "core/crypto/hasher.h"
#include "core/flash/record.h"

#include <array>
#include <cstdint>

namespace pitstop::flash {

using TransferName = Sha256Digest;

// What is transferred under one name.
struct Transfer {
    std::uint8_t data_format = 0;  // data_format_of(form)
    TransferName name{};
    friend bool operator==(const Transfer&, const Transfer&) = default;
};

// `payload_sha256`: zeros where the tester does not know it; then size and form tell two payloads of one image apart.
[[nodiscard]] Transfer name_transfer(const ImageRecord& image, std::uint8_t data_format, std::uint32_t payload_bytes,
                                     const Sha256Digest& payload_sha256, crypto::Hasher& hasher);

// Option of routine FF00: the short form has its first 9 bytes.
inline constexpr std::size_t long_erase_option_size_bytes = 9 + 1 + 32;
using LongEraseOption = std::array<std::uint8_t, long_erase_option_size_bytes>;
[[nodiscard]] LongEraseOption erase_option(std::uint32_t image_bytes, const Transfer& transfer);

// Where a payload goes on.
struct ResumePoint {
    std::uint32_t again_bytes = 0;     // of its beginning, which have to come once more before
    std::uint32_t payload_offset = 0;  // never below again_bytes, except that both are 0: the whole payload
    std::uint32_t image_offset = 0;    // of the image, where that payload goes on; the ECU drops what it already has
    friend bool operator==(const ResumePoint&, const ResumePoint&) = default;
};

struct ResumeState {
    enum class Standing : std::uint8_t {
        nothing = 0,      // no transfer is half done
        interrupted = 1,  // one is, and goes on after an erase with its name
        goes_on = 2,      // its erase is done; `point` holds until the next request that changes the flash
    };
    static constexpr std::size_t size_on_wire_bytes = 46;

    Standing standing = Standing::nothing;
    Transfer transfer{};
    ResumePoint point{};
    friend bool operator==(const ResumeState&, const ResumeState&) = default;
};

[[nodiscard]] std::array<std::uint8_t, ResumeState::size_on_wire_bytes> to_bytes(const ResumeState& state);
[[nodiscard]] Result<ResumeState> parse_resume_state(View bytes);

}  // namespace pitstop::flash
