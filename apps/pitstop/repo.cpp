// pitstop repo: the signed metadata that vehicles believe.
#include "apps/pitstop/repo_commands.h"

#include <CLI/CLI.hpp>

namespace pitstop::cli {

void add_repo(CLI::App& app, Run& run) {
    CLI::App* const repo = app.add_subcommand("repo", "Signed metadata: the Image repository and the Director's Root");
    repo->require_subcommand(1);
    add_repo_init(*repo, run);
    add_repo_sign(*repo, run);
    add_repo_rotate(*repo, run);
    add_repo_delegate(*repo, run);
    add_repo_publish(*repo, run);
    add_repo_refresh(*repo, run);
    add_repo_verify(*repo, run);
    add_repo_show(*repo, run);
    repo->footer(
        "A first repository:      init, publish --package\n"
        "Several signers (m of n): init --root-signers …, sign, publish; then rotate, sign, publish\n"
        "Look at any time:        show, verify\n"
        "docs/ceremony.md leads through it.");
}

}  // namespace pitstop::cli
