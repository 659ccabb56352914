#include "apps/server/renewal.h"

#include "io/log/log.h"

namespace pitstop::server {
namespace {

constexpr std::chrono::minutes between_passes{1};
constexpr std::chrono::hours between_complaints{1};

}  // namespace

std::vector<DatedFile> Renewal::pass(UtcTime now) {
    const auto renewed = images_.renew(now);
    if (renewed) failed_.reset();
    if (!renewed && (!failed_ || *failed_ + between_complaints <= now)) {
        io::log::problem(renewed.error(), "the Image repository's Snapshot and Timestamp could not be signed anew");
        failed_ = now;
    }
    auto files = images_.dates();
    files.push_back({"director", "root", director_.root().expires, SignedBy::people, offline_warning});
    auto late = freshness_.look(files, now);
    for (const DatedFile& file : late) io::log::warning("{}", in_one_sentence(file, now));
    return late;
}

io::Task<void> keep_renewing(io::Loop& loop, Renewal& renewal) {
    for (;;) {
        (void)renewal.pass(loop.utc_now());
        co_await io::pause(between_passes);
    }
}

}  // namespace pitstop::server
