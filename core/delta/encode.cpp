#include "core/delta/encode.h"

#include "core/delta/block_coder.h"
#include "core/delta/parse.h"
#include "core/delta/range_encoder.h"

#include <algorithm>
#include <memory>

namespace pitstop::delta {
namespace {

constexpr std::uint32_t firm_bytes_min = 32;  // copies of so much are made in any case

// The part of a copy that lies in the block.
Operation cut(const Copy& copy, std::uint32_t begin, std::uint32_t end) {
    const std::uint32_t from = std::max(copy.new_offset, begin);
    return {.make = Make::copy,
            .size = std::min(copy.new_end(), end) - from,
            .from = copy.old_offset + (from - copy.new_offset)};
}

// Where the old image still is, or will have been moved to, while this block is made.
std::uint32_t oldest_for(const Header& header, std::uint32_t block_end) {
    if (header.mode == Mode::beside) return 0;
    const std::uint64_t sector = header.sector_bytes;
    const std::uint64_t erased = (block_end + sector - 1) / sector * sector;
    return static_cast<std::uint32_t>(erased - std::min<std::uint64_t>(erased, header.shift_bytes));
}

// What lies between two copies that are made in any case, and what else may be copied there.
struct Gap {
    std::uint32_t begin = 0, end = 0;
    std::vector<Offer> offers;
    Operation copy;  // behind it; in the last gap of a block there is none
};

std::vector<Gap> gaps_in(const Ground& ground, std::uint32_t begin, std::uint32_t end) {
    std::vector<Gap> gaps(1);
    gaps.back().begin = begin;
    auto copy = std::ranges::upper_bound(ground.copies, begin, {}, &Copy::new_end);
    for (; copy != ground.copies.end() && copy->new_offset < end; ++copy) {
        const Operation part = cut(*copy, begin, end);
        const std::uint32_t at = std::max(copy->new_offset, begin);
        if (copy->size < firm_bytes_min) {
            gaps.back().offers.push_back({at, part});
            continue;
        }
        gaps.back().end = at;
        gaps.back().copy = part;
        gaps.emplace_back().begin = at + part.size;
    }
    gaps.back().end = end;
    return gaps;
}

std::vector<Operation> plan(const Ground& ground, std::uint32_t begin, std::uint32_t end) {
    const std::vector<Gap> gaps = gaps_in(ground, begin, end);
    MatchFinder matches(ground.new_image, begin, ground.header.window_bytes);
    Parser parser(ground.old_index, ground.new_image, oldest_for(ground.header, end), matches);
    for (const Gap& gap : gaps)
        parser.count(ground.new_image.subspan(gap.begin, gap.end - gap.begin),
                     gap.begin > begin ? ground.new_image[gap.begin - 1] : std::uint8_t{0});
    parser.set_prices();
    std::vector<Operation> operations;
    std::uint32_t shift = 0;
    for (const Gap& gap : gaps) {
        parser.parse(gap.begin, gap.end, gap.offers, shift, operations);
        if (gap.end == end) break;
        operations.push_back(gap.copy);
        shift = gap.copy.from - gap.end;
    }
    return operations;
}

// Where copied bytes have to be corrected.
class Corrector {
public:
    Corrector(const Ground& ground) : ground_(ground), finder_(ground.layout) {}

    void go_over(const Operation& copy, std::uint32_t new_offset) {
        const Piece piece{ground_.old_image.subspan(copy.from, copy.size), copy.from};
        const View made = ground_.new_image.subspan(new_offset, copy.size);
        for (std::uint32_t at = 0; at < copy.size;) {
            Reference found;
            const bool is_found = finder_.find(piece, at, copy.size, found);
            const std::uint32_t plain_to = is_found ? found.at : copy.size;
            go_over_plain(piece, made, at, plain_to);
            at = is_found ? plain_to + 4 : plain_to;
        }
    }
    [[nodiscard]] std::vector<Correction> finish() {
        corrections_.push_back({});
        return std::move(corrections_);
    }

private:
    void go_over_plain(const Piece& piece, View made, std::uint32_t at, std::uint32_t to) {
        while (at < to) {
            const std::uint32_t size = correction_size(piece, made, at, to);
            if (size == 0) {
                const auto differs =
                    std::mismatch(piece.bytes.begin() + at + 1, piece.bytes.begin() + to, made.begin() + at + 1).first;
                // A whole word that changes again may begin before its first byte that differs.
                auto next = std::min<std::uint32_t>(to, static_cast<std::uint32_t>(differs - piece.bytes.begin()));
                next = std::max(at + 1, std::min(next, next - ((piece.offset + next) & 3U)));
                gap_ += next - at;
                at = next;
                continue;
            }
            corrections_.push_back({gap_, size == 4});
            gap_ = 0;
            for (; corrections_size_ < size; ++corrections_size_, ++at)
                words_.note(piece.offset + at, piece.bytes[at], made[at]);
            corrections_size_ = 0;
        }
    }

    std::uint32_t correction_size(const Piece& piece, View made, std::uint32_t at, std::uint32_t to) const {
        const std::uint32_t offset = piece.offset + at;
        if (to - at >= 4 && words_.may_repeat(offset, to - at)) {
            const std::uint32_t change = load_le<std::uint32_t>(&made[at]) - load_le<std::uint32_t>(&piece.bytes[at]);
            if (change == words_.change_before(offset)) return 4;
        }
        return piece.bytes[at] != made[at] ? 1 : 0;
    }

    const Ground& ground_;
    ReferenceFinder finder_;
    WordChange words_;
    std::vector<Correction> corrections_;
    std::uint32_t gap_ = 0, corrections_size_ = 0;
};

std::vector<Correction> list_corrections(const Ground& ground, const std::vector<Operation>& operations,
                                         std::uint32_t begin) {
    Corrector corrector(ground);
    std::uint32_t at = begin;
    for (const Operation& operation : operations) {
        if (operation.make == Make::copy) corrector.go_over(operation, at);
        at += operation.size;
    }
    return corrector.finish();
}

}  // namespace

Bytes encode_block(const Ground& ground, std::uint32_t new_begin, std::uint32_t new_end) {
    const std::vector<Operation> operations = plan(ground, new_begin, new_end);
    const std::vector<Correction> corrections = list_corrections(ground, operations, new_begin);
    RangeEncoder encoder;
    const auto models = std::make_unique<Models>();
    BlockCoder<RangeEncoder> coder(encoder, *models, ground.layout, ground.places);
    coder.begin(new_begin, new_end, corrections);
    std::uint32_t at = new_begin;
    for (const Operation& operation : operations) {
        const std::uint8_t byte_before = at > new_begin ? ground.new_image[at - 1] : std::uint8_t{0};
        (void)coder.operation(at, byte_before, operation);
        if (operation.make == Make::copy) {
            const Piece piece{ground.old_image.subspan(operation.from, operation.size), operation.from};
            (void)coder.copy(piece, 0, operation.size, at, ground.new_image.subspan(at, operation.size));
        }
        at += operation.size;
    }
    return encoder.finish();
}

}  // namespace pitstop::delta
