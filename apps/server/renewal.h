// Once a minute: signs the Image repository's Snapshot and Timestamp anew before they expire, where this server holds
// their keys, and tells whoever watches the log and the metrics what will expire (freshness.h).
#pragma once

#include "apps/server/director.h"
#include "apps/server/freshness.h"
#include "apps/server/image_repository.h"
#include "io/runtime/loop.h"

#include <optional>
#include <vector>

namespace pitstop::server {

class Renewal {
public:
    Renewal(ImageRepository& images, const Director& director, io::metrics::Registry& registry)
        : images_(images),
          director_(director),
          freshness_(registry) {}

    // What was told. A renewal that fails is told too, and tried again the next time.
    std::vector<DatedFile> pass(UtcTime now);

private:
    ImageRepository& images_;
    const Director& director_;
    Freshness freshness_;
    std::optional<UtcTime> failed_;  // when a failure was last told
};

[[nodiscard]] io::Task<void> keep_renewing(io::Loop& loop, Renewal& renewal);

}  // namespace pitstop::server
