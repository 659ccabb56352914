// How work reaches the zone: routines F020 to F023, and payloads and bundles by 34 36 37 into its store
// (docs/formats/zone-work.md).
//
// Bring the store and who carries out the work; they outlive it. The zone's uds::Application hands calls on where
// serves(), is_receiving() or is_checking() say so.
#pragma once

#include "apps/zone/zone_flasher.h"
#include "core/uds/application.h"

#include <expected>

namespace pitstop::zone {

class ZoneWorkIntake {
public:
    ZoneWorkIntake(Store& store, ZoneFlasher& flasher) : store_(store), flasher_(flasher) {}

    [[nodiscard]] static bool serves(std::uint16_t rid);
    [[nodiscard]] static bool serves(const uds::Download& download) { return download.address >> 32 != 0; }
    [[nodiscard]] bool is_receiving() const { return state_ == State::receiving; }
    [[nodiscard]] bool is_checking() const { return state_ == State::checking; }
    [[nodiscard]] bool is_under_way() const { return flasher_.is_working(); }

    uds::Outcome start_routine(std::uint16_t rid, View option, uds::Reply& out);
    std::expected<std::uint32_t, uds::Nrc> request_download(const uds::Download& download);
    uds::Outcome transfer_data(View data);
    uds::Outcome transfer_exit(View parameters);
    uds::Outcome continue_pending();
    void session_changed(uds::Session session);

private:
    enum class State : std::uint8_t { idle, offered, receiving, checking };

    uds::Outcome offer(View option, uds::Reply& out);
    uds::Outcome start(View option, uds::Reply& out);
    uds::Outcome stop(View option, uds::Reply& out);
    uds::Outcome refuse(const Error& error, uds::Reply& out) const;

    Store& store_;
    ZoneFlasher& flasher_;
    uds::Session session_ = uds::Session::default_;
    State state_ = State::idle;
    flash::StoredBytes bytes_;  // offered last
    flash::Offered place_;      // of what comes next
    std::optional<Whole> check_;
};

}  // namespace pitstop::zone
