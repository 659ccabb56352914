// What a gateway orders from a zone that flashes its own ECUs, and what the zone says about it: the bytes of
// docs/formats/zone-work.md, for both sides.
//
// Faults: flash.strange-answer for a report or answer that is none; flash.bad-record for an order.
#pragma once

#include "core/base/ids.h"
#include "core/flash/programmer.h"
#include "core/flash/record.h"
#include "core/uds/application.h"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace pitstop::flash {

// ---- the store

struct StoredBytes {
    Sha256Digest sha256{};
    std::uint32_t size_bytes = 0;
    friend bool operator==(const StoredBytes&, const StoredBytes&) = default;
};
struct Offered {
    std::uint32_t handle = 0;
    std::uint32_t stored_bytes = 0;
};
[[nodiscard]] Bytes ask_offer(const StoredBytes& bytes);
[[nodiscard]] std::optional<StoredBytes> parse_offer(View option);
[[nodiscard]] Bytes ask_download_to_zone(const Offered& at, std::uint32_t size_bytes);
[[nodiscard]] constexpr std::uint64_t zone_address(const Offered& at) {
    return std::uint64_t{at.handle} << 32 | at.stored_bytes;
}

// ---- work

struct ZoneOrder {
    static constexpr std::size_t size_on_wire_bytes = 192;

    Plan plan;
    EcuId ecu;
    ImageRecord image;
    Form form = {};
    StoredBytes payload = {};
    StoredBytes metadata = {};  // size 0: none

    [[nodiscard]] std::uint64_t id() const;  // the same for any metadata
    friend bool operator==(const ZoneOrder&, const ZoneOrder&) = default;
};
[[nodiscard]] Bytes ask_work(const ZoneOrder& order);
[[nodiscard]] Result<ZoneOrder> parse_order(View option);

[[nodiscard]] Bytes ask_report();
[[nodiscard]] Bytes ask_stop(EcuId ecu);

// A fault as it travels: the code reaches the operator unchanged.
struct Trouble {
    Remedy remedy = Remedy::refuse;
    std::string code = {};
    std::string sentence = {};
    [[nodiscard]] static Trouble of(const Error& error);
    friend bool operator==(const Trouble&, const Trouble&) = default;
};

enum class WorkState : std::uint8_t { waiting = 0, running = 1, done = 2, failed = 3 };

struct WorkReport {
    EcuId ecu;
    Plan plan;
    std::uint64_t order_id = 0;
    WorkState state = WorkState::waiting;
    std::uint8_t percent = 0;
    std::string step = {};
    std::optional<Trouble> trouble = {};
    friend bool operator==(const WorkReport&, const WorkReport&) = default;
};

// What a zone answers behind the routine's identifier.
inline constexpr std::size_t report_size_bytes_max = 255 * (15 + 3 * 256);
void put_done(uds::Reply& out);
void put_trouble(uds::Reply& out, const Error& error);
void put_offered(uds::Reply& out, const Offered& offered);
void put_report(uds::Reply& out, const std::vector<WorkReport>& report);

// Gives the faults that a zone tells of a place: an Error refers to its Fault. Outlives the errors.
class ToldFaults {
public:
    static constexpr std::size_t count_max = 256;  // an honest zone knows fewer; beyond it flash.strange-answer

    [[nodiscard]] Error error_of(const Trouble& trouble);

private:
    struct Told {
        std::string code;
        Remedy remedy;
        Fault fault;
    };
    std::deque<Told> told_;
};

// Of the whole positive answer; what the zone found wrong comes as its own fault.
[[nodiscard]] Result<void> parse_done(View answer, ToldFaults& faults);
[[nodiscard]] Result<Offered> parse_offered(View answer, ToldFaults& faults);
[[nodiscard]] Result<std::vector<WorkReport>> parse_report(View answer);

}  // namespace pitstop::flash
