#include "apps/zone/zone_work_intake.h"

#include "io/log/log.h"

namespace pitstop::zone {
namespace {

using uds::Nrc;
using uds::Outcome;

constexpr Nrc wrong_length = Nrc::incorrect_message_length_or_invalid_format;
constexpr std::uint32_t block_size_bytes_max = 64 * 1024 + 2;  // of a TransferData request over DoIP

}  // namespace

bool ZoneWorkIntake::serves(std::uint16_t rid) {
    return rid == uds::rid::start_zone_work || rid == uds::rid::zone_work_status || rid == uds::rid::stop_zone_work ||
           rid == uds::rid::offer_to_zone;
}

// What has come stays in the store.
void ZoneWorkIntake::session_changed(uds::Session session) {
    session_ = session;
    state_ = State::idle;
    check_.reset();
}

Outcome ZoneWorkIntake::refuse(const Error& error, uds::Reply& out) const {
    io::log::problem(error, "zone work");
    flash::put_trouble(out, error);
    return Nrc::positive_response;
}

Outcome ZoneWorkIntake::start_routine(std::uint16_t rid, View option, uds::Reply& out) {
    if (rid == uds::rid::zone_work_status) {
        if (!option.empty()) return wrong_length;
        flash::put_report(out, flasher_.report());
        return Nrc::positive_response;
    }
    if (session_ == uds::Session::default_) return Nrc::request_out_of_range;
    if (rid == uds::rid::start_zone_work) return start(option, out);
    return rid == uds::rid::stop_zone_work ? stop(option, out) : offer(option, out);
}

Outcome ZoneWorkIntake::offer(View option, uds::Reply& out) {
    const auto bytes = flash::parse_offer(option);
    if (!bytes) return option.size() == 36 ? Nrc::request_out_of_range : wrong_length;
    if (is_receiving()) return Nrc::conditions_not_correct;
    const auto stored = store_.make_room(*bytes, flasher_.in_use());
    if (!stored) return refuse(stored.error(), out);
    bytes_ = *bytes;
    place_ = {place_.handle % UINT32_MAX + 1, *stored};
    state_ = State::offered;
    flash::put_offered(out, place_);
    return Nrc::positive_response;
}

Outcome ZoneWorkIntake::start(View option, uds::Reply& out) {
    const auto order = flash::parse_order(option);
    if (!order) return option.size() == flash::ZoneOrder::size_on_wire_bytes ? Nrc::request_out_of_range : wrong_length;
    if (const auto started = flasher_.start(*order); !started) return refuse(started.error(), out);
    flash::put_done(out);
    return Nrc::positive_response;
}

Outcome ZoneWorkIntake::stop(View option, uds::Reply& out) {
    if (!option.empty() && option.size() != 2) return wrong_length;
    std::optional<EcuId> only;
    if (!option.empty()) {
        const auto ecu = EcuId::from_address(load_be<std::uint16_t>(option.data()));
        if (!ecu) return Nrc::request_out_of_range;
        only = *ecu;
    }
    flasher_.stop(only);
    flash::put_done(out);
    return Nrc::positive_response;
}

std::expected<std::uint32_t, Nrc> ZoneWorkIntake::request_download(const uds::Download& download) {
    const bool is_offered = state_ == State::offered && download.address == flash::zone_address(place_) &&
                            download.size_bytes == bytes_.size_bytes - place_.stored_bytes;
    if (!is_offered || !download.is_plain()) return std::unexpected(Nrc::request_out_of_range);
    state_ = State::receiving;
    return block_size_bytes_max;
}

Outcome ZoneWorkIntake::transfer_data(View data) {
    if (data.size() > bytes_.size_bytes - place_.stored_bytes) return Nrc::transfer_data_suspended;
    if (const auto stored = store_.append(bytes_, data); !stored) {
        io::log::problem(stored.error(), "zone store");
        return Nrc::general_programming_failure;
    }
    place_.stored_bytes += static_cast<std::uint32_t>(data.size());
    return Nrc::positive_response;
}

Outcome ZoneWorkIntake::transfer_exit(View parameters) {
    if (!parameters.empty()) return wrong_length;
    state_ = State::idle;
    auto check = Whole::open(store_.part_of(bytes_.sha256), bytes_.size_bytes);
    if (!check) return Nrc::conditions_not_correct;
    check_.emplace(*std::move(check));
    state_ = State::checking;
    return Outcome::pending();
}

Outcome ZoneWorkIntake::continue_pending() {
    const auto digest = check_->step();
    if (digest && !*digest) return Outcome::pending();
    state_ = State::idle;
    check_.reset();
    if (digest && **digest == bytes_.sha256 && store_.keep(bytes_)) return Nrc::positive_response;
    io::log::warning("zone store: {} is not what was announced, and dropped", to_hex(bytes_.sha256));
    store_.drop(bytes_);
    return Nrc::conditions_not_correct;
}

}  // namespace pitstop::zone
