#include "core/delta/in_place_plan.h"

#include "core/delta/faults.h"

#include <algorithm>

namespace pitstop::delta {
namespace {

// Of an image eight blocks, or more: larger ones lose more copies, smaller ones learn less.
constexpr std::uint32_t blocks_min = 8, block_bytes_max = 64 * 1024;
constexpr std::uint32_t lost_of_1000_at_most = 1;  // of the image, for the sake of a shorter way
constexpr std::uint64_t shift_free_bytes =
    std::uint64_t{256} * 1024;                   // where nobody said how large the bank is: so much, or …
constexpr std::uint64_t shift_share_of_old = 4;  // … this part of the old image

std::uint64_t round_up(std::uint64_t value, std::uint32_t unit) { return (value + unit - 1) / unit * unit; }

// Part of a copy in one block, and how far the old image must have moved for it.
struct Part {
    Copy copy;
    std::uint32_t block_end = 0;  // in whole sectors

    [[nodiscard]] std::uint32_t needs() const { return block_end > copy.old_offset ? block_end - copy.old_offset : 0; }
};

std::vector<Part> parts_of(const Copies& copies, const std::vector<Range>& blocks, std::uint32_t sector_bytes) {
    std::vector<Part> parts;
    for (const Copy& copy : copies) {
        auto block = std::ranges::upper_bound(blocks, copy.new_offset, {}, &Range::end);
        for (; block != blocks.end() && block->begin < copy.new_end(); ++block) {
            const std::uint32_t begin = std::max(copy.new_offset, block->begin),
                                end = std::min(copy.new_end(), block->end);
            parts.push_back({{begin, copy.old_offset + (begin - copy.new_offset), end - begin},
                             static_cast<std::uint32_t>(round_up(block->end, sector_bytes))});
        }
    }
    return parts;
}

// The shortest way with which almost nothing is lost.
std::uint32_t best_shift(std::vector<Part> parts, std::uint64_t shift_max, std::uint32_t new_size,
                         std::uint32_t sector_bytes) {
    std::ranges::sort(parts, std::ranges::greater{}, &Part::needs);
    std::uint64_t lost = 0, shift = 0;
    for (const Part& part : parts) {
        lost += part.copy.size;
        shift = part.needs();
        if (lost > std::uint64_t{new_size} * lost_of_1000_at_most / 1000) break;
    }
    return static_cast<std::uint32_t>(std::min(round_up(shift, sector_bytes), shift_max / sector_bytes * sector_bytes));
}

}  // namespace

Result<InPlacePlan> plan_in_place(const Copies& copies, std::uint32_t old_size, std::uint32_t new_size,
                                  const Options& options) {
    const std::uint32_t sector = options.sector_bytes;
    const std::uint64_t old_bytes = round_up(old_size, sector), new_bytes = round_up(new_size, sector);
    const std::uint64_t shift_free = std::max(shift_free_bytes, old_size / shift_share_of_old);
    const std::uint64_t bank =
        options.bank_bytes != 0 ? options.bank_bytes : std::max(old_bytes + shift_free, new_bytes);
    if (bank < old_bytes || bank < new_bytes) return fail(faults::bank_too_small);

    InPlacePlan plan;
    const auto block = static_cast<std::uint32_t>(
        round_up(std::clamp<std::uint32_t>(new_size / blocks_min, 1, block_bytes_max), sector));
    for (std::uint32_t at = 0; at < new_size; at += block) plan.blocks.push_back({at, std::min(new_size, at + block)});
    const std::vector<Part> parts = parts_of(copies, plan.blocks, sector);
    plan.shift_bytes = best_shift(parts, bank - old_bytes, new_size, sector);
    for (const Part& part : parts) {
        const std::uint32_t lost = part.needs() > plan.shift_bytes ? part.needs() - plan.shift_bytes : 0;
        if (lost >= part.copy.size) continue;
        plan.copies.push_back({part.copy.new_offset + lost, part.copy.old_offset + lost, part.copy.size - lost});
    }
    return plan;
}

}  // namespace pitstop::delta
