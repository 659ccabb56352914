// The download of an image into the bank that does not run: services 34, 36 and 37 of flash::Target (ISO 14229-1 §15).
// ECU profile.
//
// Bring: slots that have booted; what opens images (null: they come only as they are); how long this memory takes; and
// room for blocks:
//   none        images come only as they are; a block is programmed before it is answered
//   one block   the same, for what is opened too
//   two blocks  queued flash: a block is answered at once where the one before is programmed, and is programmed in the
//               background while the next one comes. So a block takes as long as the slower one of bus and flash.
// A block that comes too early waits (0x78) until the one before is in the flash; so does 37. What goes wrong with a
// block that was answered is told with the next 36 and with 37, by the same code as ever; nothing of this download is
// programmed after that. Only what is in the flash counts: after a cut F1A5 says how far that is (resume.h).
#pragma once

#include "core/flash/opening.h"
#include "core/flash/slots.h"
#include "core/flash/target_observer.h"
#include "core/uds/application.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>

namespace pitstop::flash {

struct FlashTimes {
    std::chrono::microseconds erase_per_kib{};
    std::chrono::microseconds program_per_kib{};

    [[nodiscard]] std::chrono::microseconds to_erase(std::uint32_t size_bytes) const {
        return erase_per_kib * size_bytes / 1024;
    }
    [[nodiscard]] std::chrono::microseconds to_program(std::uint32_t size_bytes) const {
        return program_per_kib * size_bytes / 1024;
    }
};

struct TargetSettings {
    static constexpr std::uint32_t block_overhead_bytes = 2;  // service and counter

    std::uint32_t block_size_bytes_max = 0;  // of a TransferData request, service and counter included
    FlashTimes times{};                      // zeros: as long as the calls themselves take
    Room blocks{};                           // outlives the target

    [[nodiscard]] static constexpr std::size_t room_bytes(std::uint32_t block_size_bytes_max, std::size_t blocks) {
        return blocks * (block_size_bytes_max - block_overhead_bytes);
    }
    [[nodiscard]] bool queues() const { return blocks.size() >= room_bytes(block_size_bytes_max, 2); }
};

// Where the image goes, in whatever form it came.
class BankSink final : public ByteSink {
public:
    explicit BankSink(Slots& slots) : slots_(slots) {}

    // The first bytes are there already.
    void begin(std::uint32_t skip_bytes) {
        skip_bytes_ = skip_bytes;
        written_bytes_ = 0;
    }
    [[nodiscard]] Result<void> push(View piece) override {
        const auto skipped = static_cast<std::uint32_t>(std::min<std::size_t>(skip_bytes_, piece.size()));
        skip_bytes_ -= skipped;
        written_bytes_ += static_cast<std::uint32_t>(piece.size());
        return slots_.write(piece.subspan(skipped));
    }
    [[nodiscard]] Result<void> finish() override { return slots_.finish(); }

    [[nodiscard]] std::uint32_t written_bytes() const { return written_bytes_; }

private:
    Slots& slots_;
    std::uint32_t skip_bytes_ = 0;
    std::uint32_t written_bytes_ = 0;
};

class ImageIntake {
public:
    // The server is answered after so much was written, or read where a bank is written in place: about a millisecond
    // where opening and writing make 30 MB/s. In place also after each erase of a sector.
    static constexpr std::uint32_t step_bytes = 32 * 1024;

    ImageIntake(Slots& slots, Opening* opening, TargetObserver& observer, const TargetSettings& settings)
        : slots_(slots),
          opening_(opening),
          observer_(observer),
          settings_(settings),
          bank_(slots) {}

    std::expected<std::uint32_t, uds::Nrc> request_download(const uds::Download& download);
    uds::Outcome transfer_data(View data);
    uds::Outcome transfer_exit(View parameters);
    uds::Outcome continue_pending();

    // Of blocks that were answered.
    [[nodiscard]] bool has_background_work() const { return is_working(); }
    std::chrono::microseconds work_in_background() { return step(); }

    void end();  // of the download, also of what is not programmed yet

private:
    enum class Asked : std::uint8_t { nothing, block, exit };  // what is not answered yet

    [[nodiscard]] std::uint32_t block_bytes_max() const;
    [[nodiscard]] uds::Nrc begin_opening(const Form& form);
    [[nodiscard]] View keep(View data);
    uds::Outcome write_at_once(View data);
    uds::Outcome go_on();
    uds::Outcome conclude();
    [[nodiscard]] bool has_bytes() const { return !block_.empty() || (opens_ && opening_->is_holding()); }
    [[nodiscard]] bool is_working() const { return is_busy_ || has_bytes(); }
    std::chrono::microseconds step();
    [[nodiscard]] Result<void> program_some();
    [[nodiscard]] Opening::Work work() const;
    std::chrono::microseconds busy_for(const Opening::Work& work);
    uds::Nrc refuse(std::string_view what, const Error& error);

    Slots& slots_;
    Opening* opening_;
    TargetObserver& observer_;
    TargetSettings settings_;
    BankSink bank_;
    bool receives_ = false;
    bool opens_ = false;  // it is not the image itself
    View block_;          // what is left of the one that is being programmed
    View waiting_;        // the next one, which is not answered
    std::size_t next_room_ = 0;
    bool is_busy_ = false;  // the flash, until the last step's time has passed
    Asked asked_ = Asked::nothing;
    std::optional<uds::Nrc> failed_;
};

}  // namespace pitstop::flash
