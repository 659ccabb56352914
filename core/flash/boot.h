// Which bank starts: a pure decision. ECU profile.
//
// Bring: the boot record as it was read from flash, and what is known so far about the two banks' digests. What comes
// back is the next thing to do: verify a bank and ask again, start a bank, or stay in the boot loader (which still can
// be programmed). The caller saves `record` first whenever `must_save()`: an attempt counts before control is handed
// over.
//
//   settled    runs the active bank. If its digest is bad it takes the other one, unless that one's release counter is
//              below the committed one.
//   checked    as settled; the other bank holds a checked image that nobody has activated.
//   armed      the other bank goes on trial at this start.
//   trial      the other bank runs until it is committed; after three starts without that, back to the active one.
//   returning  a person asked for the old bank.
//
// A fallback forgets the new image: it must be transferred again. The release counter never changes here; it rises at
// commit.
//
// With one bank (A) there is nothing to fall back to but the boot loader: it stays there without an image, while one is
// checked but not activated, and after a trial that nobody confirmed; until it is programmed again.
#pragma once

#include "core/base/bytes.h"
#include "core/flash/record.h"

#include <array>
#include <cstdint>
#include <optional>

namespace pitstop::flash {

enum class Bank : std::uint8_t { a = 0, b = 1 };
[[nodiscard]] constexpr Bank other(Bank bank) { return bank == Bank::a ? Bank::b : Bank::a; }
enum class Banks : std::uint8_t { one = 1, two = 2 };
[[nodiscard]] constexpr std::size_t index_of(Bank bank) { return static_cast<std::size_t>(bank); }

enum class Phase : std::uint8_t { settled = 0, checked = 1, armed = 2, trial = 3, returning = 4 };

// How the last change of software ended, for the operator.
enum class LastChange : std::uint8_t {
    none = 0,
    committed = 1,
    fell_back_bad_digest = 2,
    fell_back_attempts = 3,
    rolled_back_on_request = 4,
};

[[nodiscard]] std::string_view to_string(Bank bank);
[[nodiscard]] std::string_view to_string(Phase phase);
[[nodiscard]] std::string_view to_string(LastChange last_change);

inline constexpr std::uint8_t boot_attempts_max = 3;

struct BootRecord {
    std::uint32_t sequence = 0;         // of the last write; set by BootRecords
    std::uint32_t release_counter = 0;  // of the newest committed image
    Bank active = Bank::a;              // the committed bank; with one bank always A
    Phase phase = Phase::settled;
    std::uint8_t attempts = 0;  // starts of the image on trial
    LastChange last_change = LastChange::none;
    std::array<std::optional<ImageRecord>, 2> images{};

    [[nodiscard]] const std::optional<ImageRecord>& image(Bank bank) const { return images[index_of(bank)]; }
    friend bool operator==(const BootRecord&, const BootRecord&) = default;
};

enum class Verdict : std::uint8_t { unknown, good, bad };

struct Verdicts {
    std::array<Verdict, 2> of_bank{};
    [[nodiscard]] Verdict& operator[](Bank bank) { return of_bank[index_of(bank)]; }
    [[nodiscard]] Verdict operator[](Bank bank) const { return of_bank[index_of(bank)]; }
};

struct BootDecision {
    enum class Action : std::uint8_t { verify, start, stay_in_loader };
    Action action = Action::stay_in_loader;
    Bank bank = Bank::a;  // for verify and start
    BootRecord record;    // to be saved before a start or a stay

    [[nodiscard]] bool must_save(const BootRecord& read) const { return action != Action::verify && record != read; }
};

[[nodiscard]] BootDecision decide(const BootRecord& record, const Verdicts& verdicts, Banks banks = Banks::two);

}  // namespace pitstop::flash
