// The faults of this room. The headers name the clauses: anchors (#check_root) are those of the Uptane Standard 2.1.0.
#pragma once

#include "core/base/result.h"

namespace pitstop::uptane::faults {

// One file by itself
inline constexpr Fault too_large{"uptane.too-large", Remedy::distrust,
                                 "A metadata file is larger than its role may ever be.",
                                 "The detail names the cap; look at what the repository serves."};
inline constexpr Fault wrong_role{"uptane.wrong-role", Remedy::distrust,
                                  "A metadata file is of another role than the one that was asked for.",
                                  "The repository serves files under the wrong names."};
inline constexpr Fault wrong_spec_version{"uptane.wrong-spec-version", Remedy::distrust,
                                          "A metadata file follows a specification that this version does not read.",
                                          "Specification 1.0 is read; update the vehicle or the repository's tool."};
inline constexpr Fault too_many_signatures{"uptane.too-many-signatures", Remedy::distrust,
                                           "A metadata file carries more signatures than anybody needs.",
                                           "At most 32 are read; remove the others."};
inline constexpr Fault bad_member{"uptane.bad-member", Remedy::distrust,
                                  "A member of a metadata file contradicts the standard.",
                                  "The detail names the member; correct the tool that wrote the file."};

// Keys and thresholds
inline constexpr Fault bad_key{"uptane.bad-key", Remedy::distrust,
                               "A key in Root is malformed or is not of the type it claims.",
                               "Use ecdsa / ecdsa-sha2-nistp256, ed25519 or ml-dsa with a PEM of the same type."};
inline constexpr Fault unknown_keyid{"uptane.unknown-keyid", Remedy::distrust,
                                     "Root gives a role a key that Root does not hold.",
                                     "Add the key to Root or take its id out of the role."};
inline constexpr Fault bad_threshold{"uptane.bad-threshold", Remedy::distrust,
                                     "A threshold in Root is zero, or no number of its keys can reach it.",
                                     "Each family needs a threshold of at least 1 and as many different keys."};
inline constexpr Fault classical_missing{"uptane.classical-missing", Remedy::distrust,
                                         "Too few different classical keys have signed a metadata file.",
                                         "Sign with the classical keys that Root names; ML-DSA alone is not enough."};
inline constexpr Fault post_quantum_missing{
    "uptane.post-quantum-missing", Remedy::distrust, "Too few different ML-DSA keys have signed a metadata file.",
    "Sign with the ML-DSA keys that Root names; a classical signature alone is not enough."};
inline constexpr Fault threshold_not_reached{
    "uptane.threshold-not-reached", Remedy::distrust, "Too few different keys have signed a metadata file.",
    "Sign with as many of the keys that Root names as its threshold asks for."};

// One file after another
inline constexpr Fault out_of_order{"uptane.out-of-order", Remedy::stop,
                                    "Metadata was used before the file that vouches for it was accepted.",
                                    "Root, Timestamp, Snapshot, Targets: this is an error in the program, report it."};
inline constexpr Fault expired{"uptane.expired", Remedy::distrust, "A metadata file is past its date.",
                               "Check the vehicle's time; then sign the role again with a later date."};
inline constexpr Fault rolled_back{"uptane.rolled-back", Remedy::distrust,
                                   "A metadata file is older than one that was trusted before.",
                                   "Somebody serves old files: an attack, or a repository restored from a backup."};
inline constexpr Fault same_version_changed{"uptane.same-version-changed", Remedy::distrust,
                                            "A metadata file has a version that was trusted before, but other bytes.",
                                            "Every change needs a higher version; otherwise it is an attack."};
inline constexpr Fault wrong_version{"uptane.wrong-version", Remedy::distrust,
                                     "A metadata file has another version than the one that was promised.",
                                     "A new Root is exactly one higher; the others are named by the file before them."};
inline constexpr Fault wrong_length{"uptane.wrong-length", Remedy::distrust,
                                    "A metadata file has another length than the one that was promised.",
                                    "Files of different publications were mixed, or one was cut off."};
inline constexpr Fault wrong_hash{"uptane.wrong-hash", Remedy::distrust,
                                  "A metadata file has another digest than the one that was promised.",
                                  "Files of different publications were mixed, or one was altered."};
inline constexpr Fault entry_dropped{"uptane.entry-dropped", Remedy::distrust,
                                     "A Snapshot no longer lists a file that it listed before.",
                                     "Files in a Snapshot never disappear: restore the entry."};
inline constexpr Fault not_in_snapshot{"uptane.not-in-snapshot", Remedy::distrust,
                                       "Targets delegate to a role that Snapshot does not list.",
                                       "Publish the delegated role's file and a Snapshot that lists it."};
inline constexpr Fault search_too_long{"uptane.search-too-long", Remedy::distrust,
                                       "The search for one image led through too many delegated roles.",
                                       "At most 32 are looked into; give the delegations narrower paths."};
inline constexpr Fault not_published{"uptane.not-published", Remedy::retry,
                                     "A repository does not have a metadata file that it must have.",
                                     "Publish it; if it is published, the repository is in the middle of a change."};
inline constexpr Fault too_many_roots{"uptane.too-many-roots", Remedy::distrust,
                                      "A repository serves one new Root after another without end.",
                                      "The chain stops at 1024 a cycle; look at what the repository serves."};
inline constexpr Fault broken_state{
    "uptane.broken-state", Remedy::stop, "What was trusted before the restart cannot be read back.",
    "The vehicle's storage is damaged; without it, old metadata could be played again. Service it."};

// What the Director says about this vehicle
inline constexpr Fault wrong_vin{"uptane.wrong-vin", Remedy::distrust,
                                 "The Director's Targets are for another vehicle.",
                                 "The server mixed up vehicles, or somebody replays another vehicle's files."};
inline constexpr Fault unknown_ecu{"uptane.unknown-ecu", Remedy::distrust,
                                   "The Director names an ECU that this vehicle does not have.",
                                   "Correct the vehicle's description on the server."};
inline constexpr Fault duplicate_ecu{"uptane.duplicate-ecu", Remedy::distrust,
                                     "The Director names two images for one ECU.", "Assign one image per ECU."};
inline constexpr Fault wrong_hardware{"uptane.wrong-hardware", Remedy::distrust,
                                      "An image is not meant for the hardware of its ECU.",
                                      "Assign an image whose hardware ids contain the ECU's."};
inline constexpr Fault not_in_image_repository{
    "uptane.not-in-image-repository", Remedy::distrust,
    "The Director names an image that the Image repository does not vouch for.",
    "Publish the image first; if it is, the Director is not to be believed."};
inline constexpr Fault repositories_disagree{"uptane.repositories-disagree", Remedy::distrust,
                                             "Director and Image repository describe one image differently.",
                                             "Length, every digest, version and release counter must agree."};
inline constexpr Fault release_counter_back{
    "uptane.release-counter-back", Remedy::distrust, "An image has a lower release counter than the installed one.",
    "An ECU never goes back to an older release; build the old software with a higher counter."};

// At the desk
inline constexpr Fault not_printable{"uptane.not-printable", Remedy::refuse,
                                     "A text that shall be signed contains other than printable ASCII.",
                                     "Write names and versions in plain letters: what is signed must look the same "
                                     "to everybody."};
inline constexpr Fault version_not_higher{"uptane.version-not-higher", Remedy::refuse,
                                          "New metadata must have a higher version than the metadata before it.",
                                          "Use the next number."};
inline constexpr Fault target_changed{"uptane.target-changed", Remedy::refuse,
                                      "An image of this name was published with other content.",
                                      "A published image never changes: give the new one a new version."};

// Reports of ECUs, the vehicle's manifest, and time (docs/formats/manifest.md, time.md)
inline constexpr Fault report_too_long{
    "uptane.report-too-long", Remedy::stop, "A version report does not fit where it should be written.",
    "Lend version_report_bytes_max and packed_report_bytes_max: an error in the program."};
inline constexpr Fault unregistered{"uptane.unregistered", Remedy::refuse,
                                    "Nobody has registered keys for a vehicle or an ECU that reports.",
                                    "Register them: pitstop vehicle keys VIN --primary FILE,FILE --ecu ECU_011=FILE."};
inline constexpr Fault bad_registration{
    "uptane.bad-registration", Remedy::refuse,
    "The keys that should be registered for a vehicle contradict themselves.",
    "Both families for the Primary, a classical key for every ECU, and no key twice."};
inline constexpr Fault foreign_key{"uptane.foreign-key", Remedy::distrust,
                                   "No key that is registered for the sender has signed what it says.",
                                   "An attack, or an ECU was replaced: register the keys of the new one."};
inline constexpr Fault family_missing{
    "uptane.family-missing", Remedy::distrust,
    "One family of signatures is missing, though a key of it is registered for the sender.",
    "An attempt to get by with the weaker half, or a sender that lost a key: look at it, then register its keys anew."};
inline constexpr Fault wrong_reporter{
    "uptane.wrong-reporter", Remedy::distrust,
    "What is said speaks for another vehicle, ECU or hardware than its sender.",
    "A report was copied from elsewhere, or an ECU was replaced without being known."};
inline constexpr Fault counter_back{"uptane.counter-back", Remedy::distrust,
                                    "A report or manifest has a lower counter than one that was accepted before.",
                                    "An old one was played again, or its sender lost its memory: look at it."};
inline constexpr Fault counter_reused{"uptane.counter-reused", Remedy::distrust,
                                      "Two different reports or manifests carry the same counter.",
                                      "A sender's key is used by two, or its counter does not survive a power cut."};
inline constexpr Fault too_many_reports{"uptane.too-many-reports", Remedy::distrust,
                                        "A manifest speaks of more ECUs than a vehicle can have.",
                                        "At most 100 are read; correct the gateway."};
inline constexpr Fault time_back{"uptane.time-back", Remedy::distrust,
                                 "Time would go back behind what was attested or reported before.",
                                 "An old attestation was played again, or the time server's clock is wrong."};
inline constexpr Fault time_ahead{"uptane.time-ahead", Remedy::distrust,
                                  "A vehicle claims a time that has not come yet.",
                                  "Correct the clock of the vehicle, or of the server."};
inline constexpr Fault time_jump{"uptane.time-jump", Remedy::distrust,
                                 "Time would jump further than the time server may move it alone.",
                                 "The Director's own metadata has to confirm it: renew its Timestamp, then ask again."};
inline constexpr Fault nonce_missing{"uptane.nonce-missing", Remedy::distrust,
                                     "A time attestation does not answer this ECU's nonce.",
                                     "An old attestation was played again, or nonces were mixed up: ask again."};
inline constexpr Fault no_time_keys{"uptane.no-time-keys", Remedy::refuse,
                                    "The Director's Root names no keys for the time server.",
                                    "Publish a Root with the role `time`."};

// What a small ECU judges by itself (docs/formats/bundle.md)
inline constexpr Fault bad_bundle{"uptane.bad-bundle", Remedy::distrust,
                                  "A trust bundle is malformed, or holds files that it must not hold.",
                                  "The gateway packs it; the detail says what is wrong."};
inline constexpr Fault no_fresh_time{"uptane.no-fresh-time", Remedy::distrust,
                                     "Targets came without a time attestation that answers this ECU's nonce.",
                                     "Begin a trust cycle, and put the time attestation into its bundle."};
inline constexpr Fault too_many_keys{"uptane.too-many-keys", Remedy::distrust,
                                     "A Root has more keys than this ECU has room for.",
                                     "Give its roles fewer or shorter keys, or the ECU more storage."};

}  // namespace pitstop::uptane::faults
