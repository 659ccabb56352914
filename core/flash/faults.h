// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::flash::faults {

// The memory itself.
inline constexpr Fault bad_geometry{"flash.bad-geometry", Remedy::stop,
                                    "The described flash cannot hold two banks and their records.",
                                    "Correct the sectors in the ECU's configuration; the detail says what is missing."};
inline constexpr Fault bad_address{"flash.bad-address", Remedy::refuse,
                                   "An operation went outside the flash or its alignment.",
                                   "This is an error in the program that asked; report it."};
inline constexpr Fault sets_a_bit{"flash.sets-a-bit", Remedy::refuse,
                                  "A program operation would have set a bit, which only an erase can.",
                                  "Erase the sector first."};
inline constexpr Fault device_failed{"flash.device-failed", Remedy::stop, "The flash reported a failure.",
                                     "The memory is worn out or broken, or its file cannot be written; replace it."};
inline constexpr Fault write_protected{"flash.write-protected", Remedy::refuse,
                                       "Something tried to change the golden boot loader.",
                                       "This is an error in the program that asked; report it."};
inline constexpr Fault power_lost{"flash.power-lost", Remedy::retry, "The power failed during a flash operation.",
                                  "Nothing to do: the ECU starts again with the old or the new software."};

// Slots: what an ECU answers to its tester.
inline constexpr Fault bad_record{"flash.bad-record", Remedy::refuse, "An image record or bank state is malformed.",
                                  "Use a tester of the same version as the ECU; the detail names the member."};
inline constexpr Fault wrong_sequence{"flash.wrong-sequence", Remedy::refuse,
                                      "A step of the programming sequence came out of order.",
                                      "Start the programming sequence of this ECU again."};
inline constexpr Fault too_large{"flash.too-large", Remedy::refuse, "The image does not fit into a bank.",
                                 "Build a smaller image, or choose the right hardware id."};
inline constexpr Fault wrong_size{"flash.wrong-size", Remedy::refuse,
                                  "Another number of bytes arrived than was announced.",
                                  "Start the programming sequence of this ECU again."};
inline constexpr Fault wrong_hardware{"flash.wrong-hardware", Remedy::refuse,
                                      "The image was made for another hardware.",
                                      "Assign an image whose hardware id is this ECU's."};
inline constexpr Fault rolled_back{
    "flash.rolled-back", Remedy::distrust, "The image's release counter is below the one that was committed.",
    "Somebody offers old software; release it again with a higher counter if that is intended."};
inline constexpr Fault wrong_digest{"flash.wrong-digest", Remedy::distrust,
                                    "What was read back from flash does not have the announced digest.",
                                    "The image was damaged or changed on the way into the ECU; transfer it again."};
inline constexpr Fault trial_running{"flash.trial-running", Remedy::wait,
                                     "The ECU runs an image on trial, so its other bank must stay as it is.",
                                     "Commit the running image or roll it back first."};
inline constexpr Fault nothing_staged{"flash.nothing-staged", Remedy::refuse, "There is no checked image to activate.",
                                      "Stage an image first; after a fallback it must be transferred again."};
inline constexpr Fault nothing_on_trial{"flash.nothing-on-trial", Remedy::refuse,
                                        "There is no image on trial to commit.",
                                        "Read the bank state: the ECU has fallen back, or was never activated."};
inline constexpr Fault nothing_to_roll_back{
    "flash.nothing-to-roll-back", Remedy::refuse, "No image is staged or on trial.",
    "A committed image is replaced by a campaign with a newer release, not by rolling back."};

// Metadata intake: what an ECU believes before its flash is touched.
inline constexpr Fault not_approved{"flash.not-approved", Remedy::refuse,
                                    "The image is not the one that the ECU itself has approved.",
                                    "Send the ECU metadata that names this image, then its bytes."};
inline constexpr Fault no_trust_cycle{"flash.no-trust-cycle", Remedy::retry,
                                      "The ECU has not begun a trust cycle, or has forgotten it in a restart.",
                                      "Nothing to do: the gateway begins a new one."};
inline constexpr Fault not_trusted{"flash.not-trusted", Remedy::distrust,
                                   "The ECU does not believe the metadata, for a reason that has no code here.",
                                   "The ECU's own log and its version report name the reason."};

// Programmer: what the tester finds at the ECU.
inline constexpr Fault strange_answer{"flash.strange-answer", Remedy::retry,
                                      "The ECU's answer does not fit the request.",
                                      "Check that tester and ECU speak the same version of the programming sequence."};
inline constexpr Fault not_ready{"flash.not-ready", Remedy::wait,
                                 "The ECU's preconditions for programming are not met.",
                                 "Bring the vehicle into a safe state (parked, charged) and try again."};
inline constexpr Fault fell_back{"flash.fell-back", Remedy::refuse,
                                 "After the reset the ECU runs another image than the one activated.",
                                 "The new image did not start; the detail says why the ECU fell back."};
inline constexpr Fault already_committed{"flash.already-committed", Remedy::refuse,
                                         "The image was committed and cannot be rolled back.",
                                         "Release the older software with a higher release counter."};

}  // namespace pitstop::flash::faults
