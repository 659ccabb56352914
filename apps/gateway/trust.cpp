#include "apps/gateway/trust.h"

#include "apps/gateway/faults.h"
#include "io/files/atomic_file.h"
#include "io/log/log.h"

#include <format>

namespace pitstop::gateway {
namespace {

using uptane::Repository;
using uptane::Role;

constexpr std::size_t saved_size_bytes_max = 32u << 20;  // the four files at their caps, in text form

std::string address(Repository repository, Role role, std::uint32_t version) {
    return std::format("/{}/{}", repository == Repository::director ? "director" : "repo",
                       uptane::file_name(role, version));
}

// A directed ECU that does not answer may just be starting: that is a reason to try again, not to distrust the
// Director.
Result<void> all_directed_answer(const uptane::Targets& directed, const Survey& survey) {
    for (const auto& [name, target] : directed.targets)
        for (const SilentEcu& silent : survey.silent)
            if (target.ecu == silent.ecu) return fail(silent.why);
    return {};
}

}  // namespace

std::filesystem::path Trust::saved_file(Repository repository) const {
    return settings_.folder / std::format("trusted-{}.json", uptane::to_string(repository));
}

Result<uptane::TrustSet> Trust::load(Repository repository) const {
    TRY(const auto saved, io::files::read_if_there(saved_file(repository), saved_size_bytes_max));
    if (saved) return uptane::TrustSet::load(repository, *saved);
    const auto& factory = repository == Repository::director ? settings_.director_root : settings_.image_root;
    TRY(const Bytes root, io::files::read_file(factory, uptane::size_bytes_max(Role::root)));
    return uptane::TrustSet::from_root(repository, uptane::ReceivedRoot{root});
}

Result<void> Trust::save(const uptane::TrustSet& trust) const {
    return io::files::write_atomically(saved_file(trust.repository()), trust.save(), io::files::FileMode::private_);
}

io::Task<std::optional<Bytes>> Trust::fetch(Repository repository, Role role, std::uint32_t version) {
    CO_TRY(io::http::Answer answer,
           co_await server_.get(address(repository, role, version), {}, uptane::size_bytes_max(role)));
    if (answer.status == 404) co_return std::optional<Bytes>{};
    CO_TRY(answer, io::http::accepted(std::move(answer)));
    co_return Bytes(answer.body.begin(), answer.body.end());
}

io::Task<Bytes> Trust::fetch_published(Repository repository, Role role, std::uint32_t version) {
    CO_TRY(std::optional<Bytes> file, co_await fetch(repository, role, version));
    if (!file) co_return fail(faults::not_published, address(repository, role, version));
    co_return *std::move(file);
}

io::Task<void> Trust::refresh(uptane::TrustSet& trust) {
    const Repository repository = trust.repository();
    trust.start_cycle();
    for (;;) {
        CO_TRY(const std::optional<Bytes> next, co_await fetch(repository, Role::root, trust.root().version + 1));
        if (!next) break;
        CO_ENSURE(trust.succeed(uptane::ReceivedRoot{*next}));
        CO_ENSURE(save(trust));
    }
    CO_TRY(const Bytes timestamp, co_await fetch_published(repository, Role::timestamp, 0));
    CO_ENSURE(trust.accept_timestamp(uptane::ReceivedTimestamp{timestamp}, loop_.utc_now()));
    CO_ENSURE(save(trust));
    CO_TRY(const Bytes snapshot,
           co_await fetch_published(repository, Role::snapshot, trust.timestamp()->snapshot.version));
    CO_ENSURE(trust.accept_snapshot(uptane::ReceivedSnapshot{snapshot}, loop_.utc_now()));
    CO_ENSURE(save(trust));
    CO_TRY(const Bytes targets,
           co_await fetch_published(repository, Role::targets, trust.snapshot()->targets().version));
    CO_ENSURE(trust.accept_targets(uptane::ReceivedTargets{targets}, loop_.utc_now()));
    CO_ENSURE(save(trust));
    io::log::info("{} repository: targets version {} trusted", uptane::to_string(repository), trust.targets()->version);
    co_return Result<void>{};
}

io::Task<std::vector<uptane::TrustedTarget>> Trust::cycle(Vin vin, Survey survey) {
    CO_TRY(uptane::TrustSet director, load(Repository::director));
    CO_TRY(uptane::TrustSet image, load(Repository::image));
    CO_ENSURE(co_await refresh(director));
    CO_ENSURE(co_await refresh(image));
    CO_ENSURE(all_directed_answer(*director.targets(), survey));
    std::vector<uptane::VehicleEcu> ecus;
    for (const KnownEcu& known : survey.known)
        ecus.push_back({known.report.ecu, known.report.hardware, known.report.version, known.release_counter});
    co_return uptane::match(vin, ecus, director, image);
}

}  // namespace pitstop::gateway
