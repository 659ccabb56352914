// What a harness promises beyond "no crash", and how it reads decisions out of its input.
//
// A harness is one file fuzz/<name>.cpp with LLVMFuzzerTestOneInput; its seeds stand in fuzz/corpus/<name>. A promise
// that is not kept ends the process, and the driver (or libFuzzer) writes the input down.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace pitstop::fuzz {

inline void must(bool holds, std::string_view promise) {
    if (holds) return;
    std::fprintf(stderr, "fuzz: not kept: %.*s\n", static_cast<int>(promise.size()), promise.data());
    std::abort();
}

// The value of something that has to succeed.
template <class T>
T must_have(Result<T> result, std::string_view promise) {
    if (!result) std::fprintf(stderr, "fuzz: %s\n", result.error().str().c_str());
    must(result.has_value(), promise);
    return *std::move(result);
}
inline void must_have(const Result<void>& result, std::string_view promise) {
    if (!result) std::fprintf(stderr, "fuzz: %s\n", result.error().str().c_str());
    must(result.has_value(), promise);
}

// A parser has no memory: the same bytes are accepted again, or refused with the same words.
template <class T>
void must_repeat(const Result<T>& once, const Result<T>& again) {
    must(once.has_value() == again.has_value(), "the same input gets the same verdict again");
    if (!once) must(once.error().str() == again.error().str(), "the same input gets the same error again");
}

// Inputs that are a sequence of decisions. Behind its end there are only zeros and empty views.
class Script {
public:
    explicit Script(View input) : left_(input) {}

    [[nodiscard]] bool ended() const { return left_.empty(); }
    [[nodiscard]] View take(std::size_t size) {
        const View taken = left_.first(std::min(size, left_.size()));
        left_ = left_.subspan(taken.size());
        return taken;
    }
    [[nodiscard]] std::uint8_t u8() {
        const View byte = take(1);
        return byte.empty() ? std::uint8_t{0} : byte[0];
    }
    [[nodiscard]] View sized() { return take(u8()); }  // a byte says how many follow
    [[nodiscard]] View rest() { return take(left_.size()); }

private:
    View left_;
};

// Inputs that are a text after one line that says how to read it ("root", a topic, "GET /x").
struct Titled {
    std::string_view title;
    View text;
};
[[nodiscard]] inline Titled titled(View input) {
    const std::string_view whole = text_of(input);
    const std::size_t end = whole.find('\n');
    if (end == std::string_view::npos) return {whole, {}};
    return {whole.substr(0, end), input.subspan(end + 1)};
}

}  // namespace pitstop::fuzz
