// core/delta: whatever two images are, the delta between them brings the new one back. Reads foreign ELF headers on the
// way.
//
// Input: one byte of wishes (bit 0: in place; bits 1-2: window; bits 3-4: sector), two bytes for the size of the old
// image, the old image, the new one.
#include "core/base/collected.h"
#include "core/crypto/digest.h"
#include "core/delta/apply.h"
#include "core/delta/make.h"
#include "fuzz/property.h"

using namespace pitstop;
using fuzz::must;

namespace {

class OldBank final : public delta::OldImage {
public:
    explicit OldBank(View image) : image_(image) {}
    [[nodiscard]] std::uint32_t size_bytes() const override { return static_cast<std::uint32_t>(image_.size()); }
    [[nodiscard]] Result<void> read(std::uint32_t offset, Room into) override {
        must(into.size() <= image_.size() && offset <= image_.size() - into.size(), "reads stay inside the old image");
        std::ranges::copy(image_.subspan(offset, into.size()), into.begin());
        return {};
    }

private:
    View image_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Script script({data, size});
    const std::uint8_t wishes = script.u8();
    const std::size_t low = script.u8(), high = script.u8();
    const View old_image = script.take(low | high << 8), new_image = script.rest();
    delta::Options options{.window_bytes = 1024U << (wishes >> 1 & 3), .sector_bytes = 256U << (wishes >> 3 & 3)};
    if ((wishes & 1) != 0) options.mode = delta::Mode::in_place;
    const auto delta = delta::make(old_image, new_image, options);
    must(delta.has_value() == (!old_image.empty() && !new_image.empty()), "only an image without bytes is refused");
    if (!delta) return 0;
    const auto header = fuzz::must_have(delta::decode_header(*delta), "what we write can be read");
    OldBank before(old_image);
    Collected after;
    Bytes workspace(delta::workspace_bytes(header));
    crypto::Sha256 hasher;
    delta::Patcher patcher(before, workspace, after, hasher, {}, {.mode = options.mode});
    fuzz::must_have(patcher.push(*delta), "what we make can be applied");
    fuzz::must_have(patcher.finish(), "to its end");
    must(std::ranges::equal(after.bytes, new_image), "the new image comes out");
    return 0;
}
