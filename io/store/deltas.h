// Deltas that were made, or turned out not to be worth it, or could not be made; and which ECUs refused a delivery.
//
// As the tables in store.h: one thread, "not there" is an empty optional, faults store.*. The bytes of a delta are kept
// elsewhere, under their digest.
#pragma once

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/time.h"
#include "io/store/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pitstop::io::store {

// The same key gives the same bytes, whoever makes them.
struct DeltaKey {
    Sha256Digest base{};   // of the image that it starts from
    Sha256Digest image{};  // of the image that it makes
    std::uint32_t window_bytes = 0;
    std::uint32_t sector_bytes = 0;
    auto operator<=>(const DeltaKey&) const = default;
};

enum class DeltaState : std::uint8_t { made, not_worth_it, failed };

struct DeltaRow {
    DeltaKey key;
    DeltaState state = DeltaState::failed;
    Sha256Digest payload{};              // of the delta itself; kept only where it was made
    std::uint64_t size_bytes = 0;        // of the same
    std::uint64_t image_size_bytes = 0;  // of what it makes
    std::uint64_t made_in_ms = 0;
    std::string code = {}, detail = {};  // why it failed
    UtcTime made;
    UtcTime used;  // last directed to a vehicle
};

struct RefusedDeliveryRow {
    Vin vin;
    EcuId ecu;
    Sha256Digest image{};  // that the delivery would have made
    UtcTime at;
    std::string code = {}, detail = {};  // what the ECU found
};

class Deltas {
public:
    explicit Deltas(Database& database) : database_(database) {}

    [[nodiscard]] Result<void> put(const DeltaRow& row);
    [[nodiscard]] Result<std::optional<DeltaRow>> find(const DeltaKey& key);
    [[nodiscard]] Result<std::vector<DeltaRow>> making(const Sha256Digest& image);  // in the order of their bases
    [[nodiscard]] Result<std::vector<DeltaRow>> least_used();                       // those made; longest unused first
    [[nodiscard]] Result<void> note_use(const DeltaKey& key, UtcTime now);
    [[nodiscard]] Result<void> forget(const DeltaKey& key);

    [[nodiscard]] Result<void> put_refused(const RefusedDeliveryRow& row);
    [[nodiscard]] Result<bool> was_refused(const Vin& vin, EcuId ecu, const Sha256Digest& image);
    [[nodiscard]] Result<std::uint64_t> refusals_of(const Sha256Digest& image);

private:
    Database& database_;
};

}  // namespace pitstop::io::store
