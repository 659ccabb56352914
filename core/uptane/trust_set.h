// What one vehicle believes of one repository: a value that only grows (Uptane 2.1.0 #metadata_verification, TUF §5).
//
// Cycle (cycle.h) drives it; whoever fetches in another way does the same:
//
//     TRY(TrustSet trust, TrustSet::load(Repository::director, saved));   // or from_root(…) with the root set in the
//                                                                         // factory
//     trust.start_cycle();
//     while (auto next = fetch(file_name(Role::root, trust.root().version + 1))) ENSURE(trust.succeed(…));
//     ENSURE(trust.accept_timestamp(ReceivedTimestamp{…}, now));
//     ENSURE(trust.accept_snapshot(ReceivedSnapshot{… trust.timestamp()->snapshot.version …}, now));
//     ENSURE(trust.accept_targets(ReceivedTargets{… trust.snapshot()->targets().version …}, now));
//     save(trust.save());             // after every acceptance, before acting on it
//
// The root chain ends only on "not there", never on "could not ask": that is the caller's to keep apart.
// A refused file changes nothing. timestamp(), snapshot() and targets() give what was accepted in this cycle and are
// null before; what was trusted in earlier cycles, also before a restart, is kept only to notice roll-back. The next
// cycle may hand in remembered(role) again instead of fetching it, when the version promised is the same.
//
// Faults: those of envelope.h and roles.h; uptane.out-of-order … broken-state.
#pragma once

#include "core/base/bytes.h"
#include "core/base/time.h"
#include "core/uptane/envelope.h"
#include "core/uptane/roles.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pitstop::uptane {

// Bytes from outside; nothing but TrustSet takes them.
template <Role role>
struct Received {
    View file;
};
using ReceivedRoot = Received<Role::root>;
using ReceivedTimestamp = Received<Role::timestamp>;
using ReceivedSnapshot = Received<Role::snapshot>;
using ReceivedTargets = Received<Role::targets>;

// From the top-level Targets down: {"targets", "supplier", "brakes"}. The same role below another delegator is another
// chain, judged by that delegator's keys.
using Chain = std::vector<std::string>;

struct NeededRole {
    Chain chain;
    FileInfo promised;
    [[nodiscard]] const std::string& role() const { return chain.back(); }
};

// What the search for one target has come to: found, or a role is still to be accepted, or (neither) it is not there.
struct Lookup {
    const TargetInfo* found = nullptr;
    std::optional<NeededRole> needed;
};

struct TrustFiles {
    Bytes root, timestamp, snapshot, targets;  // empty: none
    std::map<std::string, Bytes> delegated;    // by role
};

class TrustSet {
public:
    // The root that the factory or the last release put into the vehicle. It must be signed by its own keys.
    static Result<TrustSet> from_root(Repository repository, ReceivedRoot root, const Rules& rules = {});

    // What save() wrote; every signature is checked again. uptane.broken-state
    static Result<TrustSet> load(Repository repository, View saved, const Rules& rules = {});
    [[nodiscard]] Bytes save() const;
    // The same from separate files. In a foreign dialect all but Root may be unusable: then they are forgotten.
    static Result<TrustSet> from_files(Repository repository, const TrustFiles& files, const Rules& rules = {});

    void start_cycle();

    // Version N+1 exactly, signed by the keys of both (#check_root). Its date counts at the end of the chain, and is
    // checked again with the first file after it.
    [[nodiscard]] Result<void> succeed(ReceivedRoot next);
    [[nodiscard]] Result<void> check_root_current(UtcTime now) const;
    [[nodiscard]] Result<void> check_vehicle(std::string_view role, const std::optional<Vin>& vin) const;
    [[nodiscard]] Result<void> accept_timestamp(ReceivedTimestamp next, UtcTime now);  // #check_timestamp
    [[nodiscard]] Result<void> accept_snapshot(ReceivedSnapshot next, UtcTime now);    // #check_snapshot
    [[nodiscard]] Result<void> accept_targets(ReceivedTargets next, UtcTime now);      // #check_targets

    // Pre-order through the delegations (TUF §5.6.7), with what was accepted in this cycle. `hardware`: of the ECU that
    // shall get it; nothing where nobody asks for an ECU. uptane.out-of-order, not-in-snapshot, search-too-long
    [[nodiscard]] Result<Lookup> look_up(const TargetPath& target, const std::optional<HardwareId>& hardware) const;
    [[nodiscard]] Result<void> accept_delegated(ReceivedTargets next, const NeededRole& needed, UtcTime now);

    [[nodiscard]] Repository repository() const { return repository_; }
    [[nodiscard]] const Rules& rules() const { return rules_; }
    [[nodiscard]] const Root& root() const { return root_.value; }
    [[nodiscard]] const Timestamp* timestamp() const;
    [[nodiscard]] const Snapshot* snapshot() const;
    [[nodiscard]] const Targets* targets() const;

    // The file last trusted for this role, empty when there is none.
    [[nodiscard]] View remembered(Role role) const;
    [[nodiscard]] View remembered(const std::string& delegated_role) const;
    [[nodiscard]] const std::map<std::string, Bytes>& delegated_files() const { return delegated_files_; }

private:
    template <class T>
    struct Trusted {
        T value;
        Bytes file;
    };
    struct Delegator {
        const Keys* keys;
        const RoleKeys* role;
    };

    TrustSet(Repository repository, Trusted<Root> root, const Rules& rules)
        : repository_(repository),
          rules_(rules),
          root_(std::move(root)) {}

    [[nodiscard]] Result<Trusted<Timestamp>> open_timestamp(View file) const;
    [[nodiscard]] Result<Trusted<Snapshot>> open_snapshot(View file) const;
    [[nodiscard]] Result<Trusted<Targets>> open_targets(View file) const;
    [[nodiscard]] bool keeps_known(const std::optional<Trusted<Timestamp>>& known, std::uint32_t version,
                                   View file) const;
    [[nodiscard]] const Targets* accepted(const Chain& chain) const;
    [[nodiscard]] Result<Delegator> delegator_of(const Chain& chain) const;
    [[nodiscard]] Result<NeededRole> promise_for(Chain chain) const;
    void forget_what_root_no_longer_vouches_for();
    void forget_what_nothing_lists();

    Repository repository_;
    Rules rules_;
    Trusted<Root> root_;
    std::optional<Trusted<Timestamp>> timestamp_;
    std::optional<Trusted<Snapshot>> snapshot_;
    std::optional<Trusted<Targets>> targets_;
    std::map<Chain, Targets> delegated_;            // accepted in this cycle
    std::map<std::string, Bytes> delegated_files_;  // last trusted, of this cycle or an earlier one
    Role reached_ = Role::root;                     // in this cycle
    std::uint32_t roots_in_cycle_ = 0;
};

}  // namespace pitstop::uptane
