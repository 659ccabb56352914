// What one vehicle believes of one repository: a value that only grows (Uptane 2.1.0 #metadata_verification, TUF §5).
//
//     TRY(TrustSet trust, TrustSet::load(Repository::director, saved));   // or from_root(…) with the root set in the
//     factory trust.start_cycle(); while (auto next = fetch(file_name(Role::root, trust.root().version + 1)))
//     ENSURE(trust.succeed(ReceivedRoot{*next})); ENSURE(trust.accept_timestamp(ReceivedTimestamp{…}, now));
//     ENSURE(trust.accept_snapshot(ReceivedSnapshot{… trust.timestamp()->snapshot.version …}, now));
//     ENSURE(trust.accept_targets(ReceivedTargets{… trust.snapshot()->targets().version …}, now));
//     save(trust.save());                                                 // after every acceptance, before acting on
//     it
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

#include <optional>

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

struct TrustLimits {
    std::uint32_t roots_per_cycle_max = 1024;  // twenty years of weekly rotation
};

class TrustSet {
public:
    // The root that the factory or the last release put into the vehicle. It must be signed by its own keys.
    static Result<TrustSet> from_root(Repository repository, ReceivedRoot root, TrustLimits limits = {});

    // What save() wrote; every signature is checked again. uptane.broken-state
    static Result<TrustSet> load(Repository repository, View saved, TrustLimits limits = {});
    [[nodiscard]] Bytes save() const;

    void start_cycle();

    // Version N+1 exactly, signed by the keys of both (#check_root). Its date is checked with the first file after the
    // chain.
    [[nodiscard]] Result<void> succeed(ReceivedRoot next);
    [[nodiscard]] Result<void> accept_timestamp(ReceivedTimestamp next, UtcTime now);  // #check_timestamp
    [[nodiscard]] Result<void> accept_snapshot(ReceivedSnapshot next, UtcTime now);    // #check_snapshot
    [[nodiscard]] Result<void> accept_targets(ReceivedTargets next, UtcTime now);      // #check_targets

    [[nodiscard]] Repository repository() const { return repository_; }
    [[nodiscard]] const Root& root() const { return root_.value; }
    [[nodiscard]] const Timestamp* timestamp() const;
    [[nodiscard]] const Snapshot* snapshot() const;
    [[nodiscard]] const Targets* targets() const;

    // The file last trusted for this role, empty when there is none.
    [[nodiscard]] View remembered(Role role) const;

private:
    template <class T>
    struct Trusted {
        T value;
        Bytes file;
    };

    TrustSet(Repository repository, Trusted<Root> root, TrustLimits limits)
        : repository_(repository),
          limits_(limits),
          root_(std::move(root)) {}

    [[nodiscard]] Result<Trusted<Timestamp>> open_timestamp(View file) const;
    [[nodiscard]] Result<Trusted<Snapshot>> open_snapshot(View file) const;
    [[nodiscard]] Result<Trusted<Targets>> open_targets(View file) const;
    void forget_roles_with_new_keys(const Root& next);

    Repository repository_;
    TrustLimits limits_;
    Trusted<Root> root_;
    std::optional<Trusted<Timestamp>> timestamp_;
    std::optional<Trusted<Snapshot>> snapshot_;
    std::optional<Trusted<Targets>> targets_;
    Role reached_ = Role::root;  // in this cycle
    std::uint32_t roots_in_cycle_ = 0;
};

}  // namespace pitstop::uptane
