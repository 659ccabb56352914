// What time it is for Trust, and the bundles that it packs for secondaries.
#include "apps/gateway/trust.h"
#include "core/uptane/bundle_writer.h"
#include "core/uptane/faults.h"
#include "core/uptane/full.h"
#include "io/files/atomic_file.h"
#include "io/log/log.h"

#include <boost/json/serialize.hpp>

#include <format>
#include <random>

namespace pitstop::gateway {
namespace {

using uptane::BundleFile;
using uptane::BundleRepository;
using uptane::BundleRole;
using uptane::Repository;
using uptane::Role;

constexpr std::size_t time_file_size_bytes_max = 1024;
// What a bundle for a small ECU keeps free of Roots: the time attestation and the Targets with ML-DSA-87.
constexpr std::size_t kept_for_targets_bytes = 28 * 1024;

uptane::Nonce fresh_nonce() {
    std::random_device chance;  // the kernel's generator
    uptane::Nonce nonce{};
    for (std::size_t at = 0; at < nonce.size(); at += 4) store_be(&nonce[at], static_cast<std::uint32_t>(chance()));
    return nonce;
}

// The Root that names the time server's keys may have been replaced.
bool may_be_older_root(const Error& error) {
    return error.is(uptane::faults::no_time_keys) || error.is(uptane::faults::classical_missing) ||
           error.is(uptane::faults::post_quantum_missing) || error.is(uptane::faults::threshold_not_reached);
}

void add_listed(std::vector<BundleFile>& files, BundleRepository repository, const uptane::TrustSet& trust) {
    files.push_back({repository, BundleRole::timestamp, {}, trust.remembered(Role::timestamp)});
    files.push_back({repository, BundleRole::snapshot, {}, trust.remembered(Role::snapshot)});
    files.push_back({repository, BundleRole::targets, {}, trust.remembered(Role::targets)});
}

std::vector<BundleFile> as_files(BundleRepository repository, std::span<const Bytes> roots) {
    std::vector<BundleFile> files;
    for (const Bytes& root : roots) files.push_back({repository, BundleRole::root, {}, root});
    return files;
}

// Roots first, in as many bundles as a small ECU's storage asks for; the last one says what to install.
Result<std::vector<Bytes>> partial_bundles(std::span<const Bytes> roots, View time, const uptane::TrustSet& director) {
    constexpr std::size_t most = uptane::partial_bundle_size_bytes_max;
    std::vector<Bytes> bundles;
    std::vector<BundleFile> files;
    std::size_t taken_bytes = 0;
    for (const BundleFile& root : as_files(BundleRepository::director, roots)) {
        if (!files.empty() && taken_bytes + root.file.size() > most - kept_for_targets_bytes) {
            TRY(Bytes bundle, uptane::write_bundle(files, most));
            bundles.push_back(std::move(bundle));
            files.clear();
            taken_bytes = 0;
        }
        files.push_back(root);
        taken_bytes += root.file.size();
    }
    files.push_back({BundleRepository::time, BundleRole::time_attestation, {}, time});
    files.push_back({BundleRepository::director, BundleRole::targets, {}, director.remembered(Role::targets)});
    TRY(Bytes bundle, uptane::write_bundle(files, most));
    bundles.push_back(std::move(bundle));
    return bundles;
}

}  // namespace

std::filesystem::path Trust::root_file(Repository repository, std::uint32_t version) const {
    return settings_.folder / std::format("{}-{}.root.json", uptane::to_string(repository), version);
}

Result<void> Trust::keep_root(const uptane::TrustSet& trust) const {
    const auto file = root_file(trust.repository(), trust.root().version);
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored)) return {};
    return io::files::write_atomically(file, trust.remembered(Role::root), io::files::FileMode::private_);
}

Result<uptane::AttestedTime> Trust::load_time() const {
    TRY(const auto saved, io::files::read_if_there(settings_.folder / "attested-time.json", time_file_size_bytes_max));
    if (!saved) return uptane::AttestedTime();
    TRY(const json::Value document, json::parse(*saved, time_file_size_bytes_max));
    TRY(const json::Object* object, json::as_object(document, "attested-time.json"));
    TRY(const UtcTime last, json::time(*object, "last"));
    TRY(const UtcTime confirmed, json::time(*object, "confirmed"));
    return uptane::AttestedTime(uptane::KnownTime{last, confirmed});
}

Result<void> Trust::save_time(const uptane::AttestedTime& time) const {
    if (!time.known()) return {};
    const std::string text = boost::json::serialize(
        json::Object{{"last", time.known()->last.str()}, {"confirmed", time.known()->confirmed.str()}});
    return io::files::write_atomically(settings_.folder / "attested-time.json", view_of(text),
                                       io::files::FileMode::private_);
}

Result<UtcTime> Trust::attested_time() const {
    TRY(const uptane::AttestedTime time, load_time());
    return time.known() ? time.known()->last : UtcTime{};
}

io::Task<Bytes> Trust::ask_time(std::vector<uptane::Nonce> nonces) {
    json::Array list;
    for (const uptane::Nonce& nonce : nonces) list.emplace_back(to_hex(nonce));
    const std::string question = boost::json::serialize(json::Object{{"nonces", std::move(list)}});
    CO_TRY(io::http::Answer answer, co_await server_.send("POST", "/director/time", question, "application/json", {},
                                                          uptane::attestation_bytes_max));
    CO_TRY(answer, io::http::accepted(std::move(answer)));
    co_return Bytes(answer.body.begin(), answer.body.end());
}

io::Task<UtcTime> Trust::learn_time(uptane::TrustSet& director) {
    const uptane::Nonce own = fresh_nonce();
    CO_TRY(const Bytes file, co_await ask_time({own}));
    CO_TRY(uptane::AttestedTime time, load_time());
    const uptane::ReceivedTime received{file};
    Result<void> accepted = time.accept(received, director.root(), own);
    if (!accepted && may_be_older_root(accepted.error())) {
        CO_ENSURE(co_await follow_roots(director));
        accepted = time.accept(received, director.root(), own);
    }
    if (!accepted && accepted.error().is(uptane::faults::time_jump)) {
        CO_TRY(const UtcTime claimed, uptane::claimed_time(received));
        CO_TRY(const uptane::TimeEvidence evidence, co_await evidence_for(director, claimed));
        accepted = time.accept(received, director.root(), own, evidence);
    }
    if (!accepted) co_return fail(accepted.error());
    CO_ENSURE(save_time(time));
    co_return time.known()->last;
}

io::Task<void> Trust::follow_roots(uptane::TrustSet& trust) {
    trust.start_cycle();
    for (;;) {
        CO_TRY(const auto next, co_await fetch(trust.repository(),
                                               {"root", trust.root().version + 1, uptane::size_bytes_max(Role::root)}));
        if (!next) co_return Result<void>{};
        CO_ENSURE(trust.succeed(uptane::ReceivedRoot{*next}));
        CO_ENSURE(advance_saved_root(trust.repository(), *next));
    }
}

// Only the Root of what is saved: another task may have accepted newer files while this one waited for the server.
Result<void> Trust::advance_saved_root(Repository repository, View next) const {
    TRY(uptane::TrustSet saved, load(repository));
    // It may have come further than this one meanwhile.
    if (saved.succeed(uptane::ReceivedRoot{next})) return save(saved);
    return {};
}

io::Task<UtcTime> Trust::learn_time_now() {
    CO_TRY(uptane::TrustSet director, load(Repository::director));
    co_return co_await learn_time(director);
}

Result<uptane::Root> Trust::director_root() const {
    TRY(const uptane::TrustSet director, load(Repository::director));
    TRY(const UtcTime now, attested_time());
    ENSURE(director.check_root_current(now));
    return director.root();
}

io::Task<uptane::Root> Trust::newest_director_root() {
    CO_TRY(uptane::TrustSet director, load(Repository::director));
    CO_ENSURE(co_await follow_roots(director));
    co_return director_root();
}

// In a copy: what is believed at a time that is not yet believed must not stay.
io::Task<uptane::TimeEvidence> Trust::evidence_for(const uptane::TrustSet& director, UtcTime claimed) {
    uptane::TrustSet then = director;
    uptane::Cycle cycle(then, claimed);
    CO_ENSURE(co_await drive(cycle, then, Keep::in_memory));
    co_return uptane::evidence_between(director, then);
}

io::Task<std::vector<Bytes>> Trust::roots_after(const uptane::TrustSet& trust, std::uint32_t version) {
    std::vector<Bytes> roots;
    for (std::uint32_t next = version + 1; next <= trust.root().version; ++next) {
        const std::size_t most = uptane::size_bytes_max(Role::root);
        CO_TRY(auto kept, io::files::read_if_there(root_file(trust.repository(), next), most));
        if (!kept) {
            // This gateway is younger than the secondary, which judges the file by itself.
            CO_TRY(kept, co_await fetch(trust.repository(), {"root", next, most}));
        }
        if (!kept) co_return fail(uptane::faults::not_published, std::format("root {}", next));
        roots.push_back(*std::move(kept));
    }
    co_return roots;
}

io::Task<std::vector<Bytes>> Trust::bundles_for(flash::TrustStanding standing, Bytes time) {
    CO_TRY(const uptane::TrustSet director, load(Repository::director));
    CO_TRY(const std::vector<Bytes> roots, co_await roots_after(director, standing.director_root_version));
    if (standing.verification == flash::Verification::partial) co_return partial_bundles(roots, time, director);
    CO_TRY(const uptane::TrustSet image, load(Repository::image));
    CO_TRY(const std::vector<Bytes> image_roots, co_await roots_after(image, standing.image_root_version));
    std::vector<BundleFile> files = as_files(BundleRepository::director, roots);
    const std::vector<BundleFile> more = as_files(BundleRepository::image, image_roots);
    files.insert(files.end(), more.begin(), more.end());
    files.push_back({BundleRepository::time, BundleRole::time_attestation, {}, time});
    add_listed(files, BundleRepository::director, director);
    add_listed(files, BundleRepository::image, image);
    for (const auto& [role, file] : image.delegated_files())
        files.push_back({BundleRepository::image, BundleRole::delegated_targets, role, file});
    CO_TRY(Bytes bundle, uptane::write_bundle(files, uptane::full_bundle_size_bytes_max));
    co_return std::vector<Bytes>{std::move(bundle)};
}

}  // namespace pitstop::gateway
