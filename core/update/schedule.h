// Which ECUs of one bus may begin to be worked on, and which may use the bus now. Pure; asked again at each change.
//
// What an ECU does by itself (erase, verify, boot) goes on side by side; transfers share the bus. A few at once
// saturate it, for one programs while another one's block is on the wire, and slowest first keeps the end short. An ECU
// that does not answer lends its place to the next until it does: it costs nobody else anything.
#pragma once

#include "core/base/ids.h"

#include <span>
#include <vector>

namespace pitstop::update {

enum class Standing : std::uint8_t {
    waiting,      // not begun
    on_its_own,   // begun; nothing of size is on the bus
    wants_bus,    // ready to transfer
    transfers,    //
    unanswering,  // transfers, but has not answered for long
};

struct BusUser {
    EcuId ecu;
    Standing standing = Standing::waiting;
    std::uint64_t left_bytes = 0;  // to be transferred

    bool operator==(const BusUser&) const = default;
};

struct BusLimits {
    std::size_t begun_max = 32;     // each is kept awake by a request every two seconds
    std::size_t transfers_max = 3;  // an ECU that programs as long as its block travels leaves half the bus to others
};

struct Grants {
    std::vector<EcuId> begin;
    std::vector<EcuId> transfer;
    bool operator==(const Grants&) const = default;
};

[[nodiscard]] Grants schedule(std::span<const BusUser> users, const BusLimits& limits);

}  // namespace pitstop::update
