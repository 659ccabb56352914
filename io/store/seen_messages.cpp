#include "io/store/guard.h"
#include "io/store/store.h"

#include <soci/soci.h>

namespace pitstop::io::store {

// Each vehicle has a ring of places: the table stays bounded without a sweep.
Result<SeenMessages::Seen> SeenMessages::remember(const Vin& vin, std::string_view message_id) {
    return guard("remember a message", [&]() -> Result<Seen> {
        const std::string vehicle = vin.str(), id(message_id);
        int found = 0;
        database_.sql() << "SELECT COUNT(*) FROM seen_messages WHERE vin = :vin AND message_id = :id",
            soci::use(vehicle), soci::use(id), soci::into(found);
        if (found != 0) return Seen::again;
        long long number = 0;
        database_.sql() << "SELECT COALESCE(MAX(number), 0) + 1 FROM seen_messages WHERE vin = :vin",
            soci::use(vehicle), soci::into(number);
        const long long place = number % kept_per_vehicle;
        database_.sql()
            << "INSERT INTO seen_messages (vin, place, number, message_id) VALUES (:vin, :place, :number, :id)"
               " ON CONFLICT (vin, place) DO UPDATE SET number = excluded.number, message_id = excluded.message_id",
            soci::use(vehicle), soci::use(place), soci::use(number), soci::use(id);
        return Seen::first_time;
    });
}

}  // namespace pitstop::io::store
