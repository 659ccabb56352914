#include "apps/pitstop/repo_proposals.h"

#include "apps/pitstop/commands.h"
#include "apps/pitstop/faults.h"
#include "apps/pitstop/signing_status.h"

#include <algorithm>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;
using uptane::Role;

Bytes copy(View file) { return Bytes(file.begin(), file.end()); }

Result<StagedFile> proposal(const RepoOrder& order, uptane::Repository repository, std::string role,
                            json::Object body) {
    StagedFile staged;
    staged.repository = repository;
    staged.role = std::move(role);
    staged.body = std::move(body);
    TRY(staged.names, names_in(order));
    return staged;
}

Result<void> sign_here(const RepoOrder& order, StagedFile& staged) {
    TRY(const SigningStatus status, status_of(staged));
    TRY(const std::string canonical, json::canonical(staged.body));
    for (const Demand& demand : status.demands) {
        uptane::Keys keys;
        for (const Holder& holder : demand.holders) keys.by_id.emplace(holder.keyid, holder.key);
        TRY(auto signers, local_signers(order, demand.role, keys));
        for (crypto::SoftwareSigner& signer : signers) {
            TRY(uptane::Signature signature, uptane::sign_canonical(canonical, signer));
            signature.keyid = status.holder(signer.public_key())->keyid;
            const auto same = [&](const uptane::Signature& one) { return one.keyid == signature.keyid; };
            if (std::ranges::none_of(staged.signatures, same)) staged.signatures.push_back(std::move(signature));
        }
    }
    return {};
}

}  // namespace

Result<StagedFile> propose_root(const RepoOrder& order, uptane::Repository repository, const uptane::Root& next,
                                const MaybeTrust& before) {
    const json::Object body = to_json(next);
    TRY([[maybe_unused]] const uptane::Root checked, uptane::read_root(body));  // the reader knows every rule
    TRY(StagedFile staged, proposal(order, repository, "root", body));
    if (before) staged.trusted = staged.previous = copy(before->remembered(Role::root));
    return staged;
}

Result<StagedFile> propose_targets(const RepoOrder& order, const uptane::Targets& next, View root_file,
                                   const MaybeTrust& before) {
    TRY(StagedFile staged, proposal(order, uptane::Repository::image, "targets", to_json(next)));
    staged.trusted = copy(root_file);
    if (before && before->targets()) staged.previous = copy(before->remembered(Role::targets));
    return staged;
}

Result<StagedFile> propose_delegated(const RepoOrder& order, const uptane::Targets& next, const DelegatedRole& role,
                                     View delegator, View previous) {
    TRY(StagedFile staged, proposal(order, uptane::Repository::image, role.str(), to_json(next)));
    staged.delegator = copy(delegator);
    if (!previous.empty()) staged.previous = copy(previous);
    return staged;
}

Result<fs::path> stage(const RepoOrder& order, StagedFile staged, SignHere sign) {
    TRY(const auto others, list_staged(order));
    for (const StagedPath& other : others) {
        if (other.file.repository != staged.repository || other.file.role != staged.role) continue;
        if (!other.file.signatures.empty()) return fail(faults::already_signed, other.path.string());
    }
    if (sign == SignHere::yes) ENSURE(sign_here(order, staged));
    ENSURE(make_folder(order.staged()));
    TRY(const std::string name, staged.file_name());
    ENSURE(write_staged(order.staged() / name, staged));
    return order.staged() / name;
}

}  // namespace pitstop::cli
