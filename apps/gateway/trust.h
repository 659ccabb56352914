// What this vehicle believes: fetches the Uptane files of both repositories, checks them in order, and matches them
// (Uptane 2.1 §5.4.4). The one place where downloaded metadata becomes trusted.
//
// What was accepted is saved before anything else is asked, so that a restart forgets no version. A root chain ends
// only on "not there". Faults: uptane.*, http.*, files.*, gateway.not-published; the error of an ECU that is directed
// but silent.
#pragma once

#include "apps/gateway/car.h"
#include "apps/gateway/settings.h"
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
    [[nodiscard]] io::Task<std::optional<Bytes>> fetch(uptane::Repository repository, uptane::Role role,
                                                       std::uint32_t version);
    [[nodiscard]] io::Task<Bytes> fetch_published(uptane::Repository repository, uptane::Role role,
                                                  std::uint32_t version);
    [[nodiscard]] io::Task<void> refresh(uptane::TrustSet& trust);

    io::Loop& loop_;
    io::http::Client& server_;
    TrustSettings settings_;
};

}  // namespace pitstop::gateway
