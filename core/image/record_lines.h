// What Intel HEX and S-records share: lines of a mark and hexadecimal digits, of which the last two are a checksum.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pitstop::image {

inline constexpr std::size_t record_bytes_max =
    261;  // S-records count up to 255 in one byte; HEX adds five around them

// The lines of a text, without a byte order mark in front, without what ends them (LF, CR LF or CR) and without white
// space around them. Empty lines are passed over.
class RecordLines {
public:
    explicit RecordLines(std::string_view text);
    [[nodiscard]] std::optional<std::string_view> next();
    [[nodiscard]] std::size_t number() const { return number_; }  // of the line given last, from 1

private:
    std::string_view left_;
    std::size_t number_ = 0;
};

// The bytes that pairs of digits mean; nothing where a character is no digit, one is left over, or there are too many.
class RecordBytes {
public:
    [[nodiscard]] static std::optional<RecordBytes> from(std::string_view digits);
    [[nodiscard]] View view() const { return View(bytes_).first(size_); }
    [[nodiscard]] std::uint8_t sum() const;  // modulo 256

private:
    std::array<std::uint8_t, record_bytes_max> bytes_{};
    std::size_t size_ = 0;
};

// How one of the two formats is told: what a line begins with, and whether it is a record to its last digit.
struct RecordFormat {
    std::size_t mark_size;
    bool (*has_mark)(std::string_view line);
    bool (*is_record)(std::string_view line);
};

// Whether a file is such a text although it may be damaged: it begins with the mark, and digits follow or it is
// printable throughout; or it is a text that begins otherwise (a comment, characters of 16 bits) and one of its lines
// is a record. The reader then names the line that is wrong.
[[nodiscard]] bool looks_like_records(View file, const RecordFormat& format);

}  // namespace pitstop::image
