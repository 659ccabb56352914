// What vehicles have reported of themselves: the keys they are known by, their last manifest, the attacks they refused.
//
// As the tables in store.h: one thread, "not there" is an empty optional, faults store.*. The JSON texts are core's.
#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "io/store/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pitstop::io::store {

struct VehicleKeysRow {
    Vin vin;
    UtcTime updated;
    std::string keys = {};
};

// One a vehicle: the last manifest that was accepted, and the last that was refused since.
struct ManifestRow {
    Vin vin;
    std::optional<UtcTime> received = {};  // none: nothing was accepted yet
    std::string history = {};              // what the next one is compared with
    std::string content = {};              // for people
    std::uint64_t refusals = 0;            // ever
    std::optional<UtcTime> refused = {};   // the last one
    std::string code = {}, detail = {};    // of it
};

struct AttackRow {
    std::uint64_t id = 0;  // given by the database, rising
    UtcTime at = {};
    std::string vin = {};
    std::string ecu = {};  // empty: the gateway itself
    std::string code = {};
    std::uint64_t attacks = 0;
};

class Manifests {
public:
    // Older attack reports of a vehicle are forgotten, so that a hostile one cannot fill the disk.
    static constexpr std::int64_t attacks_kept_per_vehicle = 256;

    explicit Manifests(Database& database) : database_(database) {}

    [[nodiscard]] Result<void> put_keys(const VehicleKeysRow& row);
    [[nodiscard]] Result<std::optional<VehicleKeysRow>> find_keys(const Vin& vin);

    [[nodiscard]] Result<void> put(const ManifestRow& row);
    [[nodiscard]] Result<std::optional<ManifestRow>> find(const Vin& vin);

    [[nodiscard]] Result<void> add_attack(const AttackRow& row);  // its id is given
    // The last ones, newest first.
    [[nodiscard]] Result<std::vector<AttackRow>> attacks_of(const Vin& vin, std::size_t limit);

private:
    Database& database_;
};

}  // namespace pitstop::io::store
