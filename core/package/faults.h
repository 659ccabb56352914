// The faults of this room.
#pragma once

#include "core/base/result.h"

namespace pitstop::package::faults {

// The 64-byte header
inline constexpr Fault not_a_record{"package.not-a-record", Remedy::distrust,
                                    "Bytes that should be a SWPG record do not begin with its magic.",
                                    "Compare the file with the one that was built; the offset or the file is wrong."};
inline constexpr Fault unknown_address{
    "package.unknown-address", Remedy::distrust, "A record names an ECU address that cannot exist.",
    "Addresses are 0x0001 to 0x0100 in decimal digits, 0x0E00 for the vehicle's gateway, 0 for the OEM as source."};
inline constexpr Fault unknown_software_type{"package.unknown-software-type", Remedy::distrust,
                                             "A record has a software type that does not exist.",
                                             "Types are 1 application, 2 boot loader, 3 calibration, 4 configuration."};
inline constexpr Fault unknown_compression{"package.unknown-compression", Remedy::distrust,
                                           "A record is compressed in an unknown way.",
                                           "Known are 0 none, 1 gzip, 2 zstd."};
inline constexpr Fault unknown_encoding{"package.unknown-encoding", Remedy::distrust,
                                        "A record is encoded in an unknown way.", "Known are 0 full image, 1 delta."};
inline constexpr Fault unknown_sealing{"package.unknown-sealing", Remedy::distrust,
                                       "A record is sealed in an unknown way.", "Known are 0 none, 1 HPKE."};
inline constexpr Fault reserved_not_zero{
    "package.reserved-not-zero", Remedy::distrust, "Bytes of a record's header that must be zero are not.",
    "The signature field and the reserved bytes are zero: authenticity comes from signed metadata only."};
inline constexpr Fault impossible_size{"package.impossible-size", Remedy::distrust,
                                       "A record's sizes contradict each other or are zero.",
                                       "A record that is neither compressed, sealed nor a delta has two equal sizes."};
inline constexpr Fault too_many_hops{"package.too-many-hops", Remedy::distrust,
                                     "A record was passed on more often than any vehicle has gateways.",
                                     "Look for gateways that route to each other."};
inline constexpr Fault version_too_large{"package.version-too-large", Remedy::refuse,
                                         "A version has a number above 255, which a record cannot carry.",
                                         "Choose a version whose four numbers are 0 to 255."};
inline constexpr Fault time_out_of_range{"package.time-out-of-range", Remedy::refuse,
                                         "A time does not fit the 32 bits that a record has for it.",
                                         "Set the clock of the machine that builds packages."};

// The sequence of records
inline constexpr Fault truncated{"package.truncated", Remedy::retry, "A package ends in the middle of a record.",
                                 "Fetch the rest; if the source is complete, build the package again."};
inline constexpr Fault no_records{"package.no-records", Remedy::refuse, "A package without any record.",
                                  "Name at least one image."};
inline constexpr Fault too_many_records{"package.too-many-records", Remedy::distrust,
                                        "A package goes on after the last record it may have.",
                                        "Compare the file with the one that was built."};
inline constexpr Fault record_too_large{"package.record-too-large", Remedy::distrust,
                                        "A record is larger than its reader takes.",
                                        "The limit is the receiver's: check that the image is meant for this ECU."};
inline constexpr Fault wrong_crc{"package.wrong-crc", Remedy::distrust, "A record's bytes changed on the way.",
                                 "Fetch it again; if it stays so, the stored file is damaged."};
inline constexpr Fault wrong_order{"package.wrong-order", Remedy::distrust,
                                   "The records of a package do not stand in installation order.",
                                   "Sequence numbers must rise; build the package again."};

// Opening in an ECU
inline constexpr Fault cannot_open{"package.cannot-open", Remedy::refuse,
                                   "An ECU cannot open an image in the form in which it came.",
                                   "Offer a form that the ECU names (DID F1A4); the detail says what it lacks."};
inline constexpr Fault wrong_image_size{"package.wrong-image-size", Remedy::distrust,
                                        "What came opens to another number of bytes than the image has.",
                                        "The payload belongs to another image: build the package again."};

// full_package.bin and campaign_metadata.json
inline constexpr Fault duplicate_ecu{"package.duplicate-ecu", Remedy::refuse, "A package holds two images for one ECU.",
                                     "Name every ECU once."};
inline constexpr Fault bad_metadata{"package.bad-metadata", Remedy::distrust,
                                    "campaign_metadata.json contradicts itself or has unknown members.",
                                    "The detail names the member; build the package again."};
inline constexpr Fault differs_from_metadata{"package.differs-from-metadata", Remedy::distrust,
                                             "full_package.bin is not the file that campaign_metadata.json describes.",
                                             "Use the two files of one build."};
inline constexpr Fault not_signed_by_both{
    "package.not-signed-by-both", Remedy::distrust, "campaign_metadata.json lacks a good signature of one family.",
    "Both a classical and an ML-DSA signature by known keys are needed; sign again with both."};
inline constexpr Fault wrong_signers{"package.wrong-signers", Remedy::refuse,
                                     "Signing a package needs exactly one classical and one ML-DSA key.",
                                     "Hand in one key of each family."};

}  // namespace pitstop::package::faults
