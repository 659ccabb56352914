#include "apps/ecu/fault_memory.h"

#include "io/files/atomic_file.h"
#include "io/log/log.h"

namespace pitstop::ecu {
namespace {

bool fell_back(const flash::Slots& slots) {
    const auto last_change = slots.bank_state().last_change;
    return last_change == flash::LastChange::fell_back_bad_digest ||
           last_change == flash::LastChange::fell_back_attempts;
}

void log_failure(const Result<void>& result) {
    if (!result) io::log::problem(result.error(), "fault memory");
}

}  // namespace

void FaultMemory::power_on(const flash::Slots& slots, UtcTime now) {
    if (const flash::ImageRecord* image = slots.running_image()) software_ = image->version;
    const auto kept = io::files::read_if_there(file_, uds::DtcStore::kept_bytes_max);
    if (!kept)
        log_failure(fail(kept.error()));
    else if (*kept)
        log_failure(store_.load(**kept));
    log_failure(store_.begin_cycle());
    report(dtc::software_fell_back, fell_back(slots) ? uds::DtcTest::failed : uds::DtcTest::passed, now);
}

void FaultMemory::report(std::uint32_t code, uds::DtcTest result, UtcTime now) {
    log_failure(store_.report(code, result, {now, software_}));
}

Result<void> FaultMemory::keep(View memory) {
    return io::files::write_atomically(file_, memory, io::files::FileMode::private_);
}

}  // namespace pitstop::ecu
