// The faults that only the command line itself can find.
#pragma once

#include "core/base/result.h"

namespace pitstop::cli::faults {

inline constexpr Fault already_there{"cli.already-there", Remedy::refuse,
                                     "Keys or certificates stand where new ones should go.",
                                     "Choose another place; --force, where it is offered, replaces them for good."};
inline constexpr Fault wrong_key{
    "cli.wrong-key", Remedy::refuse, "A key file holds a key of the other family.",
    "FILE-classical.key is ECDSA or Ed25519, FILE-pq.key is ML-DSA: put the right file there."};
inline constexpr Fault no_keys{
    "cli.no-keys", Remedy::refuse, "A folder that should hold public keys holds none.",
    "Name a folder with FILE.pub, as `pitstop repo init` and `pitstop key generate` write them."};
inline constexpr Fault bad_ecu_option{
    "cli.bad-ecu-option", Remedy::refuse, "An option of the form --ecu-NNN-… is unknown, twice there or missing.",
    "Each ECU needs --ecu-NNN-binary, --ecu-NNN-version and --ecu-NNN-hardware, each once."};
inline constexpr Fault bad_did{"cli.bad-did", Remedy::refuse, "A data identifier has the wrong form.",
                               "Write four hex digits, as in F189."};
inline constexpr Fault bad_api_key{"cli.bad-api-key", Remedy::refuse, "A file that should hold an API key holds none.",
                                   "Put the key there as one word, as the server wrote it when it first started."};
inline constexpr Fault server_refused{
    "cli.server-refused", Remedy::refuse, "The server refused the request.",
    "The first line carries the server's own code and words; docs/faults.md explains the code."};
inline constexpr Fault vehicles_refused{"cli.vehicles-refused", Remedy::refuse,
                                        "The server said no for some of the vehicles.",
                                        "The lines above name the reason for each; the others are as they should be."};
inline constexpr Fault update_failed{"cli.update-failed", Remedy::refuse,
                                     "On some vehicles the update failed or was rolled back.",
                                     "The lines above name the reasons; the vehicles run what they ran before."};
inline constexpr Fault nothing_to_follow{"cli.nothing-to-follow", Remedy::refuse,
                                         "The campaign is not assigned to any vehicle.",
                                         "Deploy it first: pitstop campaign deploy ID --vin VIN."};
inline constexpr Fault bad_vehicle_keys{"cli.bad-vehicle-keys", Remedy::refuse,
                                        "An option that names an ECU's keys is malformed, or names it twice.",
                                        "Write --ecu ECU_011=FILE.pub,FILE.pub, each ECU once."};

}  // namespace pitstop::cli::faults
