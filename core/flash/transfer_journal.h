// What lets a transfer go on after a power cut: which one it is, and waypoints of it, behind the newest boot record in
// that record's sector. ECU profile.
//
// So the notes die with the record under which the transfer began: as soon as another record is written they are
// elsewhere, and nothing can be gone on with that a later state knows nothing of. A flash whose record sectors have no
// room beside the record works without it: its transfers begin anew.
//
// The head is written when the bank's erase is done, so it vouches for that. Waypoints vouch for nothing but
// themselves: what the bank holds, the bank shows. Where there is little room they stand farther apart.
//
// A slot, 64 bytes or one program unit where that is more, big endian:
//   0 magic "PTJ1" · 4 kind: 1 head, 2 waypoint, 3 end · 5 dataFormatIdentifier · 6 zeros
//   8 head: image bytes u32 · name 32   waypoint: again bytes, payload, image, inner offset u32
//   60 CRC-32 of bytes 0-59
// Faults: those of the device.
#pragma once

#include "core/flash/device.h"
#include "core/flash/resume.h"
#include "core/package/waypoint.h"

#include <array>
#include <optional>

namespace pitstop::flash {

class TransferJournal {
public:
    struct Head {
        Transfer transfer{};
        std::uint32_t image_bytes = 0;
        friend bool operator==(const Head&, const Head&) = default;
    };
    // Neighbouring cells of one sector.
    struct Room {
        std::uint32_t offset = 0;
        std::uint32_t size_bytes = 0;
    };
    static constexpr std::uint32_t slot_bytes_min = 64;

    explicit TransferJournal(FlashDevice& device) : device_(device) {}

    // Reads what stands there. After every start, and whenever a boot record was written.
    [[nodiscard]] Result<void> open(const Room& room);

    [[nodiscard]] const std::optional<Head>& head() const { return head_; }  // of a transfer that is not over
    [[nodiscard]] bool can_begin() const { return free_slots() >= 3; }       // a head, a waypoint, the end
    [[nodiscard]] bool can_end() const { return free_slots() >= 1; }

    [[nodiscard]] Result<void> begin(const Head& head);
    // Left out where it is too near to the last one, or no room is left.
    [[nodiscard]] Result<void> note(const package::Waypoint& waypoint);
    [[nodiscard]] Result<void> end();

    // The newest waypoint of this transfer whose member is not behind `limit`.
    [[nodiscard]] Result<std::optional<package::Waypoint>> last_before(std::uint32_t package::Waypoint::* member,
                                                                       std::uint32_t limit);

private:
    enum class Kind : std::uint8_t { head = 1, waypoint = 2, end = 3 };
    using Slot = std::array<std::uint8_t, Geometry::program_unit_bytes_max>;

    [[nodiscard]] std::uint32_t slot_bytes() const;
    [[nodiscard]] std::uint32_t free_slots() const { return (room_.size_bytes - next_) / slot_bytes(); }
    [[nodiscard]] Result<std::optional<Kind>> read(std::uint32_t at, Slot& slot);  // nothing: torn
    [[nodiscard]] Result<void> add(Kind kind, Slot& slot);
    void set_spacing();

    FlashDevice& device_;
    Room room_;
    std::uint32_t next_ = 0;     // in the room
    std::uint32_t head_at_ = 0;  // in the room
    std::optional<Head> head_;
    std::uint32_t spacing_bytes_ = 0;
    std::uint32_t note_from_ = 0;  // of the image
};

}  // namespace pitstop::flash
