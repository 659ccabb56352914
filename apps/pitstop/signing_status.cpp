#include "apps/pitstop/signing_status.h"

#include "apps/pitstop/faults.h"

#include <algorithm>
#include <format>
#include <set>

namespace pitstop::cli {
namespace {

using uptane::Role;

Demand demand_of(std::string whose, const uptane::RoleKeys& role, const uptane::Keys& keys) {
    Demand demand{std::move(whose), role, {}};
    for (const std::string& keyid : role.keyids)
        if (const crypto::PublicKey* key = keys.find(keyid)) demand.holders.push_back({*key, keyid, false});
    return demand;
}

Result<uptane::Root> root_in(View file) {
    TRY(const auto envelope, uptane::open_envelope(file, Role::root));
    return uptane::read_root(envelope.body);
}

// The same people for the same number of signatures: one line for both.
bool same_people(const Demand& a, const Demand& b) {
    const auto ids = [](const Demand& demand) {
        std::set<std::string> all;
        for (const Holder& holder : demand.holders) all.insert(holder.key.key_id());
        return all;
    };
    return a.role.families == b.role.families && a.role.threshold == b.role.threshold && ids(a) == ids(b);
}

Result<std::vector<Demand>> demands_of_root(const StagedFile& staged) {
    TRY(const uptane::Root next, uptane::read_root(staged.body));
    Demand own = demand_of(std::format("Root {} itself", next.version), next.of(Role::root), next.keys);
    if (!staged.trusted) return std::vector{std::move(own)};
    TRY(const uptane::Root now, root_in(*staged.trusted));
    Demand old = demand_of(std::format("Root {}, which is in force", now.version), now.of(Role::root), now.keys);
    if (same_people(old, own)) {
        own.whose = std::format("Root {} and Root {} before it", next.version, now.version);
        return std::vector{std::move(own)};
    }
    return std::vector{std::move(old), std::move(own)};
}

Result<std::vector<Demand>> demands_of_targets(const StagedFile& staged) {
    if (!staged.trusted) return fail(faults::not_a_ceremony, "no Root says who may sign");
    TRY(const uptane::Root root, root_in(*staged.trusted));
    return std::vector{demand_of(std::format("Root {} for targets", root.version), root.of(Role::targets), root.keys)};
}

Result<std::vector<Demand>> demands_of_delegated(const StagedFile& staged) {
    if (!staged.delegator) return fail(faults::not_a_ceremony, "no Targets says who may sign");
    TRY(const auto envelope, uptane::open_envelope(*staged.delegator, Role::targets));
    TRY(const uptane::Targets from, uptane::read_targets(envelope.body, staged.repository));
    const std::string whose = std::format("Targets {} for {}", from.version, staged.role);
    if (!from.delegations) return fail(faults::not_delegated, staged.role);
    const uptane::RoleKeys* const keys = delegated_keys(*from.delegations, staged.role);
    if (!keys) return fail(faults::not_delegated, staged.role);
    return std::vector{demand_of(whose, *keys, from.delegations->keys)};
}

Result<SigningStatus> demands_of(const StagedFile& staged) {
    if (staged.is_root()) {
        TRY(auto demands, demands_of_root(staged));
        return SigningStatus{std::move(demands)};
    }
    if (staged.role == "targets") {
        TRY(auto demands, demands_of_targets(staged));
        return SigningStatus{std::move(demands)};
    }
    TRY(auto demands, demands_of_delegated(staged));
    return SigningStatus{std::move(demands)};
}

}  // namespace

const uptane::RoleKeys* delegated_keys(const uptane::Delegations& delegations, std::string_view role) {
    for (const uptane::Delegation& one : delegations.roles)
        if (one.role == role) return &one.keys;
    const auto& bins = delegations.bins;
    if (!bins || !role.starts_with(bins->name_prefix + "-")) return nullptr;
    const std::string_view number = role.substr(bins->name_prefix.size() + 1);
    const std::size_t digits = (bins->bit_length + 3) / 4;
    const bool is_bin = number.size() == digits && number.find_first_not_of("0123456789abcdef") == number.npos &&
                        std::stoul(std::string(number), nullptr, 16) < (std::uint64_t{1} << bins->bit_length);
    return is_bin ? &bins->keys : nullptr;
}

std::uint32_t Demand::signed_by(crypto::Family family) const {
    std::set<std::string> different;
    for (const Holder& holder : holders)
        if (holder.has_signed && crypto::family(holder.key.type()) == family) different.insert(holder.key.key_id());
    return static_cast<std::uint32_t>(different.size());
}

std::uint32_t Demand::needed(crypto::Family family) const {
    return family == crypto::Family::classical ? role.families.classical : role.families.post_quantum;
}

bool Demand::is_met() const {
    const std::uint32_t classical = signed_by(crypto::Family::classical);
    const std::uint32_t post_quantum = signed_by(crypto::Family::post_quantum);
    return classical >= role.families.classical && post_quantum >= role.families.post_quantum &&
           classical + post_quantum >= role.threshold;
}

bool SigningStatus::is_complete() const { return std::ranges::all_of(demands, &Demand::is_met); }

const Holder* SigningStatus::holder(const crypto::PublicKey& key) const {
    for (const Demand& demand : demands)
        for (const Holder& holder : demand.holders)
            if (holder.key == key) return &holder;
    return nullptr;
}

Result<SigningStatus> status_of(const StagedFile& staged) {
    TRY(SigningStatus status, demands_of(staged));
    TRY(const std::string canonical, json::canonical(staged.body));
    for (const uptane::Signature& signature : staged.signatures) {
        bool known = false;
        for (Demand& demand : status.demands)
            for (Holder& holder : demand.holders) {
                if (holder.keyid != signature.keyid) continue;
                const Bytes message = uptane::signed_message(holder.key.type(), canonical);
                if (!crypto::verify(holder.key, message, signature.value))
                    return fail(faults::altered, std::format("the signature of {} is not of this content",
                                                             called(signature.keyid, staged.names)));
                holder.has_signed = known = true;
            }
        if (!known)
            return fail(faults::altered,
                        std::format("signed by {}, who may not", called(signature.keyid, staged.names)));
    }
    return status;
}

std::string counted(const Demand& demand) {
    using enum crypto::Family;
    return std::format("classical {} of {}, post-quantum {} of {}", demand.signed_by(classical),
                       demand.needed(classical), demand.signed_by(post_quantum), demand.needed(post_quantum));
}

std::vector<std::string> still_to_sign(const SigningStatus& status, const Names& names) {
    std::vector<std::string> people;
    for (const Demand& demand : status.demands) {
        if (demand.is_met()) continue;
        for (const Holder& holder : demand.holders) {
            const auto family = crypto::family(holder.key.type());
            if (holder.has_signed || demand.signed_by(family) >= demand.needed(family)) continue;
            std::string person = std::format("{}, {}", called(holder.key.key_id(), names), to_string(family));
            if (!std::ranges::contains(people, person)) people.push_back(std::move(person));
        }
    }
    return people;
}

}  // namespace pitstop::cli
