// How far an in-place delta has come, in two sectors of flash that take turns: whatever operation the power fails in,
// the last whole record is found again. ECU profile.
//
// A record has 32 bytes, or as many as one program unit where that is more: magic, sequence number, the delta's name
// (the first eight bytes of its header's SHA-256), phase, how far (three numbers' worth), and a check made of SHA-256.
#pragma once

#include "core/crypto/hasher.h"
#include "core/delta/bank.h"

#include <algorithm>
#include <array>
#include <optional>

namespace pitstop::delta {

enum class Phase : std::uint8_t {
    moving = 1,    // the old image out of the new one's way
    patching = 2,  // block by block
    done = 3,
};

struct JournalRecord {
    std::uint64_t delta_name = 0;
    Phase phase = Phase::done;
    std::uint32_t moved_sectors = 0;                   // moving
    std::uint32_t delta_offset = 0, image_offset = 0;  // patching
    bool operator==(const JournalRecord&) const = default;
};

class Journal {
public:
    // `sectors` has exactly two.
    Journal(Bank& sectors, crypto::Hasher& hasher) : bank_(sectors), hasher_(hasher) {}

    [[nodiscard]] Result<std::optional<JournalRecord>> last();  // reads it all
    [[nodiscard]] Result<void> add(const JournalRecord& record);

private:
    static constexpr std::uint32_t record_bytes = 32;
    using Slot = std::array<std::uint8_t, Bank::program_unit_bytes_max>;

    struct Scanned {
        std::optional<JournalRecord> newest;
        std::uint32_t sequence = 0;
        std::uint32_t free_from = 0;  // in its sector
    };

    [[nodiscard]] std::uint32_t slot_bytes() const { return std::max(record_bytes, bank_.program_unit_bytes()); }
    [[nodiscard]] Result<Scanned> scan(std::uint32_t sector_offset);
    [[nodiscard]] std::array<std::uint8_t, 4> check_of(View record);

    Bank& bank_;
    crypto::Hasher& hasher_;
    std::uint32_t sequence_ = 0, sector_ = 0, next_ = 0;  // where the next record goes
};

}  // namespace pitstop::delta
