// What this vehicle believes: fetches the Uptane files of both repositories, checks them in order, and matches them
// (Uptane 2.1 §5.4.4). The one place where downloaded metadata becomes trusted.
//
// What time it is, the Director's time server says, with a fresh nonce: without it there is no cycle. What was accepted
// is saved before anything else is asked, so that a restart forgets no version; every Root is kept for secondaries that
// are behind. A root chain ends only on "not there". Faults: uptane.*, http.*, files.*; the error of an ECU that is
// directed but silent.
#pragma once

#include "apps/gateway/car.h"
#include "apps/gateway/settings.h"
#include "core/flash/metadata_intake.h"
#include "core/uptane/attested_time.h"
#include "core/uptane/cycle.h"
#include "core/uptane/match.h"
#include "io/http/client.h"

#include <vector>

namespace pitstop::gateway {

class Trust {
public:
    Trust(io::http::Client& server, TrustSettings settings, Vin vin)
        : server_(server),
          settings_(std::move(settings)),
          vin_(vin) {}

    // One cycle: what shall be installed on this vehicle now.
    [[nodiscard]] io::Task<std::vector<uptane::TrustedTarget>> cycle(Survey survey);

    // The time server's file for these nonces, as it came.
    [[nodiscard]] io::Task<Bytes> ask_time(std::vector<uptane::Nonce> nonces);
    // What a secondary has to judge, in this order, each when the one before was believed (bundle.h); `time` answers
    // its nonce. One is enough unless a small ECU is many Roots behind.
    [[nodiscard]] io::Task<std::vector<Bytes>> bundles_for(flash::TrustStanding standing, Bytes time);
    // 1970 before the first cycle.
    [[nodiscard]] Result<UtcTime> attested_time() const;
    // What time it is, freshly attested.
    [[nodiscard]] io::Task<UtcTime> learn_time_now();
    // By whose keys this vehicle believes the Director: as known, and after asking for newer Roots. uptane.expired
    [[nodiscard]] Result<uptane::Root> director_root() const;
    [[nodiscard]] io::Task<uptane::Root> newest_director_root();

private:
    enum class Keep : std::uint8_t { on_disk, in_memory };
    [[nodiscard]] Result<uptane::TrustSet> load(uptane::Repository repository) const;
    [[nodiscard]] Result<void> save(const uptane::TrustSet& trust) const;
    [[nodiscard]] std::filesystem::path saved_file(uptane::Repository repository) const;
    [[nodiscard]] io::Task<std::optional<Bytes>> fetch(uptane::Repository repository, uptane::Fetch what);
    [[nodiscard]] std::filesystem::path root_file(uptane::Repository repository, std::uint32_t version) const;
    [[nodiscard]] Result<void> keep_root(const uptane::TrustSet& trust) const;
    [[nodiscard]] io::Task<std::vector<Bytes>> roots_after(const uptane::TrustSet& trust, std::uint32_t version);
    [[nodiscard]] Result<uptane::AttestedTime> load_time() const;
    [[nodiscard]] Result<void> save_time(const uptane::AttestedTime& time) const;
    [[nodiscard]] io::Task<UtcTime> learn_time(uptane::TrustSet& director);
    [[nodiscard]] io::Task<void> follow_roots(uptane::TrustSet& trust);
    [[nodiscard]] Result<void> advance_saved_root(uptane::Repository repository, View next) const;
    // Whether the Director's own files stand for this time.
    [[nodiscard]] io::Task<uptane::TimeEvidence> evidence_for(const uptane::TrustSet& director, UtcTime claimed);
    // Carries out the cycle until it is done or has failed.
    [[nodiscard]] io::Task<void> drive(uptane::Cycle& cycle, uptane::TrustSet& trust, Keep keep = Keep::on_disk);
    [[nodiscard]] io::Task<void> search(uptane::Cycle& cycle, uptane::TrustSet& image, const uptane::Targets& directed,
                                        const Survey& survey);

    io::http::Client& server_;
    TrustSettings settings_;
    Vin vin_;
};

}  // namespace pitstop::gateway
