// One repository's client workflow, deciding cut from doing (TUF §5.3 to §5.7, Uptane 2.1.0 #metadata_verification).
//
// Bring a TrustSet that outlives it and the time. Ask next(), do what it says, tell what came of it, ask again:
//
//     Cycle cycle(trust, now);
//     for (;;) {
//         Step step = cycle.next();
//         Fetch  → ask the repository for file_of(fetch); on_file(bytes), on_absent() only when it said that there is
//                  no such file, on_error(error) for everything else, also for more than size_bytes_max bytes
//         Save   → trust.save() to storage before going on; on_saved()
//         Done   → trust.targets() is there
//         Failed → the cycle ended; what was trusted before still is
//     }
//
// Nothing is fetched that is remembered and still promised. After Done, want() starts the search for one target through
// the delegations; Done then means that trust.look_up() has its answer.
//
// Faults: those of TrustSet; uptane.not-published when a file that must be there is not; the transport's own.
#pragma once

#include "core/uptane/trust_set.h"

#include <optional>
#include <string>
#include <variant>

namespace pitstop::uptane {

struct Fetch {
    std::string role;                      // "root" … or a delegated role's name, not yet quoted for an address
    std::optional<std::uint32_t> version;  // part of the file's name; nothing where it has none
    std::size_t size_bytes_max;
};
[[nodiscard]] std::string file_of(const Fetch& fetch);  // "7.snapshot.json"

struct Save {};
struct Done {};
struct Failed {
    Error error;
};
using Step = std::variant<Fetch, Save, Done, Failed>;

class Cycle {
public:
    Cycle(TrustSet& trust, UtcTime now);

    [[nodiscard]] Step next();
    void on_file(View file);
    void on_absent();
    void on_error(const Error& error);
    void on_saved() { unsaved_ = false; }

    void want(TargetPath target, std::optional<HardwareId> hardware);

private:
    enum class At : std::uint8_t { root, timestamp, snapshot, targets, search, done };
    struct Wanted {
        TargetPath target;
        std::optional<HardwareId> hardware;
    };

    void take_remembered();
    void search();
    void accept(View file);
    void reached(At next);
    [[nodiscard]] Fetch fetch() const;
    [[nodiscard]] std::optional<std::uint32_t> named_version(std::uint32_t version) const;

    TrustSet& trust_;
    UtcTime now_;
    At at_ = At::root;
    bool unsaved_ = false;
    std::optional<Wanted> wanted_;
    std::optional<NeededRole> needed_;
    std::optional<Error> failure_;
};

}  // namespace pitstop::uptane
