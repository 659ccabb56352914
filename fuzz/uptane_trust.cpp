// core/uptane: what a vehicle saved of its trust, read after a restart. Input: the repository in the first line, then
// the saved state.
#include "core/uptane/trust_set.h"
#include "fuzz/property.h"

using namespace pitstop;
using fuzz::must;
using uptane::Repository;
using uptane::Role;

namespace {

// Whatever is trusted was signed by the keys of the trusted root.
void check(const uptane::TrustSet& trust) {
    for (const Role role : {Role::root, Role::timestamp, Role::snapshot, Role::targets}) {
        const View file = trust.remembered(role);
        if (file.empty()) continue;
        const auto envelope = fuzz::must_have(uptane::open_envelope(file, role), "a trusted file can be opened");
        fuzz::must_have(uptane::check_signatures(envelope, trust.root(), role), "and is signed");
    }
    must(!trust.timestamp() && !trust.snapshot() && !trust.targets(), "nothing is current before a cycle");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [title, saved] = fuzz::titled({data, size});
    for (const Repository repository : {Repository::director, Repository::image}) {
        if (title != to_string(repository)) continue;
        const auto trust = uptane::TrustSet::load(repository, saved);
        fuzz::must_repeat(trust, uptane::TrustSet::load(repository, saved));
        if (!trust) return 0;
        check(*trust);
        const Bytes written = trust->save();
        const auto again = fuzz::must_have(uptane::TrustSet::load(repository, written), "what was saved can be loaded");
        must(again.save() == written, "and is the same");
    }
    return 0;
}
