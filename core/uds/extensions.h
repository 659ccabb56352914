// What only some ECUs have: small ports beside Application, each for two or three services. ECU profile.
//
// Bring: objects that outlive the server. A null port means that the ECU does not know those services (0x11). All of
// them answer at once: well below P2 (50 ms).
#pragma once

#include "core/base/bytes.h"
#include "core/uds/application.h"
#include "core/uds/memory_range.h"
#include "core/uds/services.h"

#include <cstdint>
#include <expected>
#include <string_view>

namespace pitstop::uds {

class DtcStore;

// Services 2E and 2F.
class Adjustable {
public:
    // request_out_of_range: no such identifier to be written, here or in this session, or not such a value.
    virtual Nrc write_data(std::uint16_t did, View data) = 0;

    // `state_and_mask`: what follows inputOutputControlParameter. `out` takes the state that holds now.
    virtual Nrc control(std::uint16_t did, InputOutputControl wanted, View state_and_mask, Reply& out) = 0;

protected:
    Adjustable() = default;
    Adjustable(const Adjustable&) = default;
    Adjustable& operator=(const Adjustable&) = default;
    ~Adjustable() = default;
};

// Services 23 and 3D. request_out_of_range: not, or not wholly, in a memory that may be read (written).
class Memory {
public:
    [[nodiscard]] virtual Nrc check_readable(const MemoryRange& range) const = 0;
    virtual Nrc read(const MemoryRange& range, Room into) = 0;  // after check_readable; `into` has the range's size
    virtual Nrc write(const MemoryRange& range, View data) = 0;

protected:
    Memory() = default;
    Memory(const Memory&) = default;
    Memory& operator=(const Memory&) = default;
    ~Memory() = default;
};

// Services 35 and 38: what leaves the ECU in blocks, one thing at a time.
class Readout {
public:
    // The size in bytes of what is read out from now on. request_out_of_range: no such memory, form or file.
    virtual std::expected<std::uint64_t, Nrc> open_memory(const MemoryRange& range, std::uint8_t data_format) = 0;
    virtual std::expected<std::uint64_t, Nrc> open_file(std::string_view name) = 0;
    // Of an answer to TransferData, service and counter included; the server's storage may allow less.
    [[nodiscard]] virtual std::uint32_t block_size_bytes_max() const = 0;
    // The same piece may be asked for again: its answer was lost.
    virtual Nrc read(std::uint64_t offset, Room into) = 0;

    virtual Nrc delete_file(std::string_view name) = 0;

protected:
    Readout() = default;
    Readout(const Readout&) = default;
    Readout& operator=(const Readout&) = default;
    ~Readout() = default;
};

struct Extensions {
    DtcStore* dtcs = nullptr;          // services 14 and 19
    Adjustable* adjustable = nullptr;  // 2E and 2F
    Memory* memory = nullptr;          // 23 and 3D
    Readout* readout = nullptr;        // 35 and 38
};

}  // namespace pitstop::uds
