// How long the repositories' files are still good, and who must hear of it: the roles whose keys lie offline need a
// person, in time; the others need this server to do its work.
//
//     for (const auto& late : freshness.look(files, now)) log it
//
// Gauges: pitstop_metadata_expires_seconds{repository, role}, below 0 when the date has passed.
#pragma once

#include "core/base/time.h"
#include "io/metrics/metrics.h"

#include <chrono>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pitstop::server {

enum class SignedBy : std::uint8_t { people, server };

struct DatedFile {
    std::string_view repository, role;
    UtcTime expires;
    SignedBy signed_by = SignedBy::people;
    std::chrono::seconds warn_below{};  // of what is left
};

// A month: to find the people who hold the offline keys, and a day on which they meet.
inline constexpr std::chrono::days offline_warning{30};

class Freshness {
public:
    explicit Freshness(io::metrics::Registry& registry) : registry_(registry) {}

    // What somebody must be told of now: each file once a day.
    [[nodiscard]] std::vector<DatedFile> look(std::span<const DatedFile> files, UtcTime now);

private:
    io::metrics::Registry& registry_;
    std::map<std::pair<std::string, std::string>, UtcTime> told_;
};

[[nodiscard]] std::string in_one_sentence(const DatedFile& late, UtcTime now);

}  // namespace pitstop::server
