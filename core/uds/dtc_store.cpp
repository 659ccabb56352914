#include "core/uds/dtc_store.h"

#include "core/uds/faults.h"

#include <algorithm>
#include <array>

namespace pitstop::uds {

namespace {

using namespace dtc_status;

constexpr std::array<std::uint8_t, DtcStore::header_bytes> header = {'D', 'T', 'C', 1};

void set(std::uint8_t& status, std::uint8_t bits) { status = static_cast<std::uint8_t>(status | bits); }
void reset(std::uint8_t& status, std::uint8_t bits) { status = static_cast<std::uint8_t>(status & ~bits); }
bool has(std::uint8_t status, std::uint8_t bits) { return (status & bits) != 0; }

void count_up(std::uint8_t& counter) {
    if (counter < UINT8_MAX) ++counter;
}

bool has_history(const DtcEntry& entry) { return has(entry.status, failed_since_clear | pending | confirmed); }
bool was_tested(const DtcEntry& entry) { return !has(entry.status, not_completed_since_clear); }

void fail_test(const DtcDefinition& definition, DtcEntry& entry, const DtcSnapshot& now) {
    if (!has(entry.status, test_failed)) count_up(entry.failures);
    if (!has(entry.status, test_failed_this_cycle)) count_up(entry.failed_cycles);
    set(entry.status, test_failed | test_failed_this_cycle | pending | failed_since_clear);
    reset(entry.status, not_completed_since_clear | not_completed_this_cycle);
    if (entry.failed_cycles >= definition.cycles_to_confirm) set(entry.status, confirmed);
    entry.aging_cycles = 0;
    if (!entry.has_snapshot) entry.snapshot = now;
    entry.has_snapshot = true;
}

void pass_test(DtcEntry& entry) {
    reset(entry.status, test_failed | not_completed_since_clear | not_completed_this_cycle);
}

// What the last cycle proved is drawn up now: its end cannot be waited for, power may go at any time.
void end_cycle(const DtcDefinition& definition, DtcEntry& entry) {
    const bool passed_all = !has(entry.status, test_failed_this_cycle | not_completed_this_cycle);
    if (passed_all) {
        reset(entry.status, pending);
        entry.failed_cycles = 0;
        if (has(entry.status, confirmed)) count_up(entry.aging_cycles);
        if (entry.aging_cycles >= definition.cycles_to_forget) {
            reset(entry.status, confirmed);
            entry.aging_cycles = 0;
            entry.has_snapshot = false;
        }
    }
    reset(entry.status, test_failed_this_cycle);
    set(entry.status, not_completed_this_cycle);
}

// Whether a power cut now would lose nothing. Of a test that never failed it does not matter whether it ran in this
// cycle: it wears no flash.
bool keeps_the_same(const DtcEntry& a, const DtcEntry& b) {
    if (!has_history(a) && !has_history(b)) return was_tested(a) == was_tested(b);
    return a.status == b.status && a.failures == b.failures && a.failed_cycles == b.failed_cycles &&
           a.aging_cycles == b.aging_cycles && a.has_snapshot == b.has_snapshot;
}

void write_record(std::uint8_t* at, std::uint32_t code, const DtcEntry& entry) {
    store_be(at, static_cast<std::uint16_t>(code >> 8));
    at[2] = static_cast<std::uint8_t>(code);
    at[3] = entry.status;
    at[4] = entry.failures;
    at[5] = entry.failed_cycles;
    at[6] = entry.aging_cycles;
    at[7] = entry.has_snapshot ? 1 : 0;
    const Version& software = entry.snapshot.software;
    store_be(at + 8, static_cast<std::uint64_t>(entry.snapshot.time.seconds));
    store_be(at + 16, software.major);
    store_be(at + 18, software.minor);
    store_be(at + 20, software.patch);
    store_be(at + 22, software.build);
}

DtcEntry read_record(const std::uint8_t* at) {
    DtcEntry entry;
    entry.status = at[3] & available;
    entry.failures = at[4];
    entry.failed_cycles = at[5];
    entry.aging_cycles = at[6];
    entry.has_snapshot = at[7] != 0;
    entry.snapshot.time.seconds = static_cast<std::int64_t>(load_be<std::uint64_t>(at + 8));
    entry.snapshot.software = {load_be<std::uint16_t>(at + 16), load_be<std::uint16_t>(at + 18),
                               load_be<std::uint16_t>(at + 20), load_be<std::uint16_t>(at + 22)};
    return entry;
}

std::uint32_t code_of(const std::uint8_t* at) { return std::uint32_t{load_be<std::uint16_t>(at)} << 8 | at[2]; }

}  // namespace

Result<void> DtcStore::load(View kept) {
    std::ranges::fill(entries_, DtcEntry{});
    const bool is_ours = kept.size() >= header_bytes && std::ranges::equal(kept.first(header_bytes), header);
    if (!is_ours || (kept.size() - header_bytes) % record_bytes != 0) return fail(faults::broken_dtc_memory);
    for (std::size_t at = header_bytes; at < kept.size(); at += record_bytes)
        for (std::size_t i = 0; i < size(); ++i)
            if (code(i) == code_of(&kept[at])) entries_[i] = read_record(&kept[at]);
    return {};
}

Result<void> DtcStore::begin_cycle() {
    bool changed = false;
    for (std::size_t i = 0; i < size(); ++i) {
        const DtcEntry before = entries_[i];
        end_cycle(definitions_[i], entries_[i]);
        changed = changed || !keeps_the_same(before, entries_[i]);
    }
    return changed ? keep() : Result<void>{};
}

Result<void> DtcStore::report(std::uint32_t code, DtcTest result, const DtcSnapshot& now) {
    const auto at = std::ranges::find(definitions_, code, &DtcDefinition::code);
    if (at == definitions_.end() || setting_ == DtcSetting::off) return {};
    DtcEntry& entry = entries_[static_cast<std::size_t>(at - definitions_.begin())];
    const DtcEntry before = entry;
    result == DtcTest::failed ? fail_test(*at, entry, now) : pass_test(entry);
    return keeps_the_same(before, entry) ? Result<void>{} : keep();
}

Nrc DtcStore::clear(std::uint32_t group) {
    if (group != all_dtcs && find(group) == nullptr) return Nrc::request_out_of_range;
    for (std::size_t i = 0; i < size(); ++i)
        if (group == all_dtcs || code(i) == group) entries_[i] = DtcEntry{};
    return keep() ? Nrc::positive_response : Nrc::general_programming_failure;
}

const DtcEntry* DtcStore::find(std::uint32_t code) const {
    const auto at = std::ranges::find(definitions_, code, &DtcDefinition::code);
    return at == definitions_.end() ? nullptr : &entries_[static_cast<std::size_t>(at - definitions_.begin())];
}

std::size_t DtcStore::count(std::uint8_t status_mask) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(entries_, [&](const DtcEntry& entry) { return has(entry.status, status_mask); }));
}

Result<void> DtcStore::keep() {
    std::array<std::uint8_t, kept_bytes_max> memory;
    std::ranges::copy(header, memory.begin());
    std::size_t end = header_bytes;
    for (std::size_t i = 0; i < size() && end < memory.size(); ++i) {
        if (!has_history(entries_[i]) && !was_tested(entries_[i])) continue;
        write_record(&memory[end], code(i), entries_[i]);
        end += record_bytes;
    }
    return keeper_.keep(View(memory).first(end));
}

}  // namespace pitstop::uds
