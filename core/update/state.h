// Everything the gateway must remember over a power cut: the update it works on, and what it still has to tell the
// server.
//
// A value. Only `decide` makes the next one; the shell saves it before it acts. JSON so that a person can read it.
// Faults of state_from_json: update.bad-state, with what was wrong in the detail.
#pragma once

#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/base/time.h"
#include "core/campaign/phase.h"
#include "core/uptane/match.h"
#include "core/wire/catalogue.h"

#include <optional>
#include <string>
#include <vector>

namespace pitstop::update {

inline constexpr std::size_t state_size_bytes_max = 8u << 20;  // 200 messages of at most 32 KiB, and 100 ECUs

// Where the job stands.
enum class Step : std::uint8_t {
    offered,   // the driver is asked
    put_off,   // the driver said later; the server offers again
    accepted,  // waiting for the server to announce the metadata
    trusting,  // the Uptane files are fetched and checked
    downloading,
    judging,     // the vehicle's conditions, before anything is installed
    staging,     // every ECU gets its image into the bank that does not run
    activating,  // all are staged: every ECU restarts with its new image, on trial
    confirming,  // all run: every ECU commits
    undoing,     // one failed: every ECU goes back
};
[[nodiscard]] std::string_view to_string(Step step);

enum class Progress : std::uint8_t { waiting, busy, done };

// What went wrong, as it will be told.
struct Trouble {
    std::string code{};
    std::string detail{};
    bool operator==(const Trouble&) const = default;
};

// Where a member's bytes are on the server.
enum class Source : std::uint8_t {
    package,  // a record of full_package.bin
    payload,  // by themselves, under their digest: a delta, or another form than the package has
};

enum class Part : std::uint8_t {
    ecu,
    zonal_gateway,  // others are reached through it: it restarts after them
};

// One ECU of the job, in the current step.
struct Member {
    uptane::TrustedTarget target;
    Part part = Part::ecu;
    std::uint64_t offset_bytes = 0;       // of the record's header in full_package.bin
    std::uint64_t stored_size_bytes = 0;  // of what is fetched: the record, header included, or the payload
    Source source = Source::package;

    Progress progress = Progress::waiting;
    std::uint8_t percent = 0;
    std::uint8_t tries = 0;     // that failed in this step
    std::uint8_t refusals = 0;  // of those, by an answer and not by silence
    UtcTime again_at{};         // not before
    Trouble trouble{};          // of the last failure in this step, the first refusal above all

    [[nodiscard]] EcuId ecu() const { return target.ecu; }
    // What travels, as the Director has signed it: the delivery's payload, or the image itself.
    [[nodiscard]] Form form() const { return target.delivery ? target.delivery->form : Form{}; }
    [[nodiscard]] std::uint64_t payload_bytes() const {
        return target.delivery ? target.delivery->length_bytes : target.length_bytes;
    }
    [[nodiscard]] const Sha256Digest& payload_sha256() const {
        return target.delivery ? target.delivery->sha256 : target.sha256;
    }
    bool operator==(const Member&) const = default;
};

// Where the package is. Not believed: the members' targets are.
struct Package {
    std::string path{};  // on the server
    std::uint64_t size_bytes = 0;
    Sha256Digest metadata_sha256{};
    bool operator==(const Package&) const = default;
};

struct Job {
    CampaignId campaign;
    std::string title{};
    std::uint64_t download_bytes = 0;
    Step step = Step::offered;
    std::optional<Package> package{};
    std::vector<Member> members{};
    bool activated = false;             // an ECU may run its new image: going back is a roll-back
    bool told_waiting = false;          // the server knows that we wait
    std::uint8_t percent = 0;           // of the download, as last told
    std::uint8_t tries = 0;             // of the current step, as far as it is not an ECU's
    std::optional<UtcTime> again_at{};  // a pause before the step is tried again
    Trouble trouble{};                  // why it is undone
    std::vector<EcuId> refused{};       // ECUs that could not open a delivery, as often as they said so
    bool operator==(const Job&) const = default;
};

// A message that the server has not acknowledged.
struct Outgoing {
    wire::MessageId id;
    std::string topic{};
    std::string text{};  // the envelope as it is sent, the same each time
    wire::Qos qos = wire::Qos::at_least_once;
    std::string replaces{};  // a newer message with the same word makes this one pointless; empty: never
    UtcTime sent_at{};       // last
    bool operator==(const Outgoing&) const = default;
};

// How the last job ended, so that a late repetition of its announcement does not start it again.
struct Ended {
    CampaignId campaign;
    campaign::Phase phase = campaign::Phase::failed;
    Trouble trouble{};
    bool operator==(const Ended&) const = default;
};

struct State {
    std::string boot_id{};
    std::uint64_t boot_seq = 0;
    std::uint64_t next_number = 0;  // of the next message; never repeated, not even by a vehicle that lost its state
    bool inventory_owed = false;
    std::optional<UtcTime> inventory_again_at{};
    std::optional<Job> job{};
    std::optional<Ended> ended{};
    std::vector<EcuId> stuck{};      // could not go back when the rest of their set did, and got nothing new since
    std::vector<Outgoing> outbox{};  // oldest first

    // For a vehicle without a saved state. Numbers begin at the time, so that they stay above all that it ever used.
    [[nodiscard]] static State fresh(UtcTime now);
    bool operator==(const State&) const = default;
};

// Nothing: it may be driven. From the first activation of a set until all of it is confirmed or all of it is back it
// may not, nor while a set is mixed.
[[nodiscard]] std::optional<Trouble> why_not_to_drive(const State& state);

[[nodiscard]] json::Object to_json(const State& state);
[[nodiscard]] Result<State> state_from_json(View file);

}  // namespace pitstop::update
