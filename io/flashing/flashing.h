// Carries out one plan of flash::Programmer on one ECU over a Link: sends, reads the image, waits. Gateway and zone use
// the same.
//
// Bring the way to the ECU and an order. The same order may be carried out again at any time: the Programmer finds out
// what is already done. Whoever gives an order up gets the ECU back with its communication and DTC setting restored.
// Faults: those of programmer.h, of the link, of the image's reader; flashing.stopped.
#pragma once

#include "core/base/ids.h"
#include "core/flash/programmer.h"
#include "io/ethernet/doip_client.h"
#include "io/flashing/visitor.h"

#include <filesystem>
#include <functional>
#include <optional>

namespace pitstop::io::flashing {

struct Way {
    ethernet::Link& link;
    std::uint16_t target_address;
    std::uint32_t block_size_bytes_max;  // of a TransferData request on this way
    Visitor* visitor = nullptr;          // null: nothing is shown to ECUs that ask who it is
    bool is_bus = false;                 // slow: what can be packed travels packed
};

// Reads the payload's bytes from `offset` on into all of the room.
using ReadImage = std::function<Result<void>(std::uint32_t offset, Room into)>;

// The payload lies in a file from `first_byte` on; it is opened when it is first read. files.unreadable
[[nodiscard]] ReadImage image_in(std::filesystem::path file, std::uint32_t first_byte = 0);

struct Order {
    flash::Plan plan;
    EcuId ecu;  // for the log
    flash::ImageRecord image;
    ReadImage read_image = {};            // read by Plan::stage only
    flash::Payload payload = {};          // in which form the image travels, and how large that is
    Bytes metadata = {};                  // that the ECU judges first; read by Plan::trust and Plan::stage only
    std::function<bool()> given_up = {};  // asked between requests
    std::function<void(const flash::Progress&)> on_progress = {};  // each new step, and each percent of a transfer
    // Before the first block: true when this ECU may use its bus now, false when that is not said for some time; the
    // session is kept awake, and it is asked again.
    std::function<boost::asio::awaitable<bool>()> may_transfer = {};
};

// How long `may_transfer` may take: well below the ECU's S3 of 5 s (ISO 14229-2 §7), which runs while nothing is asked.
inline constexpr std::chrono::milliseconds tester_present_after{2000};

[[nodiscard]] Task<void> carry_out(Loop& loop, Way way, Order order);

// Of the transfer; nothing in other steps.
[[nodiscard]] std::optional<std::uint8_t> percent_of(const flash::Progress& progress);

}  // namespace pitstop::io::flashing
