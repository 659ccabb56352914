#include "core/uptane/full.h"

#include "core/uptane/faults.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <format>
#include <map>
#include <utility>

namespace pitstop::uptane {
namespace {

constexpr std::uint64_t format = 1;
constexpr std::size_t saved_size_bytes_max = std::size_t{64} << 20;  // two TrustSets at their caps, in text form

std::unexpected<Error> broken(std::string_view why) { return fail(faults::broken_state, why); }

Rules rules_for(const Vin& vin) {
    Rules rules;
    rules.vin = vin;
    return rules;
}

std::uint32_t version_in(View file) {
    const auto document = json::parse(file, size_bytes_max(Role::targets));
    if (!document || !document->is_object()) return 0;
    const auto body = json::object(document->get_object(), "signed");
    if (!body) return 0;
    return static_cast<std::uint32_t>(json::number(**body, "version", UINT32_MAX).value_or(0));
}

using Place = std::pair<BundleRepository, BundleRole>;

}  // namespace

struct FullVerifier::Files {
    std::map<Place, View> listed;
    std::map<std::string, View> delegated;

    [[nodiscard]] View of(BundleRepository repository, BundleRole role) const {
        const auto found = listed.find({repository, role});
        return found == listed.end() ? View() : found->second;
    }
};

TimeEvidence evidence_between(const TrustSet& before, const TrustSet& after) {
    if (!after.timestamp()) return {};
    return {version_in(before.remembered(Role::timestamp)), after.timestamp()->version, after.timestamp()->expires};
}

Result<FullVerifier> FullVerifier::from_factory(View director_root, View image_root, const Vin& vin, UtcTime made_at) {
    const Rules rules = rules_for(vin);
    TRY(TrustSet director, TrustSet::from_root(Repository::director, ReceivedRoot{director_root}, rules));
    TRY(TrustSet image, TrustSet::from_root(Repository::image, ReceivedRoot{image_root}, rules));
    return FullVerifier(vin, std::move(director), std::move(image), AttestedTime(KnownTime{made_at, made_at}));
}

Bytes FullVerifier::save() const {
    const KnownTime time = *time_.known();
    const Bytes director = director_.save(), image = image_.save();
    const std::string text = boost::json::serialize(json::Object{{"format", format},
                                                                 {"time", time.last.str()},
                                                                 {"confirmed", time.confirmed.str()},
                                                                 {"director", text_of(director)},
                                                                 {"image", text_of(image)}});
    return Bytes(text.begin(), text.end());
}

Result<FullVerifier> FullVerifier::load(View saved, const Vin& vin) {
    const auto read = [&]() -> Result<FullVerifier> {
        TRY(const json::Value document, json::parse(saved, saved_size_bytes_max));
        TRY(const json::Object* object, json::as_object(document, "a saved trust"));
        TRY(const std::uint64_t number, json::number(*object, "format", format));
        if (number != format) return broken("of another version of this program");
        TRY(const UtcTime last, json::time(*object, "time"));
        TRY(const UtcTime confirmed, json::time(*object, "confirmed"));
        TRY(const std::string director_text, json::string(*object, "director"));
        TRY(const std::string image_text, json::string(*object, "image"));
        const Rules rules = rules_for(vin);
        TRY(TrustSet director, TrustSet::load(Repository::director, view_of(director_text), rules));
        TRY(TrustSet image, TrustSet::load(Repository::image, view_of(image_text), rules));
        FullVerifier verifier(vin, std::move(director), std::move(image), AttestedTime(KnownTime{last, confirmed}));
        verifier.targets_version_ = version_in(verifier.director_.remembered(Role::targets));
        return verifier;
    }();
    if (!read && !read.error().is(faults::broken_state)) return broken(read.error().str());
    return read;
}

std::uint32_t FullVerifier::director_targets_version() const { return targets_version_; }

Result<std::vector<TrustedTarget>> FullVerifier::judge(View bundle, std::span<const VehicleEcu> our_ecus) {
    FullVerifier next = *this;
    next.director_.start_cycle();
    next.image_.start_cycle();
    TRY(const Files files, next.take_roots(bundle));
    ENSURE(next.attest(files));
    const UtcTime now = next.attested();
    ENSURE(next.accept_listed(files, now));
    ENSURE(next.accept_delegated(files, our_ecus));
    TRY(auto targets, match_own(vin_, our_ecus, next.director_, next.image_));
    next.time_.confirm(evidence_between(director_, next.director_));
    next.targets_version_ = next.director_.targets()->version;
    *this = std::move(next);
    return targets;
}

// Roots are accepted at once, so that the newest keys judge what follows them.
Result<FullVerifier::Files> FullVerifier::take_roots(View bundle) {
    TRY(BundleReader reader, BundleReader::open(bundle, full_bundle_size_bytes_max));
    Files files;
    while (const auto file = reader.next()) {
        if (file->role == BundleRole::root) {
            if (!files.listed.empty() || !files.delegated.empty())
                return fail(faults::bad_bundle, "a root behind what it should judge");
            TrustSet& of = file->repository == BundleRepository::director ? director_ : image_;
            ENSURE(of.succeed(ReceivedRoot{file->file}));
        } else if (file->role == BundleRole::delegated_targets) {
            if (!files.delegated.emplace(std::string(file->name), file->file).second)
                return fail(faults::bad_bundle, "a delegated role twice");
        } else if (!files.listed.emplace(Place{file->repository, file->role}, file->file).second) {
            return fail(faults::bad_bundle, "a role twice");
        }
    }
    return files;
}

Result<void> FullVerifier::attest(const Files& files) {
    const ReceivedTime received{files.of(BundleRepository::time, BundleRole::time_attestation)};
    if (received.file.empty()) return fail(faults::no_fresh_time);
    if (!nonce_) return fail(faults::nonce_missing, "no cycle was begun");
    const auto accepted = time_.accept(received, director_.root(), *nonce_);
    if (accepted || !accepted.error().is(faults::time_jump)) return accepted;
    // The second source: the Director's own files, if they are newer and valid at the time that is claimed.
    TRY(const UtcTime claimed, claimed_time(received));
    TrustSet then = director_;
    const View timestamp = files.of(BundleRepository::director, BundleRole::timestamp);
    if (!then.accept_timestamp(ReceivedTimestamp{timestamp}, claimed)) return accepted;
    return time_.accept(received, director_.root(), *nonce_, evidence_between(director_, then));
}

Result<void> FullVerifier::accept_listed(const Files& files, UtcTime now) {
    for (const auto& [repository, trust] :
         {std::pair{BundleRepository::director, &director_}, std::pair{BundleRepository::image, &image_}}) {
        ENSURE(trust->accept_timestamp(ReceivedTimestamp{files.of(repository, BundleRole::timestamp)}, now));
        ENSURE(trust->accept_snapshot(ReceivedSnapshot{files.of(repository, BundleRole::snapshot)}, now));
        ENSURE(trust->accept_targets(ReceivedTargets{files.of(repository, BundleRole::targets)}, now));
    }
    return {};
}

// As many as the search for our images asks for.
Result<void> FullVerifier::accept_delegated(const Files& files, std::span<const VehicleEcu> our_ecus) {
    for (const auto& [path, info] : director_.targets()->targets) {
        const auto ecu = std::ranges::find_if(our_ecus, [&](const VehicleEcu& each) { return info.ecu == each.id; });
        if (ecu == our_ecus.end()) continue;
        for (;;) {
            TRY(const Lookup found, image_.look_up(path, ecu->hardware));
            if (!found.needed) break;
            const auto file = files.delegated.find(found.needed->role());
            if (file == files.delegated.end())
                return fail(faults::not_in_image_repository,
                            std::format("role {:.80} is not in the bundle", found.needed->role()));
            ENSURE(image_.accept_delegated(ReceivedTargets{file->second}, *found.needed, attested()));
        }
    }
    return {};
}

}  // namespace pitstop::uptane
