// Carries out one plan of flash::Programmer on one ECU: the shell that sends, reads the image and waits.
//
// Bring the plan, the image's record and where its bytes lie. A plan may be carried out again at any time: the
// Programmer finds out what is already done. Faults: those of programmer.h, of the link, gateway.work-stopped,
// files.unreadable.
#pragma once

#include "apps/gateway/car.h"
#include "core/flash/programmer.h"
#include "core/uptane/match.h"

#include <filesystem>
#include <functional>

namespace pitstop::gateway {

[[nodiscard]] flash::ImageRecord record_of(const uptane::TrustedTarget& target);

struct FlashOrder {
    flash::Plan plan;
    EcuId ecu;
    flash::ImageRecord image;
    std::filesystem::path file;                    // where the payload lies; read by Plan::stage only
    std::function<bool()> given_up;                // asked between requests
    std::function<void(std::uint8_t)> on_percent;  // of the transfer
    Bytes metadata = {};                // that the ECU judges first; read by Plan::trust and Plan::stage only
    flash::Payload payload = {};        // in which form the image travels, and how large that is
    std::uint32_t payload_at_byte = 0;  // of the file: behind a record's header, or at its beginning
};

[[nodiscard]] io::Task<void> carry_out(io::Loop& loop, Car& car, FlashOrder order);

}  // namespace pitstop::gateway
