// How the commands that speak DoIP reach an entity: over TLS, and who is there at all.
#pragma once

#include "apps/pitstop/commands.h"
#include "io/ethernet/doip_client.h"

namespace pitstop::cli {

// --tls-profile, --tls-certificate, --tls-key, --tls-trust. One of them given: nothing but TLS is spoken, on port 3496
// unless another port was named. `peer` lives until the command has run.
void add_tls_options(CLI::App& command, io::ethernet::DoipPeer& peer);

// pitstop diag find: identification over UDP.
void add_find(CLI::App& diag, Run& run);

}  // namespace pitstop::cli
