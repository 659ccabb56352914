// core/image: the file that an engineer hands in, in both layouts.
#include "core/image/image.h"
#include "core/crypto/digest.h"
#include "core/image/segments.h"
#include "fuzz/property.h"

#include <optional>

using namespace pitstop;
using fuzz::must;

namespace {

void check_flat(const image::FirmwareImage& image) {
    must(!image.extents.empty(), "a flat image came from somewhere");
    std::uint64_t at = image.extents.front().address;
    const std::uint64_t first = at;
    for (const auto& extent : image.extents) {
        must(extent.size_bytes > 0 && extent.address >= at, "extents rise and do not overlap");
        must(at == first || extent.address > at, "and touching ones are one");
        const View gap = View(image.bytes).subspan(at - first, extent.address - at);
        must(std::ranges::all_of(gap, [](std::uint8_t byte) { return byte == image::gap_fill; }), "gaps are filled");
        at = extent.address + extent.size_bytes;
    }
    must(at - first == image.bytes.size() && image.bytes.size() <= image::span_bytes_max,
         "nothing but extents and gaps");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const View input(data, size);
    const auto read = [&](std::optional<image::Layout> layout) {
        return image::read("firmware.elf", Bytes(input.begin(), input.end()), layout);
    };
    for (const auto layout : {std::optional<image::Layout>(), {image::Layout::file}, {image::Layout::flat}}) {
        const auto image = read(layout);
        if (!image) {
            must(image.error().str() == read(layout).error().str(), "the same file gets the same error again");
            continue;
        }
        if (image->layout == image::Layout::file)
            must(std::ranges::equal(image->bytes, input), "a file travels as it is");
        if (image->layout == image::Layout::flat) check_flat(*image);
        must(image->sha256 == crypto::sha256(image->bytes) && image->sha512 == crypto::sha512(image->bytes),
             "its digests are its own");
        const bool has_magic = text_of(input).starts_with(
            "\x7F"
            "ELF");
        must((image->kind == image::Kind::elf) == has_magic, "what begins like an ELF file is one or is refused");
    }
    must(!image::read("../firmware.elf", Bytes(input.begin(), input.end())), "a path is no name");
    return 0;
}
