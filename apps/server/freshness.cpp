#include "apps/server/freshness.h"

#include <format>

namespace pitstop::server {

std::vector<DatedFile> Freshness::look(std::span<const DatedFile> files, UtcTime now) {
    std::vector<DatedFile> late;
    for (const DatedFile& file : files) {
        registry_
            .gauge("pitstop_metadata_expires_seconds", "How long a repository's file is still good.",
                   {{"repository", file.repository}, {"role", file.role}})
            .set(file.expires.seconds - now.seconds);
        const std::pair key{std::string(file.repository), std::string(file.role)};
        if (now + file.warn_below < file.expires) {
            told_.erase(key);
            continue;
        }
        const auto told = told_.find(key);
        if (told != told_.end() && now < told->second + std::chrono::days(1)) continue;
        told_.insert_or_assign(key, now);
        late.push_back(file);
    }
    return late;
}

std::string in_one_sentence(const DatedFile& late, UtcTime now) {
    const std::int64_t left_s = late.expires.seconds - now.seconds;
    const std::string when = left_s <= 0      ? std::string("has expired: no vehicle takes an update")
                             : left_s < 86400 ? std::format("expires in {} hours", left_s / 3600)
                                              : std::format("expires in {} days", left_s / 86400);
    const std::string_view advice = late.signed_by == SignedBy::people
                                        ? "sign it anew (pitstop repo)"
                                        : "this server should have signed it anew; see the warnings before this one";
    return std::format("the {} repository's {} {}: {}", late.repository, late.role, when, advice);
}

}  // namespace pitstop::server
