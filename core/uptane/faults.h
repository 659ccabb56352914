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
inline constexpr Fault version_not_higher{"uptane.version-not-higher", Remedy::refuse,
                                          "New metadata must have a higher version than the metadata before it.",
                                          "Use the next number."};
inline constexpr Fault target_changed{"uptane.target-changed", Remedy::refuse,
                                      "An image of this name was published with other content.",
                                      "A published image never changes: give the new one a new version."};

}  // namespace pitstop::uptane::faults
