// core/image: the file that an engineer hands in.
#include "core/image/image.h"
#include "core/crypto/digest.h"
#include "fuzz/property.h"

using namespace pitstop;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const View input(data, size);
    const auto read = [&] { return image::read("firmware.elf", Bytes(input.begin(), input.end())); };
    const auto image = read();
    if (!image) {
        must(image.error().str() == read().error().str(), "the same file gets the same error again");
        return 0;
    }
    must(std::ranges::equal(image->bytes, input), "an image travels as it is");
    must(image->sha256 == crypto::sha256(input) && image->sha512 == crypto::sha512(input), "its digests are its own");
    const bool has_magic = text_of(input).starts_with(
        "\x7F"
        "ELF");
    must((image->kind == image::Kind::elf) == has_magic, "what begins like an ELF file is one or is refused");
    must(!image::read("../firmware.elf", Bytes(input.begin(), input.end())), "a path is no name");
    return 0;
}
