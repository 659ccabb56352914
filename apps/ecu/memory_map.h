// What testers may read and write by address in a virtual ECU (services 23 3D 35 38):
//
//   0x00000000  the running image, as long as it is: read only, by 23 and 35
//   0x20000000  256 bytes of RAM to play with, gone after a reset: 23 and 3D
//   events.log  the ECU's log file: read and delete by 38
//
// An ECU whose images come sealed hands none out to whoever asks (0x33): the image is readable only where an Access
// decides who reads.
#pragma once

#include "apps/ecu/event_log.h"
#include "core/flash/slots.h"
#include "core/uds/extensions.h"

#include <array>
#include <variant>

namespace pitstop::ecu {

enum class ImageReading : std::uint8_t { allowed, refused };

class MemoryMap final : public uds::Memory, public uds::Readout {
public:
    static constexpr uds::MemoryRange ram{0x2000'0000, 256};

    MemoryMap(flash::Slots& slots, EventLog& log, ImageReading image_reading, std::uint32_t block_size_bytes_max)
        : slots_(slots),
          log_(log),
          image_reading_(image_reading),
          block_size_bytes_max_(block_size_bytes_max) {}

    [[nodiscard]] uds::Nrc check_readable(const uds::MemoryRange& range) const override;
    uds::Nrc read(const uds::MemoryRange& range, Room into) override;
    uds::Nrc write(const uds::MemoryRange& range, View data) override;

    std::expected<std::uint64_t, uds::Nrc> open_memory(const uds::MemoryRange& range,
                                                       std::uint8_t data_format) override;
    std::expected<std::uint64_t, uds::Nrc> open_file(std::string_view name) override;
    [[nodiscard]] std::uint32_t block_size_bytes_max() const override { return block_size_bytes_max_; }
    uds::Nrc read(std::uint64_t offset, Room into) override;
    uds::Nrc delete_file(std::string_view name) override;

private:
    [[nodiscard]] bool is_in_image(const uds::MemoryRange& range) const;

    flash::Slots& slots_;
    EventLog& log_;
    ImageReading image_reading_;
    std::uint32_t block_size_bytes_max_;
    std::array<std::uint8_t, ram.size_bytes> ram_{};
    std::variant<uds::MemoryRange, Bytes> open_;  // memory, or a file as it was when it was opened
};

}  // namespace pitstop::ecu
