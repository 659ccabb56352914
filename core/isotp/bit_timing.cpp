#include "core/isotp/bit_timing.h"

#include "core/base/bytes.h"

#include <array>

namespace pitstop::isotp {
namespace {

// CRC delimiter, ACK slot, ACK delimiter, end of frame (7), intermission (3).
constexpr std::uint32_t tail_bits = 13;
constexpr std::uint32_t crc_delimiter_bits = 1;

// After five equal bits, stuff bits included, comes one of the other value. One that is owed goes out with the next
// bit, so that in FD the fixed stuff bit can take its place.
struct Stuffing {
    bool last = true;
    std::uint8_t run = 0;  // equal bits up to now

    // How many bits it takes on the wire.
    constexpr std::uint8_t put(bool value) {
        const std::uint8_t owed = run == 5 ? 1 : 0;
        if (owed != 0) {
            last = !last;
            run = 1;
        }
        run = value == last ? static_cast<std::uint8_t>(run + 1) : std::uint8_t{1};
        last = value;
        return static_cast<std::uint8_t>(owed + 1);
    }
    [[nodiscard]] constexpr std::size_t index() const { return run * 2U + (last ? 1 : 0); }
};

constexpr std::size_t stuffing_states = 12;

// Eight bits at once: what they take, and the state behind them.
struct ByteOnWire {
    std::uint8_t bits = 0;
    Stuffing after;
};

constexpr auto bytes_on_wire = [] {
    std::array<std::array<ByteOnWire, 256>, stuffing_states> table{};
    for (std::size_t state = 0; state < stuffing_states; ++state)
        for (unsigned byte = 0; byte < 256; ++byte) {
            ByteOnWire& entry = table[state][byte];
            entry.after = {state % 2 == 1, static_cast<std::uint8_t>(state / 2)};
            for (unsigned i = 8; i-- > 0;) entry.bits += entry.after.put((byte >> i & 1) != 0);
        }
    return table;
}();

constexpr auto crc15_of_byte = [] {
    std::array<std::uint16_t, 256> table{};
    for (unsigned byte = 0; byte < 256; ++byte)
        for (unsigned i = 8; i-- > 0;) table[byte] = crc15_step(table[byte], (byte >> i & 1) != 0);
    return table;
}();

// Counts bits as a transmitter sends them.
class Wire {
public:
    void bit(bool value) {
        crc_ = crc15_step(crc_, value);
        count_ += stuffing_.put(value);
    }
    void bits(std::uint32_t value, unsigned count) {
        while (count-- > 0) bit((value >> count & 1) != 0);
    }
    void bytes(View values) {
        for (const std::uint8_t byte : values) {
            crc_ = static_cast<std::uint16_t>((crc_ << 8 & 0x7FFF) ^ crc15_of_byte[(crc_ >> 7 ^ byte) & 0xFF]);
            const ByteOnWire& entry = bytes_on_wire[stuffing_.index()][byte];
            count_ += entry.bits;
            stuffing_ = entry.after;
        }
    }
    void crc15() { bits(crc_, 15); }
    [[nodiscard]] std::uint32_t count() const { return count_; }
    [[nodiscard]] std::uint32_t count_with_owed() const { return count_ + (stuffing_.run == 5 ? 1 : 0); }

private:
    std::uint32_t count_ = 0;
    std::uint16_t crc_ = 0;
    Stuffing stuffing_;
};

void put_arbitration(Wire& wire, const CanId& id) {
    wire.bit(false);  // start of frame
    if (!id.extended) {
        wire.bits(id.value, 11);
        wire.bits(0, 2);  // RTR or RRS, IDE
        return;
    }
    wire.bits(id.value >> 18, 11);
    wire.bits(3, 2);  // SRR, IDE
    wire.bits(id.value & 0x3FFFF, 18);
    wire.bit(false);  // RTR or RRS
}

FrameBits classic_bits(const CanFrame& frame) {
    Wire wire;
    put_arbitration(wire, frame.id);
    wire.bits(0, frame.id.extended ? 2 : 1);  // FDF (here reserved, dominant); the extended format has r0 as well
    wire.bits(dlc_of(frame.size), 4);
    wire.bytes(frame.payload());
    wire.crc15();
    return {wire.count_with_owed() + tail_bits, 0};
}

FrameBits fd_bits(const CanFrame& frame) {
    Wire wire;
    put_arbitration(wire, frame.id);
    wire.bits(2, 2);  // FDF, res
    wire.bit(frame.brs);
    const std::uint32_t header = wire.count();
    wire.bit(false);  // ESI: error active
    wire.bits(dlc_of(frame.size), 4);
    wire.bytes(frame.payload());

    // Stuff count (4) and CRC, a fixed stuff bit before the first of them and after every fourth.
    const std::uint32_t checked = 4 + (frame.size <= 16 ? 17 : 21);
    const std::uint32_t crc_field = checked + 1 + checked / 4;
    const std::uint32_t after_header = wire.count() - header + crc_field + crc_delimiter_bits;
    // The rate changes inside the BRS bit and inside the CRC delimiter, at the same point of each: counting BRS whole
    // at the nominal and the delimiter whole at the data rate gives the exact sum.
    if (frame.brs) return {header + tail_bits - crc_delimiter_bits, after_header};
    return {header + after_header + tail_bits - crc_delimiter_bits, 0};
}

}  // namespace

FrameBits bits_of(const CanFrame& frame) { return frame.fd ? fd_bits(frame) : classic_bits(frame); }

std::chrono::nanoseconds duration_of(const FrameBits& bits, const BitRates& rates) {
    constexpr std::uint64_t ns_per_s = 1'000'000'000;
    return std::chrono::nanoseconds(bits.nominal * ns_per_s / rates.nominal_bits_per_s +
                                    bits.data * ns_per_s / rates.data_bits_per_s);
}

}  // namespace pitstop::isotp
