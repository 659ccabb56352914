// What this vehicle believes: fetches the Uptane files of both repositories, checks them in order, and matches them
// (Uptane 2.1 §5.4.4). The one place where downloaded metadata becomes trusted.
//
// What was accepted is saved before anything else is asked, so that a restart forgets no version. A root chain ends
// only on "not there". Faults: uptane.*, http.*, files.*; the error of an ECU that is directed
// but silent.
#pragma once

#include "apps/gateway/car.h"
#include "apps/gateway/settings.h"
#include "core/uptane/cycle.h"
#include "core/uptane/match.h"
#include "io/http/client.h"

#include <vector>

namespace pitstop::gateway {

class Trust {
public:
    Trust(io::Loop& loop, io::http::Client& server, TrustSettings settings)
        : loop_(loop),
          server_(server),
          settings_(std::move(settings)) {}

    // One cycle: what shall be installed on this vehicle now.
    [[nodiscard]] io::Task<std::vector<uptane::TrustedTarget>> cycle(Vin vin, Survey survey);

private:
    [[nodiscard]] Result<uptane::TrustSet> load(uptane::Repository repository) const;
    [[nodiscard]] Result<void> save(const uptane::TrustSet& trust) const;
    [[nodiscard]] std::filesystem::path saved_file(uptane::Repository repository) const;
    [[nodiscard]] io::Task<std::optional<Bytes>> fetch(uptane::Repository repository, uptane::Fetch what);
    // Carries out the cycle until it is done or has failed.
    [[nodiscard]] io::Task<void> drive(uptane::Cycle& cycle, uptane::TrustSet& trust);
    [[nodiscard]] io::Task<void> search(uptane::Cycle& cycle, uptane::TrustSet& image, const uptane::Targets& directed,
                                        const Survey& survey);

    io::Loop& loop_;
    io::http::Client& server_;
    TrustSettings settings_;
};

}  // namespace pitstop::gateway
