// One ECU between its flash and its link: powers on, boots, answers diagnostics, really restarts when a tester resets
// it.
//
// Bring a loop, settings and a flash that outlive it. A restart loses everything that is not in the flash and takes the
// configured boot time, in which nobody answers. Use from the loop's thread.
#pragma once

#include "apps/ecu/settings.h"
#include "core/crypto/digest.h"
#include "core/flash/device.h"
#include "core/flash/protected_flash.h"
#include "core/uds/services.h"
#include "io/ethernet/diagnostic_target.h"
#include "io/runtime/loop.h"

#include <functional>
#include <memory>

namespace pitstop::ecu {

class Ecu {
public:
    Ecu(io::Loop& loop, const Settings& settings, flash::FlashDevice& flash, const flash::Layout& layout);
    ~Ecu();
    Ecu(const Ecu&) = delete;
    Ecu& operator=(const Ecu&) = delete;

    // Boots, after the factory's work where the flash is new. files.*, flash.*
    [[nodiscard]] Result<void> power_on();

    // Dropped while the ECU restarts.
    void on_request(View request, uds::Addressing addressing, const std::shared_ptr<io::ethernet::ReplySink>& sink);
    // A long request begins to come; it will come, or is lost.
    void on_request_begins();
    void on_request_lost();
    void on_closed(const io::ethernet::ReplySink& sink);
    [[nodiscard]] bool answers() const { return life_ != nullptr; }

    // Called when a restart begins, and when the ECU is back: the link goes down and comes up with it.
    void when_restarting(std::function<void()> begins, std::function<void()> ends) {
        when_restarting_ = std::move(begins);
        when_restarted_ = std::move(ends);
    }

    [[nodiscard]] const Settings& settings() const { return settings_; }

private:
    struct Life;  // what is gone after a reset

    [[nodiscard]] io::Task<void> restart();
    void restart_if_asked();

    io::Loop& loop_;
    const Settings& settings_;
    flash::ProtectedFlash flash_;  // with one bank: its golden boot loader
    flash::Layout layout_;
    crypto::Sha256 hasher_;
    std::function<void()> when_restarting_, when_restarted_;
    std::unique_ptr<Life> life_;
};

}  // namespace pitstop::ecu
