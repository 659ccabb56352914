// The faults that only the command line itself can find.
#pragma once

#include "core/base/result.h"

namespace pitstop::cli::faults {

inline constexpr Fault already_there{
    "cli.already-there", Remedy::refuse, "Something stands where new files should go.",
    "Choose another place or name; --force, where it is offered, replaces it for good."};
inline constexpr Fault wrong_key{
    "cli.wrong-key", Remedy::refuse, "A key file holds a key of the other family.",
    "FILE-classical.key is ECDSA or Ed25519, FILE-pq.key is ML-DSA: put the right file there."};
inline constexpr Fault bad_person{"cli.bad-person", Remedy::refuse, "The name of a key's owner cannot be shown.",
                                  "Use up to 80 printable ASCII characters, as in \"Alice, release office\"."};
inline constexpr Fault not_sealed{"cli.not-sealed", Remedy::refuse,
                                  "A private key would leave its place without a passphrase.",
                                  "Name a file (mode 0600) that holds one: --passphrase-file-out for `pitstop key "
                                  "export --private`, --passphrase-file for `pitstop key import`."};
inline constexpr Fault no_keys{
    "cli.no-keys", Remedy::refuse, "A folder that should hold public keys holds none.",
    "Name a folder with FILE.pub, as `pitstop repo init` and `pitstop key generate` write them."};
inline constexpr Fault bad_ecu_option{
    "cli.bad-ecu-option", Remedy::refuse, "An option for one image is unknown, twice there, wrong or missing.",
    "Each image needs a binary and a version, as in --ecu-011-binary FILE --ecu-011-version 1.1.0; `pitstop package "
    "build --help` lists all options."};
inline constexpr Fault stray_file{"cli.stray-file", Remedy::distrust,
                                  "A campaign's folder holds a file that its metadata does not name.",
                                  "Somebody put it there: take it away, or fetch the folder again."};
inline constexpr Fault bad_did{"cli.bad-did", Remedy::refuse, "A data identifier has the wrong form.",
                               "Write four hex digits, as in F189."};
inline constexpr Fault bad_dtc{"cli.bad-dtc", Remedy::refuse, "A trouble code has the wrong form.",
                               "Write six hex digits, as `pitstop diag dtc list` prints them, or all."};
inline constexpr Fault bad_routine{"cli.bad-routine", Remedy::refuse, "A routine, or its option, has the wrong form.",
                                   "Write the routine as four hex digits, as in F003, and the option in hex."};
inline constexpr Fault bad_step{
    "cli.bad-step", Remedy::refuse, "A step of a diagnostic job has the wrong form.",
    "Write the request in hex, and behind '=' what is expected: `pitstop diag job run --help` shows how."};
inline constexpr Fault job_failed{"cli.job-failed", Remedy::refuse,
                                  "A diagnostic job did not end as its steps expected.",
                                  "The lines above name the ECUs and their answers; docs/faults.md explains the code."};
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

// Signing in a ceremony
inline constexpr Fault unknown_role{"cli.unknown-role", Remedy::refuse,
                                    "No role of this name, or none that may have it.",
                                    "`pitstop repo show --dir DIR` names the roles of a repository."};
inline constexpr Fault no_repository{
    "cli.no-repository", Remedy::refuse, "There is no published repository in the folder.",
    "`pitstop repo init --dir DIR` makes one; if its Root still waits for signatures, `pitstop repo show --dir DIR` "
    "says whose."};
inline constexpr Fault not_a_ceremony{
    "cli.not-a-ceremony", Remedy::refuse, "A file is not one that waits for signatures.",
    "Take it from the folder staged/, where `pitstop repo rotate`, `delegate` and `publish --package` write them."};
inline constexpr Fault altered{
    "cli.altered", Remedy::distrust, "A file was altered on its way between the signers.",
    "Sign nothing. Ask for the file again, and compare what `pitstop repo sign FILE` prints as SHA-256."};
inline constexpr Fault out_of_date{
    "cli.out-of-date", Remedy::refuse, "A staged file does not follow what is published, or its date has passed.",
    "Somebody published in between: delete it from staged/ and make it anew with `pitstop repo rotate`, `delegate` or "
    "`publish --package`."};
inline constexpr Fault may_not_sign{"cli.may-not-sign", Remedy::refuse, "This key may not sign this file.",
                                    "`pitstop repo sign FILE`, without --key, lists those who may; `pitstop key list "
                                    "--dir DIR` lists the keys that you have."};
inline constexpr Fault unexpected_content{
    "cli.unexpected-content", Remedy::distrust, "What would be signed is not what the signers agreed on.",
    "Sign nothing. Compare the file with the others', and ask whoever staged it."};
inline constexpr Fault different_files{"cli.different-files", Remedy::refuse,
                                       "Signatures of one file cannot be taken over into another.",
                                       "Merge copies of one staged file only; `pitstop repo sign FILE` shows each."};
inline constexpr Fault already_signed{
    "cli.already-signed", Remedy::refuse, "A staged file has signatures, which a change would throw away.",
    "Finish it with `pitstop repo sign` and `pitstop repo publish`; or delete it from staged/ and tell its signers."};
inline constexpr Fault signatures_missing{
    "cli.signatures-missing", Remedy::wait, "Staged files lack signatures and are not visible yet.",
    "Each person named above runs `pitstop repo sign FILE --key FILE.key`; then `pitstop repo publish --dir DIR`."};
inline constexpr Fault nothing_staged{
    "cli.nothing-staged", Remedy::refuse, "No file waits to be published.",
    "`pitstop repo rotate`, `delegate` or `publish --package DIR` stage one; `pitstop repo show --dir DIR` looks."};
inline constexpr Fault no_online_key{
    "cli.no-online-key", Remedy::refuse, "The keys of a role that is signed here are not in this folder.",
    "Run it where keys/online is, or stage other keys with `pitstop repo rotate --role ROLE --add FILE.pub`."};
inline constexpr Fault unknown_key_id{"cli.unknown-key-id", Remedy::refuse,
                                      "No key of the role, or more than one, has this id.",
                                      "Give 8 digits or more, as `pitstop repo show --dir DIR` prints them."};
inline constexpr Fault bad_threshold{"cli.bad-threshold", Remedy::refuse, "A threshold has the wrong form.",
                                     "Write --threshold 2, or --threshold classical=2,post_quantum=1; 1 to 32."};
inline constexpr Fault nothing_changes{
    "cli.nothing-changes", Remedy::refuse, "The next Root would say the same as the one in force.",
    "Name a change: --add, --remove or --threshold; --expires-days only renews its date."};
inline constexpr Fault bad_delegation{"cli.bad-delegation", Remedy::refuse,
                                      "A delegation says too little, or contradicts another.",
                                      "A role needs --key of both families and --paths; bins need --key and --bins N. "
                                      "See `pitstop repo delegate --help`."};
inline constexpr Fault not_delegated{
    "cli.not-delegated", Remedy::refuse, "Nobody has delegated to this role.",
    "`pitstop repo delegate --dir DIR --role ROLE --key FILE.pub --paths PATTERN` does, once Targets is signed."};
inline constexpr Fault not_covered{
    "cli.not-covered", Remedy::refuse, "A role would vouch for an image outside what was delegated to it.",
    "Publish it with another role (--as), or widen the delegation with `pitstop repo delegate --paths`."};

// Verifying
inline constexpr Fault file_missing{"cli.file-missing", Remedy::distrust,
                                    "A file that the one before it promises is not there.",
                                    "Publish again with `pitstop repo publish` or `pitstop repo refresh`."};
inline constexpr Fault root_ended{
    "cli.root-ended", Remedy::distrust, "The newest Root is past its date: vehicles accept nothing any more.",
    "`pitstop repo rotate --dir DIR --role root --expires-days 365`, then sign and publish."};
inline constexpr Fault no_first_root{"cli.no-first-root", Remedy::refuse,
                                     "Without a first Root nothing that a server says can be believed.",
                                     "Name it with --root: the 1.root.json that the factory puts into vehicles."};
inline constexpr Fault bad_vehicle_keys{"cli.bad-vehicle-keys", Remedy::refuse,
                                        "An option that names an ECU's keys is malformed, or names it twice.",
                                        "Write --ecu ECU_011=FILE.pub,FILE.pub, each ECU once."};

}  // namespace pitstop::cli::faults
