// The subcommands of `pitstop repo`: one file each, put together in repo.cpp.
#pragma once

#include "apps/pitstop/commands.h"

namespace pitstop::cli {

void add_repo_init(CLI::App& repo, Run& run);
void add_repo_sign(CLI::App& repo, Run& run);
void add_repo_rotate(CLI::App& repo, Run& run);
void add_repo_delegate(CLI::App& repo, Run& run);
void add_repo_publish(CLI::App& repo, Run& run);
void add_repo_refresh(CLI::App& repo, Run& run);
void add_repo_verify(CLI::App& repo, Run& run);
void add_repo_show(CLI::App& repo, Run& run);

}  // namespace pitstop::cli
