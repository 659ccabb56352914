// A diagnostic job: what somebody far away wants one vehicle to be asked, as a value and as JSON
// (docs/formats/diagnosis.md).
//
// A value of these types says only that the text had the right form and kept the limits. Who signed it is order.h's
// business, whether this vehicle obeys it judge.h's. Faults: base.*; wire.bad-message-id; diagnosis.bad-job.
#pragma once

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/base/time.h"
#include "core/uds/services.h"
#include "core/vehicle/readiness.h"
#include "core/wire/messages.h"

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pitstop::diagnosis {

inline constexpr std::size_t steps_max = 64;
inline constexpr std::size_t request_bytes_max = 4096;         // ISO 15765-2 carries 4095 in its usual form
inline constexpr std::size_t requests_bytes_max = 48 * 1024;   // of a whole job: in hex and signed it fits a message
inline constexpr std::size_t job_file_bytes_max = 192 * 1024;  // signed, as it travels
inline constexpr std::size_t answer_bytes_max = 1024;          // kept of each answer; longer ones are marked
inline constexpr std::size_t jobs_waiting_max = 8;             // in one vehicle
inline constexpr std::chrono::hours lifetime_max{24};          // a signed job is not left lying about for longer
inline constexpr std::uint32_t timeout_ms_min = 50;
inline constexpr std::uint32_t timeout_ms_max = 60'000;
inline constexpr std::uint32_t timeout_ms_usual = 5000;
inline constexpr std::uint64_t sequence_max = (std::uint64_t{1} << 53) - 1;  // exact in other readers' floats

using JobId = wire::MessageId;  // a UUID that whoever wants the job makes

struct ZoneTag {
    static constexpr std::string_view what = "zone";
};
using ZoneName = Name<ZoneTag>;

// In whose name it was created; permission.h says what each may ask for.
enum class Role : std::uint8_t { viewer, operator_, release_manager, admin };
[[nodiscard]] std::string_view to_string(Role role);  // "release-manager"
[[nodiscard]] std::optional<Role> role_from(std::string_view name);

struct AllEcus {
    bool operator==(const AllEcus&) const = default;
};
// Functional: each zone is asked once, and every ECU behind it answers (ISO 14229-1 §7.5.3, address 0xE400).
struct Target {
    std::variant<EcuId, ZoneName, AllEcus> whom;
    uds::Addressing addressing = uds::Addressing::physical;
    bool operator==(const Target&) const = default;
};

enum class Expected : std::uint8_t { positive, any, equals, prefix, nrc };
struct Expectation {
    Expected kind = Expected::positive;
    Bytes bytes = {};                            // equals, prefix
    uds::Nrc nrc = uds::Nrc::positive_response;  // nrc
    bool operator==(const Expectation&) const = default;
};

enum class OnFailure : std::uint8_t { stop, carry_on };  // "stop", "continue": for this ECU, or this zone
struct Step {
    std::string name;  // up to 64 printable characters
    Bytes request;
    Expectation expect = {};
    OnFailure on_failure = OnFailure::stop;
    std::uint32_t timeout_ms = timeout_ms_usual;  // also while the ECU is busy or says 0x78
    bool operator==(const Step&) const = default;
};

// What must hold when the job begins and before each of its steps; nothing: it does not matter.
struct Requirements {
    std::optional<vehicle::Motion> motion = {};  // only parked can be required
    std::optional<vehicle::Ignition> ignition = {};
    bool operator==(const Requirements&) const = default;
};

struct Job {
    JobId id;
    Vin vin;
    std::uint64_t sequence = 0;  // rises from job to job of one vehicle
    UtcTime issued, expires;     // not begun after `expires`, and stopped at the next step then
    Role role = Role::viewer;
    Requirements requirements = {};
    Target target;
    std::vector<Step> steps;
    bool operator==(const Job&) const = default;
};

// What a person wishes; the server adds the rest.
struct Wish {
    Requirements requirements = {};
    Target target;
    std::vector<Step> steps;
    bool operator==(const Wish&) const = default;
};

// {"target", "steps", "requires"?}
[[nodiscard]] Result<Wish> wish_from_json(const json::Object& from);
[[nodiscard]] json::Object to_json(const Wish& wish);

// The `signed` part of an order: the wish's members and the others.
[[nodiscard]] Result<Job> job_from_json(const json::Object& from);
[[nodiscard]] json::Object to_json(const Job& job);

}  // namespace pitstop::diagnosis
