// core/package: what opens images in an ECU, in every form, of foreign bytes and of honest payloads that were damaged.
//
// Input: the form (one byte), the size of the cuts, what the rest is (even: the payload as it comes; odd: an image,
// from which the payload is made), where that payload is damaged (two bytes; none behind its end), then the rest.
#include "core/package/opener.h"
#include "core/package/packed_image_test.h"
#include "fuzz/property.h"

#include <string>

using namespace pitstop;
using fuzz::must;

namespace {

constexpr std::uint32_t window_bytes = 1024;
constexpr std::size_t image_bytes_max = 4096;

// One ECU for all cases: making its key takes longer than a case.
package::test::Ecu& ecu() {
    static const Bytes old_image = package::test::image_of(3000, 5);
    static package::test::Ecu one(old_image);
    return one;
}
Bytes old_image() { return package::test::image_of(3000, 5); }

class Bank final : public ByteSink {
public:
    explicit Bank(std::size_t image_bytes) : image_bytes_(image_bytes) {}
    Result<void> push(View piece) override {
        must(!finished, "nothing comes after the end");
        must(piece.size() <= image_bytes_ - bytes.size(), "never more than the image has");
        bytes.insert(bytes.end(), piece.begin(), piece.end());
        return {};
    }
    Result<void> finish() override {
        must(!finished && bytes.size() == image_bytes_, "the end comes once, after exactly the image's bytes");
        finished = true;
        return {};
    }
    Bytes bytes;
    bool finished = false;

private:
    std::size_t image_bytes_;
};

struct Opening {
    Bytes bytes;
    std::string error;
};

Opening open(View payload, const Form& form, std::size_t image_bytes, std::size_t cut) {
    Bytes workspace(package::workspace_bytes(form, window_bytes));
    Bank bank(image_bytes);
    package::Opener opener(form, ecu().ports(), workspace, {image_bytes, window_bytes}, bank);
    must(!opener.failed(), "this ECU can open everything");
    Result<void> result;
    for (View left = payload; result && !left.empty(); left = left.subspan(std::min(cut, left.size())))
        result = opener.push(left.first(std::min(cut, left.size())));
    const auto end = opener.finish();
    if (!result) must(!end && end.error().str() == result.error().str(), "after an error the same error comes again");
    if (!result) must(!opener.push(payload), "and nothing is taken any more");
    must(bank.finished == end.has_value(), "the bank's end is the opening's good end");
    return {std::move(bank.bytes), end ? "" : end.error().str()};
}

Bytes packed(View image, const Form& form) {
    if (form.encoding == Encoding::full && form.compression == Compression::zstd) {
        Bytes frame = fuzz::must_have(compress::zstd(image, {.level = 1, .window_bytes = window_bytes}), "zstd");
        if (form.sealing == Sealing::none) return frame;
        return fuzz::must_have(package::test::sealed(frame, ecu().id, ecu().key.public_key()), "sealing");
    }
    return fuzz::must_have(package::test::packed(image, form, old_image(), ecu().id, ecu().key.public_key()),
                           "an honest payload can be made");
}

// Damage is found, or was of no importance. A delta and a plain image carry no sum of their own: the digest of what is
// in the flash decides about them.
void check_honest(View image, const Form& form, std::size_t cut, std::size_t damaged_at) {
    Bytes payload = packed(image, form);
    const bool is_damaged = damaged_at < payload.size();
    if (is_damaged) payload[damaged_at] ^= 0x20;
    const Opening opened = open(payload, form, image.size(), cut);
    if (!is_damaged) must(opened.error.empty(), "an honest payload opens");
    const bool finds_damage = form.sealing == Sealing::hpke || form.compression != Compression::none;
    if (opened.error.empty() && (finds_damage || !is_damaged))
        must(std::ranges::equal(opened.bytes, image), "what opens is the image");
    if (is_damaged && form.sealing == Sealing::hpke) must(!opened.error.empty(), "no bit of a sealed payload is free");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Script script({data, size});
    const Form form = *Form::parse(package::test::every_form[script.u8() % package::test::every_form.size()]);
    const std::size_t cut = std::size_t{1} + script.u8();
    const bool is_honest = script.u8() % 2 != 0;
    const std::size_t damaged_at = std::size_t{script.u8()} << 8 | script.u8();
    const View rest = script.rest();
    if (is_honest) {
        const View image = rest.first(std::min(rest.size(), image_bytes_max));
        if (!image.empty()) check_honest(image, form, cut, damaged_at);
        return 0;
    }
    const std::size_t image_bytes = damaged_at % image_bytes_max;
    const Opening whole = open(rest, form, image_bytes, SIZE_MAX), cut_up = open(rest, form, image_bytes, cut);
    must(whole.error.empty() == cut_up.error.empty(), "cuts change no verdict");
    if (whole.error.empty()) must(whole.bytes == cut_up.bytes, "and no byte");
    return 0;
}
