#include "core/image/elf.h"

#include "core/image/faults.h"

#include <algorithm>
#include <array>
#include <format>

namespace pitstop::image {
namespace {

constexpr std::array<std::uint8_t, 4> elf_magic{0x7F, 'E', 'L', 'F'};
constexpr std::size_t ident_size_bytes = 16;
constexpr std::uint32_t type_load = 1;
// The real number then stands in the section headers: core dumps have so many, firmware has not.
constexpr std::uint16_t count_elsewhere = 0xFFFF;

// Where the fields of interest stand; offsets differ with the width (chapters 4 "ELF Header", 5 "Program Header").
struct Shape {
    std::size_t header_size, table_at, entry_size_at, count_at, entry_size;
    std::size_t offset_at, address_at, file_size_at, memory_size_at;  // in an entry
    bool is_wide;
};
constexpr Shape narrow{52, 28, 42, 44, 32, 4, 12, 16, 20, false}, wide{64, 32, 54, 56, 56, 8, 24, 32, 40, true};

class Elf {
public:
    Elf(View file, const Shape& shape) : file_(file), shape_(shape), is_big_endian_(file[5] == 2) {}

    template <class T>
    [[nodiscard]] T number(std::uint64_t at) const {
        return is_big_endian_ ? load_be<T>(file_.data() + at) : load_le<T>(file_.data() + at);
    }
    // An address, offset or size.
    [[nodiscard]] std::uint64_t word(std::uint64_t at) const {
        return shape_.is_wide ? number<std::uint64_t>(at) : number<std::uint32_t>(at);
    }
    [[nodiscard]] std::uint16_t headers() const { return number<std::uint16_t>(shape_.count_at); }
    [[nodiscard]] std::uint64_t table() const { return word(shape_.table_at); }
    [[nodiscard]] std::uint64_t header(std::size_t i) const { return table() + i * shape_.entry_size; }
    [[nodiscard]] bool is_loaded(std::size_t i) const {
        return number<std::uint32_t>(header(i)) == type_load && file_size(i) != 0;
    }
    [[nodiscard]] std::uint64_t offset(std::size_t i) const { return word(header(i) + shape_.offset_at); }
    [[nodiscard]] std::uint64_t address(std::size_t i) const { return word(header(i) + shape_.address_at); }
    [[nodiscard]] std::uint64_t file_size(std::size_t i) const { return word(header(i) + shape_.file_size_at); }
    [[nodiscard]] std::uint64_t memory_size(std::size_t i) const { return word(header(i) + shape_.memory_size_at); }

    [[nodiscard]] bool holds(std::uint64_t at, std::uint64_t size) const {
        return at <= file_.size() && size <= file_.size() - at;
    }
    [[nodiscard]] View bytes(std::size_t i) const { return file_.subspan(offset(i), file_size(i)); }

    [[nodiscard]] Result<void> check() const {
        if (headers() == 0) return {};
        if (headers() == count_elsewhere) return fail(faults::broken_elf, "more program headers than firmware has");
        if (number<std::uint16_t>(shape_.entry_size_at) != shape_.entry_size)
            return fail(faults::broken_elf, "program headers of another size");
        if (!holds(table(), std::uint64_t{headers()} * shape_.entry_size))
            return fail(faults::broken_elf, "the program headers are cut off");
        for (std::size_t i = 0; i < headers(); ++i) {
            if (!is_loaded(i)) continue;
            if (!holds(offset(i), file_size(i)))
                return fail(faults::broken_elf, std::format("the bytes of program header {} are cut off", i));
            if (file_size(i) > memory_size(i))
                return fail(faults::broken_elf, std::format("program header {} has more bytes than room", i));
        }
        return {};
    }

private:
    View file_;
    const Shape& shape_;
    bool is_big_endian_;
};

// e_ident names the class (32 or 64 bits) and the byte order; version is 1.
Result<const Shape*> shape_of(View file) {
    if (file.size() < ident_size_bytes) return fail(faults::broken_elf, "the identification is cut off");
    const std::uint8_t width = file[4], byte_order = file[5], version = file[6];
    if (width != 1 && width != 2) return fail(faults::broken_elf, std::format("class {} does not exist", width));
    if (byte_order != 1 && byte_order != 2)
        return fail(faults::broken_elf, std::format("byte order {} does not exist", byte_order));
    if (version != 1) return fail(faults::broken_elf, std::format("version {} does not exist", version));
    const Shape& shape = width == 1 ? narrow : wide;
    if (file.size() < shape.header_size)
        return fail(faults::broken_elf,
                    std::format("{} bytes, the header alone has {}", file.size(), shape.header_size));
    return &shape;
}

}  // namespace

bool begins_like_elf(View file) {
    return file.size() >= elf_magic.size() && std::ranges::equal(file.first(elf_magic.size()), elf_magic);
}

Result<void> check_elf(View file) {
    TRY(const Shape* shape, shape_of(file));
    return Elf(file, *shape).check();
}

Result<std::vector<Segment>> elf_segments(View file) {
    TRY(const Shape* shape, shape_of(file));
    const Elf elf(file, *shape);
    ENSURE(elf.check());
    SegmentList segments;
    // Many headers may point at the same bytes of the file: what they ask for in all is limited before it is copied.
    std::uint64_t total_bytes = 0;
    for (std::size_t i = 0; i < elf.headers(); ++i) {
        if (!elf.is_loaded(i)) continue;
        total_bytes += elf.file_size(i);
        if (total_bytes > span_bytes_max) return fail(faults::too_scattered, "more bytes than any flash has");
        ENSURE(segments.add(elf.address(i), elf.bytes(i)));
    }
    return segments.finish();
}

}  // namespace pitstop::image
