// core/delta: a delta from anywhere, in one piece and in cuts, onto one image.
//
// Input: one byte of wishes (bit 0: name the right old image, so that the way behind it is reached; bit 1: take the
// sizes from the bytes that are there; bit 2: give it as a delta in place), one byte for the size of the cuts, then the
// delta.
#include "core/crypto/digest.h"
#include "core/delta/apply.h"
#include "fuzz/property.h"

#include <string>

using namespace pitstop;
using fuzz::must;

namespace {

constexpr std::string_view old_text =
    "Pitstop 1.0: brake-controller-2 speaks UDS on CAN-FD and keeps its bank until the new one has proved itself.\n";
constexpr std::size_t workspace_bytes_max = std::size_t{256} * 1024;

class OldBank final : public delta::OldImage {
public:
    [[nodiscard]] std::uint32_t size_bytes() const override { return static_cast<std::uint32_t>(old_text.size()); }
    [[nodiscard]] Result<void> read(std::uint32_t offset, Room into) override {
        must(into.size() <= old_text.size() && offset <= old_text.size() - into.size(),
             "reads stay inside the old image");
        std::ranges::copy(view_of(old_text).subspan(offset, into.size()), into.begin());
        return {};
    }
};

class NewBank final : public ByteSink {
public:
    Result<void> push(View piece) override {
        must(!piece.empty(), "pieces have bytes");
        size_bytes += piece.size();
        if (kept.size() < kept_bytes_max) kept.insert(kept.end(), piece.begin(), piece.end());
        return {};
    }
    Result<void> finish() override {
        is_finished = true;
        return {};
    }
    static constexpr std::size_t kept_bytes_max = std::size_t{1} << 20;
    Bytes kept;
    std::uint64_t size_bytes = 0;
    bool is_finished = false;
};

struct Applied {
    Bytes made;
    std::uint64_t size_bytes = 0;
    std::string error;
    delta::Progress progress;
    bool operator==(const Applied&) const = default;
};

Applied apply(View delta, std::size_t cut, delta::Mode mode) {
    OldBank before;
    NewBank after;
    Bytes workspace(workspace_bytes_max);
    crypto::Sha256 hasher;
    delta::Patcher patcher(before, workspace, after, hasher, {}, {.mode = mode});
    Result<void> result;
    for (View left = delta; result && !left.empty(); left = left.subspan(std::min(cut, left.size())))
        result = patcher.push(left.first(std::min(cut, left.size())));
    const auto end = patcher.finish();
    if (!result) must(!end && end.error().str() == result.error().str(), "after an error the same error comes again");
    if (patcher.header()) must(after.size_bytes <= patcher.header()->new_size_bytes, "never more than the new image");
    must(!end || after.size_bytes == patcher.header()->new_size_bytes, "a good end has made all of it");
    must(end.has_value() == after.is_finished, "the next stage ends when all is well");
    must(patcher.progress().image_offset <= after.size_bytes, "what is done was passed on");
    return {std::move(after.kept), after.size_bytes, end ? "" : end.error().str(), patcher.progress()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::uint32_t new_size_bytes_max = 1U << 18;  // what a case may cost
    fuzz::Script script({data, size});
    const std::uint8_t wishes = script.u8();
    const std::size_t cut = std::size_t{1} + script.u8();
    const View rest = script.rest();
    Bytes delta(rest.begin(), rest.end());
    const delta::Mode mode = (wishes & 4) != 0 ? delta::Mode::in_place : delta::Mode::beside;
    if (delta.size() >= delta::header_size_bytes) {
        if ((wishes & 1) != 0) {
            store_le(&delta[16], static_cast<std::uint32_t>(old_text.size()));
            std::ranges::copy(crypto::sha256(view_of(old_text)), delta.begin() + 24);
            delta[5] = static_cast<std::uint8_t>(mode);
        }
        if ((wishes & 2) != 0) store_le(&delta[100], static_cast<std::uint32_t>(delta.size()));
        if (load_le<std::uint32_t>(&delta[20]) > new_size_bytes_max) store_le(&delta[20], new_size_bytes_max);
    }
    const Applied whole = apply(delta, SIZE_MAX, mode), cut_up = apply(delta, cut, mode);
    must(whole.error == cut_up.error && whole.progress == cut_up.progress, "cuts change nothing");
    must(!whole.error.empty() || whole == cut_up, "cuts change nothing of the image");
    return 0;
}
