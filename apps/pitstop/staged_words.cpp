#include "apps/pitstop/staged_words.h"

#include "apps/pitstop/faults.h"
#include "apps/pitstop/role_names.h"
#include "apps/pitstop/role_words.h"
#include "core/uptane/trust_set.h"

#include <format>
#include <ostream>

namespace pitstop::cli {
namespace {

using uptane::Role;

Result<uptane::Root> root_in(View file) {
    TRY(const auto envelope, uptane::open_envelope(file, Role::root));
    return uptane::read_root(envelope.body);
}

Result<uptane::Targets> targets_in(const std::optional<Bytes>& file, uptane::Repository repository) {
    if (!file) return uptane::Targets{};
    TRY(const auto envelope, uptane::open_envelope(*file, Role::targets));
    return uptane::read_targets(envelope.body, repository);
}

Result<void> check_follows(std::uint32_t version, std::uint32_t before, std::string_view role) {
    if (version == std::uint64_t{before} + 1) return {};
    return fail(faults::out_of_date, std::format("{} {} after {}", role, version, before));
}

Result<void> check_date(UtcTime expires, UtcTime now) {
    if (now < expires) return {};
    return fail(faults::out_of_date, std::format("it ended {}", expires.str()));
}

Result<void> check_root(const StagedFile& staged, UtcTime now) {
    TRY(const uptane::Root next, uptane::read_root(staged.body));
    std::uint32_t before = 0;
    if (staged.trusted) {
        TRY(const uptane::Root trusted, root_in(*staged.trusted));
        before = trusted.version;
    }
    ENSURE(check_follows(next.version, before, "root"));
    return check_date(next.expires, now);
}

Result<void> check_targets(const StagedFile& staged, UtcTime now) {
    TRY(const uptane::Targets next, uptane::read_targets(staged.body, staged.repository));
    TRY(const uptane::Targets before, targets_in(staged.previous, staged.repository));
    ENSURE(check_follows(next.version, staged.previous ? before.version : 0, staged.role));
    return check_date(next.expires, now);
}

void print_lines(std::string_view title, const std::vector<std::string>& lines, std::ostream& out) {
    out << title << '\n';
    if (lines.empty()) out << "  nothing but version and date\n";
    for (const std::string& line : lines) out << "  " << line << '\n';
}

void print_roles(const uptane::Root& root, const Names& names, std::ostream& out) {
    out << "Afterwards\n";
    for (const char* name : {"root", "targets", "snapshot", "timestamp", "time"}) {
        const uptane::RoleKeys* const role = slot_of(root, name);
        if (!role) continue;
        out << std::format("  {:<10} {}\n", name, threshold_words(*role, root.keys));
        for (const std::string& keyid : role->keyids)
            if (const crypto::PublicKey* key = root.keys.find(keyid))
                out << std::format("             {:<10} {}\n", to_string(key->type()), called(key->key_id(), names));
    }
}

Result<void> explain_root(const StagedFile& staged, UtcTime now, std::ostream& out) {
    TRY(const uptane::Root next, uptane::read_root(staged.body));
    out << std::format("{}, {}\n", title_of(staged), until_words(next.expires, now));
    if (staged.trusted) {
        TRY(const uptane::Root before, root_in(*staged.trusted));
        print_lines(std::format("Changes against Root {}", before.version), changes(before, next, staged.names), out);
    } else {
        out << "The first Root: vehicles get it in the factory. Nothing before it vouches for it.\n";
    }
    print_roles(next, staged.names, out);
    return {};
}

Result<void> explain_targets(const StagedFile& staged, UtcTime now, std::ostream& out) {
    TRY(const uptane::Targets next, uptane::read_targets(staged.body, staged.repository));
    TRY(const uptane::Targets before, targets_in(staged.previous, staged.repository));
    out << std::format("{}, {}, {} images\n", title_of(staged), until_words(next.expires, now), next.targets.size());
    print_lines(staged.previous ? std::format("Changes against version {}", before.version) : "Content",
                changes(before, next, staged.names), out);
    return {};
}

}  // namespace

std::string title_of(const StagedFile& staged) {
    const std::string role = staged.is_root()           ? "Root"
                             : staged.role == "targets" ? "Targets"
                                                        : std::format("Targets of {}", staged.role);
    const auto version = staged.version();
    return std::format("{} {} of the {} repository", role, version ? *version : 0,
                       staged.repository == uptane::Repository::image ? "Image" : "Director");
}

Result<void> check_proposal(const StagedFile& staged, UtcTime now) {
    if (staged.trusted) {
        const auto trusted = uptane::TrustSet::from_root(staged.repository, uptane::ReceivedRoot{*staged.trusted});
        // Targets may wait for a Root that is itself still being signed.
        if (!trusted && staged.is_root()) return fail(faults::altered, "the Root in force that came with it");
    }
    return staged.is_root() ? check_root(staged, now) : check_targets(staged, now);
}

void print_signatures(const StagedFile& staged, const SigningStatus& status, std::ostream& out) {
    for (const Demand& demand : status.demands) {
        out << std::format("Signatures for {}: {}{}\n", demand.whose, counted(demand),
                           demand.is_met() ? ", complete" : "");
        for (const Holder& holder : demand.holders)
            out << std::format("  {}  {}, {}\n", holder.has_signed ? "signed " : "missing",
                               called(holder.key.key_id(), staged.names), to_string(crypto::family(holder.key.type())));
    }
}

Result<void> explain(const StagedFile& staged, const SigningStatus& status, UtcTime now, std::ostream& out) {
    ENSURE(staged.is_root() ? explain_root(staged, now, out) : explain_targets(staged, now, out));
    print_signatures(staged, status, out);
    TRY(const std::string digest, digest_of(staged));
    out << "What is signed (SHA-256; every signer must see the same)\n ";
    for (std::size_t at = 0; at < digest.size(); at += 8) out << ' ' << digest.substr(at, 8);
    out << '\n';
    return {};
}

}  // namespace pitstop::cli
