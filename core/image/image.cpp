#include "core/image/image.h"

#include "core/base/ids.h"
#include "core/crypto/digest.h"
#include "core/image/faults.h"

#include <algorithm>
#include <array>
#include <format>

namespace pitstop::image {
namespace {

constexpr std::array<std::uint8_t, 4> elf_magic{0x7F, 'E', 'L', 'F'};
constexpr std::size_t elf_ident_size_bytes = 16;

bool begins_like_elf(View bytes) {
    return bytes.size() >= elf_magic.size() && std::ranges::equal(bytes.first(elf_magic.size()), elf_magic);
}

// System V ABI, chapter 4: e_ident names the class (32 or 64 bits) and the byte order; version is 1.
Result<void> check_elf(View bytes) {
    if (bytes.size() < elf_ident_size_bytes) return fail(faults::broken_elf, "the identification is cut off");
    const std::uint8_t width = bytes[4], byte_order = bytes[5], version = bytes[6];
    if (width != 1 && width != 2) return fail(faults::broken_elf, std::format("class {} does not exist", width));
    if (byte_order != 1 && byte_order != 2)
        return fail(faults::broken_elf, std::format("byte order {} does not exist", byte_order));
    if (version != 1) return fail(faults::broken_elf, std::format("version {} does not exist", version));
    const std::size_t header_size_bytes = width == 1 ? 52 : 64;
    if (bytes.size() < header_size_bytes)
        return fail(faults::broken_elf,
                    std::format("{} bytes, the header alone has {}", bytes.size(), header_size_bytes));
    return {};
}

}  // namespace

std::string_view to_string(Kind kind) {
    switch (kind) {
        case Kind::raw: return "raw";
        case Kind::elf: return "ELF";
    }
    return "raw";
}

Result<void> check_size(std::uint64_t size_bytes) {
    if (size_bytes == 0) return fail(faults::empty);
    if (size_bytes > size_bytes_max)
        return fail(faults::too_large, std::format("{} bytes, allowed are {}", size_bytes, size_bytes_max));
    return {};
}

Result<FirmwareImage> read(std::string_view name, Bytes bytes) {
    ENSURE(check_name(name, "image name"));
    ENSURE(check_size(bytes.size()));
    FirmwareImage image{.name = std::string(name)};
    if (begins_like_elf(bytes)) {
        ENSURE(check_elf(bytes));
        image.kind = Kind::elf;
    }
    image.sha256 = crypto::sha256(bytes);
    image.sha512 = crypto::sha512(bytes);
    image.bytes = std::move(bytes);
    return image;
}

}  // namespace pitstop::image
