#include "core/flash/boot.h"

namespace pitstop::flash {
namespace {

using Action = BootDecision::Action;

BootDecision settle(const BootRecord& record, const Verdicts& verdicts) {
    const Bank active = record.active;
    const Bank spare = other(active);
    if (record.image(active)) {
        if (verdicts[active] == Verdict::unknown) return {Action::verify, active, record};
        if (verdicts[active] == Verdict::good) return {Action::start, active, record};
    }
    // A checked image waits for the rest of its set: it is no substitute until somebody activates it.
    const auto& substitute = record.image(spare);
    const bool may_take_spare =
        record.phase == Phase::settled && substitute && substitute->release_counter >= record.release_counter;
    if (may_take_spare && verdicts[spare] == Verdict::unknown) return {Action::verify, spare, record};
    if (may_take_spare && verdicts[spare] == Verdict::good) {
        BootRecord after = record;
        after.active = spare;
        after.last_change = LastChange::fell_back_bad_digest;
        after.images[index_of(active)].reset();
        return {Action::start, spare, after};
    }
    return {Action::stay_in_loader, active, record};
}

// The only image there is, once it may run.
BootDecision settle_only(const BootRecord& record, const Verdicts& verdicts) {
    const bool may_run = record.phase == Phase::settled && record.image(Bank::a);
    if (may_run && verdicts[Bank::a] == Verdict::unknown) return {Action::verify, Bank::a, record};
    if (may_run && verdicts[Bank::a] == Verdict::good) return {Action::start, Bank::a, record};
    return {Action::stay_in_loader, Bank::a, record};
}

Bank bank_of_new_image(const BootRecord& record, Banks banks) {
    return banks == Banks::one ? Bank::a : other(record.active);
}

BootDecision fall_back(const BootRecord& record, const Verdicts& verdicts, LastChange last_change, Banks banks) {
    BootRecord after = record;
    after.phase = Phase::settled;
    after.attempts = 0;
    after.last_change = last_change;
    after.images[index_of(bank_of_new_image(record, banks))].reset();
    return banks == Banks::one ? settle_only(after, verdicts) : settle(after, verdicts);
}

BootDecision try_new(const BootRecord& record, const Verdicts& verdicts, Banks banks) {
    const Bank fresh = bank_of_new_image(record, banks);
    if (record.phase == Phase::trial && record.attempts >= boot_attempts_max)
        return fall_back(record, verdicts, LastChange::fell_back_attempts, banks);
    if (!record.image(fresh) || verdicts[fresh] == Verdict::bad)
        return fall_back(record, verdicts, LastChange::fell_back_bad_digest, banks);
    if (verdicts[fresh] == Verdict::unknown) return {Action::verify, fresh, record};
    BootRecord after = record;
    after.phase = Phase::trial;
    // An armed image was never started, whatever else the record says; on trial the count is below three here.
    after.attempts = record.phase == Phase::armed ? 1 : static_cast<std::uint8_t>(record.attempts + 1);
    return {Action::start, fresh, after};
}

}  // namespace

std::string_view to_string(Bank bank) { return bank == Bank::a ? "A" : "B"; }

std::string_view to_string(Phase phase) {
    switch (phase) {
        case Phase::settled: return "settled";
        case Phase::checked: return "checked";
        case Phase::armed: return "armed";
        case Phase::trial: return "on trial";
        case Phase::returning: return "returning";
    }
    return "unknown";
}

std::string_view to_string(LastChange last_change) {
    switch (last_change) {
        case LastChange::none: return "none";
        case LastChange::committed: return "committed";
        case LastChange::fell_back_bad_digest: return "fell back: the image in flash is damaged";
        case LastChange::fell_back_attempts: return "fell back: the new image was not confirmed in three starts";
        case LastChange::rolled_back_on_request: return "rolled back on request";
    }
    return "unknown";
}

BootDecision decide(const BootRecord& record, const Verdicts& verdicts, Banks banks) {
    switch (record.phase) {
        case Phase::settled:
        case Phase::checked: return banks == Banks::one ? settle_only(record, verdicts) : settle(record, verdicts);
        case Phase::armed:
        case Phase::trial: return try_new(record, verdicts, banks);
        case Phase::returning: return fall_back(record, verdicts, LastChange::rolled_back_on_request, banks);
    }
    return {Action::stay_in_loader, record.active, record};
}

}  // namespace pitstop::flash
