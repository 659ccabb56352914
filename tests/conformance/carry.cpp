#include "tests/conformance/carry.h"

#include "tests/conformance/quoting.h"

#include <algorithm>

namespace pitstop::conformance {

using namespace pitstop::uptane;

std::string address_of(const Fetch& fetch, const Rules& rules) {
    constexpr std::string_view top_level[] = {"root", "timestamp", "snapshot", "targets"};
    const bool delegated = std::ranges::find(top_level, fetch.role) == std::end(top_level);
    const std::string folder = delegated && rules.dialect == Dialect::aktualizr ? "/delegations/" : "/";
    return folder + file_of({quote(fetch.role), fetch.version, fetch.size_bytes_max});
}

Result<void> carry(Cycle& cycle, const TrustSet& trust, Fetcher& repository, const Keep& keep) {
    for (;;) {
        const Step step = cycle.next();
        if (const auto* failed = std::get_if<Failed>(&step)) return fail(failed->error);
        if (std::holds_alternative<Done>(step)) return {};
        if (std::holds_alternative<Save>(step)) {
            ENSURE(keep(trust));
            cycle.on_saved();
            continue;
        }
        const Fetch& fetch = std::get<Fetch>(step);
        const auto answer = repository.get(address_of(fetch, trust.rules()), fetch.size_bytes_max);
        if (!answer)
            cycle.on_error(answer.error());
        else if (*answer)
            cycle.on_file(**answer);
        else
            cycle.on_absent();
    }
}

}  // namespace pitstop::conformance
