// core/uptane: the JSON reader of small ECUs beside that of everybody else. Two readers that disagree about one signed
// text are an attack.
#include "core/uptane/json_text.h"
#include "core/base/json.h"
#include "fuzz/property.h"

using namespace pitstop;
using fuzz::must;

namespace {

constexpr std::size_t document_size_bytes_max = 256 * 1024;

class Collector final : public uptane::json_text::Sink {
public:
    void take(View piece) override { text += text_of(piece); }
    std::string text;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const View input(data, size);
    const auto narrow = uptane::json_text::check(input);
    fuzz::must_repeat(narrow.transform([](const auto&) {}),
                      uptane::json_text::check(input).transform([](const auto&) {}));
    const auto wide = json::parse(input, document_size_bytes_max);
    if (narrow) {
        must(wide.has_value(), "what an ECU reads, everybody reads");
        Collector collector;
        write_canonical(*narrow, collector);
        must(collector.text == fuzz::must_have(json::canonical(*wide), "what an ECU reads is canonical"),
             "and signs as the same bytes");
    } else if (wide) {
        const auto written = json::sorted(*wide);
        must(!written || *written != text_of(input), "what our writers write, an ECU reads");
    }
    return 0;
}
