#include "apps/gateway/trust.h"

#include "apps/gateway/faults.h"
#include "core/uptane/full.h"
#include "io/files/atomic_file.h"
#include "io/log/log.h"

#include <algorithm>
#include <format>

namespace pitstop::gateway {
namespace {

using uptane::Repository;
using uptane::Role;

constexpr std::size_t saved_size_bytes_max = 32u << 20;  // the four files at their caps, in text form

std::string address(Repository repository, const uptane::Fetch& what) {
    return std::format("/{}/{}", repository == Repository::director ? "director" : "repo", uptane::file_of(what));
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
    uptane::Rules rules;
    rules.vin = vin_;
    if (saved) return uptane::TrustSet::load(repository, *saved, rules);
    const auto& factory = repository == Repository::director ? settings_.director_root : settings_.image_root;
    TRY(const Bytes root, io::files::read_file(factory, uptane::size_bytes_max(Role::root)));
    return uptane::TrustSet::from_root(repository, uptane::ReceivedRoot{root}, rules);
}

Result<void> Trust::save(const uptane::TrustSet& trust) const {
    ENSURE(keep_root(trust));
    return io::files::write_atomically(saved_file(trust.repository()), trust.save(), io::files::FileMode::private_);
}

io::Task<std::optional<Bytes>> Trust::fetch(Repository repository, uptane::Fetch what) {
    CO_TRY(io::http::Answer answer, co_await server_.get(address(repository, what), {}, what.size_bytes_max));
    if (answer.status == 404) co_return std::optional<Bytes>{};
    CO_TRY(answer, io::http::accepted(std::move(answer)));
    co_return Bytes(answer.body.begin(), answer.body.end());
}

io::Task<void> Trust::drive(uptane::Cycle& cycle, uptane::TrustSet& trust, Keep keep) {
    for (;;) {
        const uptane::Step step = cycle.next();
        if (const auto* what = std::get_if<uptane::Fetch>(&step)) {
            const Result<std::optional<Bytes>> file = co_await fetch(trust.repository(), *what);
            if (!file)
                cycle.on_error(file.error());
            else if (*file)
                cycle.on_file(**file);
            else
                cycle.on_absent();
        } else if (std::holds_alternative<uptane::Save>(step)) {
            if (keep == Keep::on_disk) CO_ENSURE(save(trust));
            cycle.on_saved();
        } else if (const auto* failed = std::get_if<uptane::Failed>(&step)) {
            co_return fail(failed->error);
        } else {
            co_return Result<void>{};
        }
    }
}

// Who vouches for each image that the Director names, down through the delegations.
io::Task<void> Trust::search(uptane::Cycle& cycle, uptane::TrustSet& image, const uptane::Targets& directed,
                             const Survey& survey) {
    for (const auto& [path, target] : directed.targets) {
        const auto known =
            std::ranges::find_if(survey.known, [&](const KnownEcu& ecu) { return target.ecu == ecu.report.ecu; });
        if (known == survey.known.end()) continue;  // match() will say so
        cycle.want(path, known->report.hardware);
        CO_ENSURE(co_await drive(cycle, image));
    }
    co_return Result<void>{};
}

io::Task<std::vector<uptane::TrustedTarget>> Trust::cycle(Survey survey) {
    CO_TRY(uptane::TrustSet director, load(Repository::director));
    CO_TRY(uptane::TrustSet image, load(Repository::image));
    CO_ENSURE(keep_root(director));
    CO_ENSURE(keep_root(image));
    const uptane::TrustSet before = director;
    CO_TRY(const UtcTime now, co_await learn_time(director));
    uptane::Cycle of_director(director, now), of_image(image, now);
    CO_ENSURE(co_await drive(of_director, director));
    CO_TRY(uptane::AttestedTime time, load_time());
    time.confirm(uptane::evidence_between(before, director));
    CO_ENSURE(save_time(time));
    CO_ENSURE(co_await drive(of_image, image));
    io::log::info("trusted: director targets version {}, image targets version {}", director.targets()->version,
                  image.targets()->version);
    CO_ENSURE(all_directed_answer(*director.targets(), survey));
    CO_ENSURE(co_await search(of_image, image, *director.targets(), survey));
    std::vector<uptane::VehicleEcu> ecus;
    for (const KnownEcu& known : survey.known)
        ecus.push_back({known.report.ecu, known.report.hardware, known.report.version, known.release_counter});
    co_return uptane::match(vin_, ecus, director, image);
}

}  // namespace pitstop::gateway
