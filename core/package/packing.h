// Puts an image into the form in which it travels: as small as its ECU can open, and sealed for whoever opens it.
//
//     TRY(Packed packed, pack(image, {.openings = ecu.opens, .compressing = Compressing::on}));
//     TRY(packed, seal_packed(std::move(packed), {campaign, ecu}, recipients, pool));
//
// Of what the ECU opens, the smallest is taken; plain stays what would save less than saving_percent_min. Packing gives
// the same bytes for the same image. Sealing never does: it draws a content key and a salt, and forgets the key.
// Faults: those of compress/writers.h and seal/seal.h.
#pragma once

#include "core/base/for_each.h"
#include "core/base/form.h"
#include "core/seal/seal.h"

#include <span>

namespace pitstop::package {

inline constexpr std::uint64_t saving_percent_min = 2;  // less is not worth the ECU's time
inline constexpr std::uint32_t packing_workers = 2;     // threads of zstd; any number gives the same bytes

enum class Compressing : std::uint8_t { off, on };

struct PackingOptions {
    Openings openings = {};
    Compressing compressing = Compressing::off;
};

struct Packed {
    Form form = {};
    Bytes payload{};  // empty where the form is plain: the image itself travels
};

[[nodiscard]] Result<Packed> pack(View image, const PackingOptions& options);

// `image` is what travels where `packed` is plain.
[[nodiscard]] Result<Packed> seal_packed(const Packed& packed, View image, const seal::Order& order,
                                         std::span<const seal::Recipient> recipients,
                                         const ForEach& for_each = in_turn);

}  // namespace pitstop::package
