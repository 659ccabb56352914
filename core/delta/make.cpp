#include "core/delta/make.h"

#include "core/crypto/digest.h"
#include "core/delta/chain.h"
#include "core/delta/encode.h"
#include "core/delta/faults.h"
#include "core/delta/header.h"
#include "core/delta/image_layout.h"
#include "core/delta/in_place_plan.h"
#include "core/delta/layout_coder.h"
#include "core/delta/range_encoder.h"
#include "core/delta/search.h"

#include <algorithm>
#include <bit>
#include <format>
#include <memory>

namespace pitstop::delta {
namespace {

constexpr std::uint32_t place_bytes_min = 32;        // shorter ones cost more than they predict
constexpr std::uint32_t block_cost_max = 48 * 1024;  // about the data of a block

Result<void> check(View old_image, View new_image, const Options& options) {
    if (old_image.empty() || new_image.empty()) return fail(faults::empty);
    if (old_image.size() > image_bytes_max || new_image.size() > image_bytes_max) return fail(faults::too_large);
    const auto fits = [](std::uint32_t value, std::uint32_t lowest, std::uint32_t highest) {
        return std::has_single_bit(value) && value >= lowest && value <= highest;
    };
    if (!fits(options.window_bytes, window_bytes_min, window_bytes_max))
        return fail(faults::impossible_options,
                    std::format("a window has {} to {} bytes", window_bytes_min, window_bytes_max));
    if (!fits(options.sector_bytes, sector_bytes_min, sector_bytes_max))
        return fail(faults::impossible_options,
                    std::format("a sector has {} to {} bytes", sector_bytes_min, sector_bytes_max));
    if (options.block_bytes_max == 0) return fail(faults::impossible_options, "a block has at least one byte");
    return {};
}

Bytes encode_layout(const Layout& layout, std::vector<Place> places) {
    RangeEncoder encoder;
    const auto models = std::make_unique<LayoutModels>();
    Layout said = layout;
    LayoutCoder<RangeEncoder> coder(encoder, *models, said, places);
    while (coder.step()) {}
    return encoder.finish();
}

// Where blocks end: at multiples of a sector, after about so much data or so much image.
std::vector<Range> cut_blocks(const Copies& copies, std::uint32_t new_size, const Options& options) {
    const std::uint32_t sector_bytes = options.sector_bytes, block_image_bytes_max = options.block_bytes_max;
    std::vector<Range> blocks;
    std::uint32_t begin = 0, cost = 0, at = 0;
    const auto cut_before = [&](std::uint32_t to) {
        const std::uint32_t end = std::min(new_size, (to + sector_bytes - 1) / sector_bytes * sector_bytes);
        if (end <= begin) return;
        blocks.push_back({begin, end});
        begin = end;
        cost = 0;
    };
    const auto go = [&](std::uint32_t to, std::uint32_t cost_in_64) {
        while (at < to) {
            const std::uint32_t until_full = (block_cost_max - std::min(cost, block_cost_max)) * 64 / cost_in_64 + 1;
            const std::uint32_t until_long = at < begin ? block_image_bytes_max : begin + block_image_bytes_max - at;
            const std::uint32_t step = std::min({to - at, until_full, until_long});
            at += step;
            cost += static_cast<std::uint32_t>(std::uint64_t{step} * cost_in_64 / 64);
            if (cost >= block_cost_max || at >= begin + block_image_bytes_max) cut_before(at);
        }
    };
    for (const Copy& copy : copies) {
        go(copy.new_offset, 48);
        cost += 2;
        go(copy.new_end(), 1);
    }
    go(new_size, 48);
    cut_before(new_size);
    return blocks;
}

Bytes assemble(Header header, const Bytes& layout, const std::vector<Range>& ranges, const std::vector<Bytes>& blocks) {
    std::size_t size = header_size_bytes + layout.size();
    header.opening_size_bytes = static_cast<std::uint32_t>(size);
    for (const Bytes& block : blocks) size += block_header_size_bytes + block.size();
    header.delta_size_bytes = static_cast<std::uint32_t>(size);
    Bytes delta(header_size_bytes);
    delta.reserve(size);
    std::ranges::copy(encode_header(header), delta.begin());
    delta.insert(delta.end(), layout.begin(), layout.end());
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        std::array<std::uint8_t, block_header_size_bytes> block_header{};
        store_le(block_header.data(), ranges[i].size());
        store_le(block_header.data() + 4, static_cast<std::uint32_t>(blocks[i].size()));
        delta.insert(delta.end(), block_header.begin(), block_header.end());
        delta.insert(delta.end(), blocks[i].begin(), blocks[i].end());
    }
    return delta;
}

}  // namespace

Result<Bytes> make(View old_image, View new_image, const Options& options, const ForEach& for_each) {
    ENSURE(check(old_image, new_image, options));
    Header header{.mode = options.mode, .window_bytes = options.window_bytes, .sector_bytes = options.sector_bytes};
    header.old_size_bytes = static_cast<std::uint32_t>(old_image.size());
    header.new_size_bytes = static_cast<std::uint32_t>(new_image.size());
    const Layout layout = layout_of(old_image, new_image);
    const Copies copies = find_copies(old_image, new_image, layout, for_each);
    const std::vector<Place> places = places_from(copies, place_bytes_min, places_max);
    header.place_count = static_cast<std::uint32_t>(places.size());
    std::vector<std::uint16_t> order(places.size());
    const Places known(places, order);
    Copies usable = copies;
    std::vector<Range> ranges;
    if (options.mode == Mode::in_place) {
        TRY(InPlacePlan plan, plan_in_place(copies, header.old_size_bytes, header.new_size_bytes, options));
        usable = std::move(plan.copies);
        ranges = std::move(plan.blocks);
        header.shift_bytes = plan.shift_bytes;
    } else {
        ranges = cut_blocks(copies, header.new_size_bytes, options);
    }
    const OldIndex old_index(old_image);
    const Ground ground{old_image, new_image, layout, known, usable, old_index, header};
    std::vector<Bytes> blocks(ranges.size());
    for_each(ranges.size() + 2, [&](std::size_t i) {
        if (i < ranges.size())
            blocks[i] = encode_block(ground, ranges[i].begin, ranges[i].end);
        else if (i == ranges.size())
            header.old_digest = crypto::sha256(old_image);
        else
            header.new_digest = crypto::sha256(new_image);
    });
    return assemble(header, encode_layout(layout, places), ranges, blocks);
}

}  // namespace pitstop::delta
