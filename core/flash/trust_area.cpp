#include "core/flash/trust_area.h"

#include "core/flash/faults.h"

#include <algorithm>

namespace pitstop::flash {
namespace {

constexpr std::uint32_t magic = 0x50544131;  // "PTA1"
constexpr std::size_t digested_size_bytes = 12;
constexpr std::uint32_t piece_size_bytes = Geometry::program_unit_bytes_max;  // a whole number of any program unit

std::uint32_t round_up(std::uint32_t value, std::uint32_t unit) { return (value + unit - 1) / unit * unit; }

// Counted around, as in boot_records.cpp.
bool is_later(std::uint32_t sequence, std::uint32_t than) { return static_cast<std::int32_t>(sequence - than) > 0; }

}  // namespace

Result<void> TrustArea::check() const {
    const std::uint32_t sectors = device_.geometry().sector_count();
    for (const SectorRange& area : areas_) {
        if (area.first_sector >= sectors || area.sector_count > sectors - area.first_sector)
            return fail(faults::bad_geometry, "a trust area lies outside the flash");
    }
    const auto& [a, b] = areas_;
    if (a.first_sector < b.first_sector + b.sector_count && b.first_sector < a.first_sector + a.sector_count)
        return fail(faults::bad_geometry, "the trust areas overlap");
    if (capacity_bytes() == 0) return fail(faults::bad_geometry, "a trust area holds nothing");
    return {};
}

std::uint32_t TrustArea::offset_of(std::size_t area) const {
    return device_.geometry().sector(areas_[area].first_sector).offset;
}

std::uint32_t TrustArea::size_of(std::size_t area) const {
    std::uint32_t size = 0;
    for (std::uint32_t i = 0; i < areas_[area].sector_count; ++i)
        size += device_.geometry().sector(areas_[area].first_sector + i).size_bytes;
    return size;
}

std::uint32_t TrustArea::body_offset() const {
    return round_up(header_size_bytes, device_.geometry().program_unit_bytes);
}

std::uint32_t TrustArea::capacity_bytes() const {
    const std::uint32_t smaller = std::min(size_of(0), size_of(1));
    return smaller > body_offset() ? smaller - body_offset() : 0;
}

std::array<std::uint8_t, 12> TrustArea::digested_part(const Header& header) const {
    std::array<std::uint8_t, digested_size_bytes> bytes{};
    store_be(bytes.data(), magic);
    store_be(bytes.data() + 4, header.sequence);
    store_be(bytes.data() + 8, header.size_bytes);
    return bytes;
}

Result<std::optional<TrustArea::Header>> TrustArea::read_whole(std::size_t area) {
    std::array<std::uint8_t, header_size_bytes> bytes{};
    ENSURE(device_.read(offset_of(area), bytes));
    Header header;
    header.sequence = load_be<std::uint32_t>(bytes.data() + 4);
    header.size_bytes = load_be<std::uint32_t>(bytes.data() + 8);
    std::ranges::copy(View(bytes).subspan(digested_size_bytes), header.digest.begin());
    if (load_be<std::uint32_t>(bytes.data()) != magic || header.size_bytes > capacity_bytes()) return std::nullopt;
    hasher_.reset();
    hasher_.update(digested_part(header));
    std::array<std::uint8_t, piece_size_bytes> piece{};
    for (std::uint32_t at = 0; at < header.size_bytes; at += piece_size_bytes) {
        const Room wanted = Room(piece).first(std::min(piece_size_bytes, header.size_bytes - at));
        ENSURE(device_.read(offset_of(area) + body_offset() + at, wanted));
        hasher_.update(wanted);
    }
    if (hasher_.finish() != header.digest) return std::nullopt;
    return header;
}

Result<std::optional<TrustArea::Newest>> TrustArea::find_newest() {
    std::optional<Newest> newest;
    for (std::size_t area = 0; area < areas_.size(); ++area) {
        TRY(const auto header, read_whole(area));
        if (header && (!newest || is_later(header->sequence, newest->sequence)))
            newest = Newest{area, header->sequence, header->size_bytes};
    }
    return newest;
}

Result<std::optional<View>> TrustArea::load(Room into) {
    ENSURE(check());
    TRY(const auto newest, find_newest());
    if (!newest) return std::nullopt;
    if (newest->size_bytes > into.size()) return fail(faults::too_large, "the saved trust");
    const Room blob = into.first(newest->size_bytes);
    ENSURE(device_.read(offset_of(newest->area) + body_offset(), blob));
    return View(blob);
}

// Erased cells behind the bytes stay as they are: programming 0xFF clears nothing.
Result<void> TrustArea::program_padded(std::uint32_t offset, View bytes) {
    const std::uint32_t unit = device_.geometry().program_unit_bytes;
    while (!bytes.empty()) {
        std::array<std::uint8_t, piece_size_bytes> piece{};
        piece.fill(0xFF);
        const auto size = static_cast<std::uint32_t>(std::min<std::size_t>(piece_size_bytes, bytes.size()));
        std::ranges::copy(bytes.first(size), piece.begin());
        ENSURE(device_.program(offset, View(piece).first(round_up(size, unit))));
        offset += size;
        bytes = bytes.subspan(size);
    }
    return {};
}

Result<void> TrustArea::save(View blob) {
    ENSURE(check());
    if (blob.size() > capacity_bytes()) return fail(faults::too_large, "the trust to save");
    TRY(const auto found, find_newest());
    const Newest newest = found.value_or(Newest{});
    const std::size_t older = 1 - newest.area;
    Header header{newest.sequence + 1, static_cast<std::uint32_t>(blob.size()), {}};
    const auto digested = digested_part(header);
    hasher_.reset();
    hasher_.update(digested);
    hasher_.update(blob);
    header.digest = hasher_.finish();

    // The header goes first and comes last: while anything else changes there is none.
    for (std::uint32_t i = 0; i < areas_[older].sector_count; ++i)
        ENSURE(device_.erase(areas_[older].first_sector + i));
    ENSURE(program_padded(offset_of(older) + body_offset(), blob));
    std::array<std::uint8_t, header_size_bytes> bytes{};
    std::ranges::copy(digested, bytes.begin());
    std::ranges::copy(header.digest, bytes.begin() + digested_size_bytes);
    ENSURE(program_padded(offset_of(older), bytes));
    TRY(const auto read_back, read_whole(older));
    if (!read_back || read_back->digest != header.digest)
        return fail(faults::device_failed, "the saved trust does not read back");
    return {};
}

}  // namespace pitstop::flash
