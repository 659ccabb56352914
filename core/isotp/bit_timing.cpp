#include "core/isotp/bit_timing.h"

namespace pitstop::isotp {
namespace {

// CRC delimiter, ACK slot, ACK delimiter, end of frame (7), intermission (3).
constexpr std::uint32_t tail_bits = 13;
constexpr std::uint32_t crc_delimiter_bits = 1;

// Counts bits as a transmitter sends them: after five equal bits, stuff bits included, one of the other value.
class Wire {
public:
    void bit(bool value) {
        crc_ = crc15_step(crc_, value);
        stuffed(value);
    }
    void bits(std::uint32_t value, unsigned count) {
        while (count-- > 0) bit((value >> count & 1) != 0);
    }
    void crc15() {
        const std::uint16_t crc = crc_;
        for (unsigned i = 15; i-- > 0;) stuffed((crc >> i & 1) != 0);
    }
    // A stuff bit that is owed goes out with the next bit, so that in FD the fixed stuff bit can take its place.
    [[nodiscard]] std::uint32_t count() const { return count_; }
    [[nodiscard]] std::uint32_t count_with_owed() const { return count_ + (run_ == 5 ? 1 : 0); }

private:
    void stuffed(bool value) {
        if (run_ == 5) {
            ++count_;
            last_ = !last_;
            run_ = 1;
        }
        run_ = count_ > 0 && value == last_ ? run_ + 1 : 1;
        last_ = value;
        ++count_;
    }

    std::uint32_t count_ = 0;
    std::uint16_t crc_ = 0;
    unsigned run_ = 0;
    bool last_ = true;
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
    for (std::uint8_t byte : frame.payload()) wire.bits(byte, 8);
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
    for (std::uint8_t byte : frame.payload()) wire.bits(byte, 8);

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
