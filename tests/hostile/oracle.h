// What a car may believe, decided a second time and from the specifications alone: TUF 1.0.31 §5, Uptane 2.1.0
// #metadata_verification, DESIGN §6, docs/formats/batch.md. Plain code from top to bottom, no state machine, no
// core/uptane, no verification: whether a key has signed something the Keyring's ledger knows.
#pragma once

#include "tests/hostile/keyring.h"
#include "tests/hostile/served.h"

namespace pitstop::hostile {

// `known` by Side; what is accepted is added to it, also where the whole is refused later.
[[nodiscard]] Verdict judge(const Keyring& keys, std::array<Known, 2>& known, const Served& served, const Car& car);

}  // namespace pitstop::hostile
