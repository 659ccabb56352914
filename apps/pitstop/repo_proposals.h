// New metadata before anybody has signed it: which version, over which Root, against which file before it.
//
// Faults: cli.already-signed when signatures of others would be thrown away; those of repo_folder.h.
#pragma once

#include "apps/pitstop/repo_folder.h"

#include <string>

namespace pitstop::cli {

// `before`: the Roots in force; nothing for a first Root.
[[nodiscard]] Result<StagedFile> propose_root(const RepoOrder& order, uptane::Repository repository,
                                              const uptane::Root& next, const MaybeTrust& before);

// `root_file`: the Root that says who may sign; it may itself still be staged.
[[nodiscard]] Result<StagedFile> propose_targets(const RepoOrder& order, const uptane::Targets& next, View root_file,
                                                 const MaybeTrust& before);

// `delegator`: the Targets file that delegates to `role`; `previous` is empty for its first file.
[[nodiscard]] Result<StagedFile> propose_delegated(const RepoOrder& order, const uptane::Targets& next,
                                                   const DelegatedRole& role, View delegator, View previous);

// Into staged/, in place of an unsigned proposal of the same role. With the keys that lie here it is signed at once.
enum class SignHere { no, yes };
[[nodiscard]] Result<std::filesystem::path> stage(const RepoOrder& order, StagedFile staged, SignHere sign);

}  // namespace pitstop::cli
