// The syntax of a block, written once for who says it (RangeEncoder) and who hears it (RangeDecoder); to the byte in
// docs/formats/delta.md. ECU profile.
//
// A block is a sequence of operations, each of which makes at least one byte of the new image: a copy out of the old
// image, a match with what this block made before, or a single new byte. A copy carries over what stands in the old
// image, except that references lead to where their targets went, and except for corrections.
//
// A step is one operation, one correction or one reference: none begins before the coder is ready for it.
#pragma once

#include "core/delta/models.h"
#include "core/delta/places.h"

namespace pitstop::delta {

enum class Make : std::uint8_t { copy, match, literal };

struct Operation {
    Make make = Make::literal;
    std::uint32_t size = 1;
    std::uint32_t from = 0;  // copy: offset in the old image; match: so many bytes back
    std::uint8_t byte = 0;   // literal
};

inline constexpr std::uint32_t match_size_min = 2;
inline constexpr std::uint32_t no_correction = 0x7FFFFFFE;  // a gap behind the last one of a block

// A correction in copied bytes: how many come before it unchanged (references not counted), and whether it is a whole
// aligned word that changes by as much as the one corrected before it.
struct Correction {
    std::uint32_t gap = no_correction;
    bool is_word_again = false;
};

// By how much the last corrected aligned word changed: entries of tables often change alike.
class WordChange {
public:
    [[nodiscard]] bool may_repeat(std::uint32_t old_offset, std::size_t left) const {
        return (old_offset & 3U) == 0 && left >= 4 && change_before(old_offset) != 0;
    }
    [[nodiscard]] std::uint32_t change_before(std::uint32_t old_offset) const {
        return (old_offset & ~3U) == word_ ? settled_ : change_;
    }
    void note(std::uint32_t old_offset, std::uint8_t old_byte, std::uint8_t new_byte) {
        if ((old_offset & ~3U) != word_) {
            settled_ = change_;
            change_ = 0;
            word_ = old_offset & ~3U;
        }
        change_ += static_cast<std::uint32_t>(new_byte - old_byte) << (8 * (old_offset & 3U));
    }

private:
    std::uint32_t word_ = 0xFFFFFFFF, change_ = 0, settled_ = 0;
};

template <class Coder>
class BlockCoder {
public:
    BlockCoder(Coder& coder, Models& models, const Layout& layout, const Places& places)
        : coder_(coder),
          models_(models),
          layout_(layout),
          places_(places),
          finder_(layout) {}

    // `corrections` only where something is said: all of the block, ended by a no_correction.
    void begin(std::uint32_t new_begin, std::uint32_t new_end, std::span<const Correction> corrections = {}) {
        new_begin_ = new_begin;
        new_end_ = new_end;
        said_ = corrections;
        shift_ = 0;
        before_ = Make::literal;
        words_ = {};
        run_ = 0;
        gap_like_ = 2;
        was_word_ = was_right_ = has_pending_ = false;
        was_placed_ = true;
        code_gap(false);
    }

    // `at`: offset in the new image of its first byte; `byte_before` it in the block, or 0. What is heard may be
    // impossible: whoever hears it checks it.
    Operation operation(std::uint32_t at, std::uint8_t byte_before, const Operation& said = {}) {
        const std::size_t index = places_.at_or_behind(at);
        const Place* const here = index < places_.size() && places_[index].new_offset <= at ? &places_[index] : nullptr;
        Operation heard = said;
        const std::size_t before = static_cast<std::size_t>(before_);
        if (coder_.bit(models_.is_copy[before * 2 + (here != nullptr ? 1 : 0)], said.make == Make::copy)) {
            heard.make = Make::copy;
            code_copy(at, here, heard);
        } else if (coder_.bit(models_.is_match[before], said.make == Make::match)) {
            heard.make = Make::match;
            heard.size = code_number(coder_, models_.match_size, said.size - match_size_min) + match_size_min;
            heard.from = code_number(coder_, models_.match_distance, said.from - 1) + 1;
        } else {
            heard.make = Make::literal;
            heard.size = 1;
            heard.byte = code_byte(coder_, models_.literal[byte_before >> 4], said.byte, Pace::quick);
        }
        before_ = heard.make;
        has_pending_ = false;
        return heard;
    }

    // Goes on with a copy: from the piece's byte `at` up to `to`, as far as the coder is ready; gives back how far. A
    // reference may take it a few bytes beyond `to`. The piece is `made_at` in the new image; what it became stands in,
    // or goes to, `made`.
    template <class Made>
    std::uint32_t copy(const Piece& piece, std::uint32_t at, std::uint32_t to, std::uint32_t made_at, Made made) {
        while (at < to) {
            if (has_pending_ && pending_offset_ < piece.offset + at) has_pending_ = false;  // a word went over it
            if (!has_pending_) {
                has_pending_ = finder_.find(piece, at, to, pending_);
                pending_offset_ = piece.offset + pending_.at;
            }
            const std::uint32_t plain_to = has_pending_ ? pending_offset_ - piece.offset : to;
            if (!plain(piece, at, plain_to, made)) return at;
            if (has_pending_ && at == plain_to) {
                if (!coder_.is_ready()) return at;
                reference(load_le<std::uint32_t>(&piece.bytes[at]), made_at + at, made.subspan(at, 4));
                has_pending_ = false;
                at += 4;
            }
        }
        return at;
    }

private:
    void code_copy(std::uint32_t at, const Place* here, Operation& copy) {
        const std::uint32_t placed = here != nullptr ? here->old_offset + (at - here->new_offset) : 0;
        const std::uint32_t whole = here != nullptr ? std::min(here->new_offset + here->size_bytes, new_end_) - at : 0;
        if (here != nullptr && coder_.bit(models_.as_placed[was_placed_ ? 1 : 0], copy.from == placed)) {
            copy.from = placed;
            was_placed_ = true;
            if (coder_.bit(models_.to_its_end, copy.size == whole)) {
                copy.size = whole;
                shift_ = copy.from - at;
                return;
            }
        } else {
            was_placed_ = false;
            copy.from = at + shift_ + code_difference(coder_, models_.copy_from, copy.from - at - shift_);
        }
        copy.size = code_number(coder_, models_.copy_size, copy.size - 1) + 1;
        shift_ = copy.from - at;
    }

    // Bytes up to `to` that are no references. False where the coder has to wait.
    template <class Made>
    bool plain(const Piece& piece, std::uint32_t& at, std::uint32_t to, Made made) {
        while (at < to) {
            const std::uint32_t same = std::min(to - at, gap_);
            if constexpr (!Coder::says) std::copy_n(piece.bytes.data() + at, same, made.data() + at);
            at += same;
            gap_ -= same;
            if (same > 0) run_ = 0;
            if (at == to) break;
            if (!coder_.is_ready()) return false;
            correction(piece, at, made);
        }
        return true;
    }

    template <class Made>
    void correction(const Piece& piece, std::uint32_t& at, Made made) {
        const std::uint32_t offset = piece.offset + at;
        const bool is_code = is_in_code(offset);
        bool is_word = false;
        if (words_.may_repeat(offset, piece.bytes.size() - at)) {
            is_word = coder_.bit(models_.word_again[was_word_ ? 1 : 0], Coder::says && said_now_.is_word_again);
            was_word_ = is_word;
        }
        const std::uint32_t change = words_.change_before(offset);
        if (is_word) {
            const std::uint32_t word = load_le<std::uint32_t>(&piece.bytes[at]) + change;
            for (std::uint32_t i = 0; i < 4; ++i) put(piece, at++, static_cast<std::uint8_t>(word >> (8 * i)), made);
        } else {
            const std::uint8_t old_byte = piece.bytes[at];
            ByteModel& model = models_.correction[(is_code ? 3 : 0) + std::min<std::uint32_t>(run_, 2)];
            const std::uint8_t difference = code_byte(coder_, model, said_difference(made, at, old_byte), Pace::quick);
            put(piece, at++, static_cast<std::uint8_t>(old_byte + difference), made);
            ++run_;
        }
        code_gap(is_code);
    }

    template <class Made>
    static std::uint8_t said_difference(Made made, std::uint32_t at, std::uint8_t old_byte) {
        if constexpr (Coder::says) return static_cast<std::uint8_t>(made[at] - old_byte);
        return 0;
    }

    template <class Made>
    void put(const Piece& piece, std::uint32_t at, std::uint8_t byte, Made made) {
        words_.note(piece.offset + at, piece.bytes[at], byte);
        if constexpr (!Coder::says) made[at] = byte;
    }

    void code_gap(bool is_code) {
        if constexpr (Coder::says) {
            said_now_ = said_.front();
            said_ = said_.subspan(1);
        }
        const std::size_t like_before = gap_like_ + (is_code ? 3 : 0);
        gap_ = code_number(coder_, models_.gap[like_before], said_now_.gap);
        gap_like_ = gap_ == 0 ? 0 : gap_ < 8 ? 1 : 2;
    }

    template <class Made>
    void reference(std::uint32_t before, std::uint32_t made_at, Made made) {
        const Reference& found = pending_;
        const auto kind = static_cast<std::size_t>(found.field);
        const std::uint32_t origin = origin_of(found, layout_.after.address_of(made_at), true, layout_);
        const Places::Whereabouts guess = places_.of_target(layout_, found.target);
        Remembered& memory = models_.memory[found.target * 0x9E3779B1U >> (32 - Models::remembered_bits)];
        const std::uint32_t page = found.target >> 12;
        Remembered& near = models_.near[page * 0x9E3779B1U >> (32 - Models::near_bits)];
        const bool is_remembered = memory.target == found.target, is_near = !is_remembered && near.target == page;
        const std::uint32_t off_by = is_remembered ? memory.off_by : is_near ? near.off_by : 0;
        const std::uint32_t guessed = with_target(found.field, before, origin, guess.address);
        const std::uint32_t remembered = with_target(found.field, before, origin, guess.address + off_by);
        const std::size_t source = is_remembered ? 1 : is_near ? 3 : 0;
        const std::size_t trust = (source + (off_by != 0 ? 1U : 0U)) * 4U + (guess.is_known ? 2U : 0U);
        std::uint32_t word = said_word(made);
        const bool is_right =
            coder_.bit(models_.as_remembered[kind * 20 + trust + (was_right_ ? 1 : 0)], word == remembered);
        if (is_right)
            word = remembered;
        else if (guessed != remembered && coder_.bit(models_.as_guessed[kind], word == guessed))
            word = guessed;
        else if (before != guessed && before != remembered && coder_.bit(models_.as_before[kind], word == before))
            word = before;
        else
            word = exception(found.field, before, origin, guess.address, word);
        was_right_ = is_right;
        if (is_shaped(found.field, word)) {
            memory = {found.target, target_in(found.field, word, origin) - guess.address};
            near = {page, memory.off_by};
        }
        if constexpr (!Coder::says) store_le(made.data(), word);
    }

    std::uint32_t exception(Field field, std::uint32_t before, std::uint32_t origin, std::uint32_t guess,
                            std::uint32_t word) {
        const std::uint32_t off_by = target_in(field, word, origin) - guess;
        const bool keeps_shape = is_shaped(field, word) && with_target(field, before, origin, guess + off_by) == word;
        if (!coder_.bit(models_.same_shape[static_cast<std::size_t>(field)], !keeps_shape)) {
            const std::uint32_t heard = code_difference(coder_, models_.off_by[field <= Field::data ? 0 : 1], off_by);
            return with_target(field, before, origin, guess + heard);
        }
        const std::uint32_t upper = coder_.plain(word >> 16, 16);
        return upper << 16 | coder_.plain(word & 0xFFFFU, 16);
    }

    template <class Made>
    static std::uint32_t said_word(Made made) {
        if constexpr (Coder::says) return load_le<std::uint32_t>(made.data());
        return 0;
    }

    bool is_in_code(std::uint32_t old_offset) const {
        const auto stretches = layout_.all_stretches();
        const auto next = std::ranges::upper_bound(stretches, old_offset, {}, &Stretch::offset);
        return next != stretches.begin() && (next - 1)->writing == Writing::x86_64;
    }

    Coder& coder_;
    Models& models_;
    const Layout& layout_;
    const Places& places_;
    ReferenceFinder finder_;
    std::span<const Correction> said_;
    Correction said_now_;
    std::uint32_t new_begin_ = 0, new_end_ = 0;
    std::uint32_t shift_ = 0;  // of the last copy: from the new image's offset to the old one's
    std::uint32_t gap_ = 0, run_ = 0;
    std::size_t gap_like_ = 2;
    Make before_ = Make::literal;
    WordChange words_;
    bool was_placed_ = true, was_word_ = false, was_right_ = false;
    bool has_pending_ = false;
    Reference pending_;
    std::uint32_t pending_offset_ = 0;
};

}  // namespace pitstop::delta
