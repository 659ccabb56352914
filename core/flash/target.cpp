#include "core/flash/target.h"

#include "core/flash/faults.h"
#include "core/flash/routine_status.h"

#include <algorithm>

namespace pitstop::flash {
namespace {

using uds::Nrc;
using uds::Outcome;

constexpr std::uint8_t address_and_length_format = 0x44;  // four bytes each, ISO 14229-1 annex H.1
constexpr Nrc wrong_length = Nrc::incorrect_message_length_or_invalid_format;

Transfer transfer_in(View long_erase_option) {
    Transfer transfer{long_erase_option[Target::erase_option_size_bytes], {}};
    std::ranges::copy(long_erase_option.subspan(Target::erase_option_size_bytes + 1), transfer.name.begin());
    return transfer;
}

}  // namespace

void Target::session_changed(uds::Session session) {
    session_ = session;
    work_ = Work::none;
    image_.end();
}

bool Target::session_allows(std::uint16_t rid) const {
    if (rid == uds::rid::activate || rid == uds::rid::roll_back) return session_ != uds::Session::default_;
    return session_ == uds::Session::programming;
}

Outcome Target::start_routine(std::uint16_t rid, View option, uds::Reply& out) {
    work_ = Work::none;
    if (!session_allows(rid)) return Nrc::request_out_of_range;
    switch (rid) {
        case uds::rid::erase: return erase(option, out);
        case uds::rid::check_memory: return check_memory(option, out);
        case uds::rid::check_dependencies: return check_dependencies(option, out);
        case uds::rid::activate: return activate(option, out);
        case uds::rid::roll_back: return roll_back(option, out);
        default: return Nrc::request_out_of_range;
    }
}

// A routine that came out of order is the tester's mistake and a code of the standard; all else is the routine's
// result.
Outcome Target::conclude(std::string_view what, const Result<void>& result, uds::Reply& out) {
    work_ = Work::none;
    if (result) {
        observer_.did(what);
        out.put_u8(routine_succeeded);
        return Nrc::positive_response;
    }
    observer_.refused(what, result.error());
    if (result.error().is(faults::wrong_sequence)) return Nrc::request_sequence_error;
    out.put_u8(status_byte(result.error()));
    return Nrc::positive_response;
}

Outcome Target::erase(View option, uds::Reply& out) {
    const bool has_name = option.size() == long_erase_option_size_bytes;
    if (option.size() != erase_option_size_bytes && !has_name) return wrong_length;
    const bool from_the_start = option[0] == address_and_length_format && load_be<std::uint32_t>(&option[1]) == 0;
    if (!from_the_start) return Nrc::request_out_of_range;
    const auto size_bytes = load_be<std::uint32_t>(&option[5]);
    if (const auto allowed = approval_.allows_size(size_bytes); !allowed) {
        observer_.refused("erase", allowed.error());
        return Nrc::conditions_not_correct;
    }
    image_.end();
    Transfer transfer;
    if (has_name) transfer = transfer_in(option);
    if (auto begun = slots_.begin(size_bytes, has_name ? &transfer : nullptr); !begun)
        return conclude("erase", begun, out);
    work_ = Work::erasing;
    return Outcome::pending();
}

Outcome Target::go_on_erasing(uds::Reply& out) {
    const std::uint32_t before = slots_.writer().erased_bytes();
    const auto step = slots_.erase_step();
    if (!step) return conclude("erase", fail(step.error()), out);
    // The last sector's time must pass as well before the answer: one more round, which finds the bank ready.
    const std::uint32_t erased = slots_.writer().erased_bytes() - before;
    return Outcome::pending(times_.to_erase(erased));
}

Outcome Target::check_memory(View option, uds::Reply& out) {
    const auto record = parse_image_record(option);
    if (!record) return conclude("check memory", fail(record.error()), out);
    if (auto allowed = approval_.allows(*record); !allowed) return conclude("check memory", allowed, out);
    if (auto begun = slots_.begin_check(*record); !begun) return conclude("check memory", begun, out);
    work_ = Work::checking;
    return Outcome::pending();
}

Outcome Target::go_on_checking(uds::Reply& out) {
    const auto step = slots_.check_step();
    if (!step) return conclude("check memory", fail(step.error()), out);
    if (*step == Step::more) return Outcome::pending();
    return conclude("check memory", {}, out);
}

// One image per ECU: that it fits its hardware was checked with the memory. Versions of other ECUs are the campaign's
// matter.
Outcome Target::check_dependencies(View option, uds::Reply& out) {
    if (!option.empty()) return wrong_length;
    const Phase phase = slots_.bank_state().phase;
    if (phase == Phase::checked || phase == Phase::armed) return conclude("check dependencies", {}, out);
    return conclude("check dependencies", fail(faults::nothing_staged), out);
}

Outcome Target::activate(View option, uds::Reply& out) {
    if (option.size() != 1) return wrong_length;
    switch (option[0]) {
        case activate_at_reset: return conclude("activate at the next reset", slots_.activate(), out);
        case commit_running: return conclude("commit", slots_.commit(), out);
        default: return Nrc::request_out_of_range;
    }
}

Outcome Target::roll_back(View option, uds::Reply& out) {
    if (!option.empty()) return wrong_length;
    return conclude("roll back", slots_.roll_back(), out);
}

std::expected<std::uint32_t, Nrc> Target::request_download(const uds::Download& download) {
    work_ = Work::none;
    // The extended session has the service too, for metadata; an image's addresses are not there.
    if (session_ != uds::Session::programming) return std::unexpected(Nrc::request_out_of_range);
    return image_.request_download(download);
}

Outcome Target::continue_pending(uds::Reply& out) {
    switch (work_) {
        case Work::erasing: return slots_.writer().is_ready() ? conclude("erase", {}, out) : go_on_erasing(out);
        case Work::checking: return go_on_checking(out);
        case Work::none: break;
    }
    return image_.continue_pending();
}

}  // namespace pitstop::flash
