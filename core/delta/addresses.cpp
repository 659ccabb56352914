#include "core/delta/addresses.h"

namespace pitstop::delta {

std::uint32_t AddressSpace::address_of(std::uint32_t offset) const {
    for (std::uint32_t i = 0; i < segment_count; ++i) {
        const Segment& segment = segments[i];
        if (offset - segment.offset < segment.size_bytes) return segment.address + (offset - segment.offset);
    }
    return offset;
}

std::uint32_t AddressSpace::offset_of(std::uint32_t address) const {
    for (std::uint32_t i = 0; i < segment_count; ++i) {
        const Segment& segment = segments[i];
        if (address - segment.address < segment.size_bytes) return segment.offset + (address - segment.address);
    }
    return 0xFFFFFFFF;
}

}  // namespace pitstop::delta
