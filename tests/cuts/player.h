// One ECU and its tester over many lives; what must hold in each of them.
#pragma once

#include "tests/cuts/scenario.h"

namespace pitstop::cuts {

// What the tester knows, whose power is another.
struct TesterMemory {
    bool activated = false;  // it has asked for the new image
    bool committed = false;  // the ECU has said so
    bool sends_whole = false;
    int rollbacks_left = 0;
};

struct Life {
    enum class End : std::uint8_t { updated, cut, wrong };
    End end = End::wrong;
    std::string why{};  // wrong
};

// From power-on until the new image is committed, the power fails, or something does not hold: a bank boots (or, with
// one bank, the golden loader is whole); what runs is exactly the old image, or exactly the new one and asked for; once
// committed never the old one again; the release counter never falls and rises only with the commit.
[[nodiscard]] Life live(flash::RamFlash& flash, Scenario& scenario, TesterMemory& memory);

[[nodiscard]] TesterMemory fresh_memory(const Scenario& scenario);

}  // namespace pitstop::cuts
