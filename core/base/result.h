// Errors are values that say what to do.
//
// A function that can fail returns Result<T>. Its error names a Fault, which stands once in the faults.h of the room
// that found it, and carries a sentence about this one occurrence. Callers branch on the remedy only; the code travels
// unchanged into log, report and operator's screen (docs/faults.md).
//
//     Result<Header> read_header(View bytes) {
//         if (bytes.size() < header_size_bytes) return fail(faults::truncated, "a record needs 64 bytes");
//         TRY(auto version, Version::parse(...));
//         ...
//     }
//
// "Not there" is a value (std::optional inside the Result), never an error: it must not be confused with "could not
// ask".
#pragma once

#include "core/base/text.h"

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace pitstop {

// What the caller does about it, and all that callers branch on.
enum class Remedy : std::uint8_t {
    retry,     // the same again, later; nothing is wrong with the data
    refuse,    // say no to whoever asked; they must change the request
    distrust,  // the data lies: drop it, report it, keep what was trusted before
    wait,      // a condition of the world is not met yet (parked, charged, connected)
    stop,      // this process cannot go on; a person must look
};

[[nodiscard]] constexpr std::string_view to_string(Remedy remedy) {
    switch (remedy) {
        case Remedy::retry: return "retry";
        case Remedy::refuse: return "refuse";
        case Remedy::distrust: return "distrust";
        case Remedy::wait: return "wait";
        case Remedy::stop: return "stop";
    }
    return "stop";
}

// One row of a room's faults.h. All texts are literals.
struct Fault {
    std::string_view code;  // "room.what-happened": stable, travels everywhere
    Remedy remedy;
    std::string_view meaning;  // one sentence for an operator
    std::string_view advice;   // what a person can do about it
};

class Error {
public:
    static constexpr std::size_t detail_size_max = 240;  // holds a path and a sentence; longer ones are cut

    explicit constexpr Error(const Fault& fault, std::string_view detail = {}) : fault_(&fault), detail_(detail) {}

    [[nodiscard]] constexpr const Fault& fault() const { return *fault_; }
    [[nodiscard]] constexpr std::string_view code() const { return fault_->code; }
    [[nodiscard]] constexpr Remedy remedy() const { return fault_->remedy; }
    [[nodiscard]] constexpr std::string_view detail() const { return detail_.view(); }

    [[nodiscard]] constexpr bool is(const Fault& fault) const { return fault_ == &fault || fault_->code == fault.code; }

    // About this occurrence, or, where nobody said more, what the fault means.
    [[nodiscard]] constexpr std::string_view sentence() const { return detail_.empty() ? fault_->meaning : detail(); }

    // "uptane.rolled-back: timestamp is version 3, trusted is 5"
    [[nodiscard]] std::string str() const {
        std::string text(code());
        text += ": ";
        text += sentence();
        return text;
    }

private:
    const Fault* fault_;
    Text<detail_size_max> detail_;
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] constexpr std::unexpected<Error> fail(const Fault& fault, std::string_view detail = {}) {
    return std::unexpected<Error>(std::in_place, fault, detail);
}

[[nodiscard]] inline std::unexpected<Error> fail(Error error) { return std::unexpected<Error>(std::move(error)); }

}  // namespace pitstop

#define PITSTOP_JOIN_(a, b) a##b
#define PITSTOP_JOIN(a, b) PITSTOP_JOIN_(a, b)

// TRY(auto x, f()): x is f's value, or this function returns f's error. ENSURE(f()) for Result<void>.
// CO_TRY and CO_ENSURE are the same inside coroutines.
#define PITSTOP_TRY_(give_back, temp, declaration, ...)                              \
    auto temp = (__VA_ARGS__);                                                       \
    if (!temp) give_back std::unexpected<::pitstop::Error>(std::move(temp).error()); \
    declaration = *std::move(temp)
#define PITSTOP_ENSURE_(give_back, ...)                                                      \
    do {                                                                                     \
        if (auto pitstop_ensured = (__VA_ARGS__); !pitstop_ensured)                          \
            give_back std::unexpected<::pitstop::Error>(std::move(pitstop_ensured).error()); \
    } while (false)

#define TRY(declaration, ...) PITSTOP_TRY_(return, PITSTOP_JOIN(pitstop_try_, __COUNTER__), declaration, __VA_ARGS__)
#define CO_TRY(declaration, ...) \
    PITSTOP_TRY_(co_return, PITSTOP_JOIN(pitstop_try_, __COUNTER__), declaration, __VA_ARGS__)
#define ENSURE(...) PITSTOP_ENSURE_(return, __VA_ARGS__)
#define CO_ENSURE(...) PITSTOP_ENSURE_(co_return, __VA_ARGS__)
