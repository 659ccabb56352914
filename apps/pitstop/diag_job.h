// pitstop diag job: remote diagnostics, through the server.
#pragma once

namespace CLI {
class App;
}

namespace pitstop::cli {

struct Run;
void add_diag_job(CLI::App& diag, Run& run);

}  // namespace pitstop::cli
