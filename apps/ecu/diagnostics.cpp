#include "apps/ecu/diagnostics.h"

#include "core/uds/dtc_reports.h"
#include "io/files/atomic_file.h"
#include "io/log/log.h"

#include <utility>

namespace pitstop::ecu {
namespace {

std::filesystem::path beside(std::filesystem::path flash, std::string_view extension) { return flash += extension; }

ImageReading image_reading(const Settings& settings) {
    return settings.opening.opens.hpke && !settings.access ? ImageReading::refused : ImageReading::allowed;
}

}  // namespace

Diagnostics::Diagnostics(const io::Loop& loop, const Settings& settings, flash::Slots& slots)
    : loop_(loop),
      slots_(slots),
      under_way_file_(beside(settings.flash.file, ".programming")),
      log_(beside(settings.flash.file, ".log")),
      faults_(beside(settings.flash.file, ".dtc")),
      adjustments_(beside(settings.flash.file, ".fingerprint"), faults_, loop),
      memory_(slots, log_, image_reading(settings), settings.block_size_bytes_max) {
    note("power on");
    faults_.power_on(slots, loop.utc_now());
    if (std::filesystem::exists(under_way_file_)) programming_ = Programming::under_way;
    conclude_programming();
}

uds::Nrc Diagnostics::read_data(std::uint16_t did, uds::Reply& out) const {
    const flash::ImageRecord* image = slots_.running_image();
    switch (did) {
        case uds::did::time: put_time(loop_.utc_now(), out); break;
        case uds::did::software_numbers: put_software(image != nullptr ? image->version : Version{}, out); break;
        default: return adjustments_.read_data(did, out);
    }
    return uds::Nrc::positive_response;
}

void Diagnostics::session_changed(uds::Session session) {
    adjustments_.session_changed(session);
    if (session == uds::Session::default_) conclude_programming();
}

// A reset ends what service 85 asked for.
void Diagnostics::resetting() {
    faults_.store().set_updating(uds::DtcSetting::on);
    conclude_programming();
    note("reset");
}

void Diagnostics::programming_begins() {
    programming_ = Programming::under_way;
    const auto kept = io::files::write_atomically(under_way_file_, {}, io::files::FileMode::private_);
    if (!kept) io::log::problem(kept.error(), "programming under way");
}

void Diagnostics::programming_ends() {
    programming_ = Programming::finished;
    forget_programming();
}

void Diagnostics::forget_programming() const {
    std::error_code none;
    std::filesystem::remove(under_way_file_, none);
}

void Diagnostics::conclude_programming() {
    const auto was = std::exchange(programming_, Programming::none);
    if (was == Programming::none) return;
    if (was == Programming::under_way) note("programming was left before its end");
    faults_.report(dtc::programming_aborted, was == Programming::finished ? uds::DtcTest::passed : uds::DtcTest::failed,
                   loop_.utc_now());
    forget_programming();
}

}  // namespace pitstop::ecu
