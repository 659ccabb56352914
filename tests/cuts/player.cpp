#include "tests/cuts/player.h"

#include "core/flash/protected_flash.h"

#include <algorithm>
#include <format>

namespace pitstop::cuts {
namespace {

using flash::Bank;
using flash::Phase;
using End = Life::End;

// Fallbacks, a rollback and an in-place delta that was refused each cost one; nothing else may.
constexpr int turns_max = 6;

class Player {
public:
    Player(flash::RamFlash& flash, Scenario& scenario, TesterMemory& memory)
        : flash_(flash),
          scenario_(scenario),
          memory_(memory),
          guarded_(flash, scenario.parts->layout),
          ecu_(guarded_, *scenario.parts),
          tester_(ecu_) {}

    Life play() {
        if (!boot()) return end();
        for (int turn = 0; turn < turns_max; ++turn) {
            const flash::BankState state = ecu_.slots().bank_state();
            if (state.phase == Phase::settled && runs_new()) return {End::updated};
            if (!(state.phase == Phase::trial ? judge_trial() : bring())) return end();
        }
        why_ = "the update goes in circles";
        return end();
    }

private:
    Life end() { return flash_.has_power() ? Life{End::wrong, why_} : Life{End::cut}; }
    bool wrong(std::string why) {
        why_ = std::move(why);
        return false;
    }
    bool said(const flash::test::Said& said) {
        if (said) return true;
        return wrong(
            std::format("{} was refused with {:#04x} ({})", said.error().step, said.error().code, ecu_.last_refusal()));
    }

    [[nodiscard]] const flash::Layout& layout() const { return scenario_.parts->layout; }
    [[nodiscard]] bool holds(Bank bank, View image) {
        return std::ranges::equal(flash_.cells().subspan(layout().bank(bank).offset, image.size()), image);
    }
    [[nodiscard]] bool runs(View image) {
        const auto* record = ecu_.slots().running_image();
        return record != nullptr && record->size_bytes == image.size() &&
               holds(*ecu_.slots().bank_state().running, image);
    }
    [[nodiscard]] bool runs_new() { return runs(scenario_.new_image); }

    bool boot() {
        if (const auto booted = ecu_.slots().boot(); !booted) return wrong(booted.error().str());
        const flash::BankState state = ecu_.slots().bank_state();
        if (layout().has_one_bank()) {
            const Room loader = flash_.cells().first(flash_.geometry().sector(0).size_bytes);
            if (!std::ranges::all_of(loader, [](auto cell) { return cell == 0x5A; }))
                return wrong("the golden loader was changed");
        } else if (!state.running) {
            return wrong("nothing boots");
        }
        const bool new_runs = runs_new();
        if (state.running && !new_runs && !runs(scenario_.old_image)) return wrong("a wrong image runs");
        if (new_runs && !memory_.activated) return wrong("the new image runs, which nobody asked for");
        if (memory_.committed && !new_runs) return wrong("the committed image does not run");
        const bool counter_is_right = state.release_counter == 1 || (state.release_counter == 2 && memory_.activated);
        if (!counter_is_right || (memory_.committed && state.release_counter != 2)) return wrong("the release counter");
        return true;
    }

    bool judge_trial() {
        if (memory_.rollbacks_left > 0) {
            if (!said(tester_.roll_back()) || !boot()) return false;
            if (runs_new()) return wrong("it was rolled back and runs all the same");
            --memory_.rollbacks_left;
            return true;
        }
        if (!said(tester_.commit())) return false;
        memory_.committed = true;
        return true;
    }

    bool bring() {
        const flash::test::Delivery& what = memory_.sends_whole ? *scenario_.whole : *scenario_.delivery;
        const auto staged = tester_.stage(what, scenario_.erase);
        // After an image on trial was given up, the only bank holds nothing that a delta could be of.
        if (!staged && flash_.has_power() && layout().has_one_bank() && !memory_.sends_whole) {
            memory_.sends_whole = true;
            return memory_.activated || said(staged);
        }
        if (!said(staged)) return false;
        memory_.activated = true;
        return said(tester_.activate()) && boot();
    }

    flash::RamFlash& flash_;
    Scenario& scenario_;
    TesterMemory& memory_;
    flash::ProtectedFlash guarded_;
    flash::test::BareEcu ecu_;
    flash::test::BareTester tester_;
    std::string why_;
};

}  // namespace

Life live(flash::RamFlash& flash, Scenario& scenario, TesterMemory& memory) {
    return Player(flash, scenario, memory).play();
}

TesterMemory fresh_memory(const Scenario& scenario) {
    const bool rolls_back = scenario.kind == Kind::rollback || scenario.kind == Kind::one_bank_rollback;
    return {.rollbacks_left = rolls_back ? 1 : 0};
}

}  // namespace pitstop::cuts
