#include "apps/pitstop/vehicle_keys.h"

#include "apps/pitstop/faults.h"
#include "core/uptane/registered_keys.h"
#include "io/keys/key_file.h"

#include <format>

namespace pitstop::cli {

Result<json::Object> vehicle_keys_from(std::span<const std::string> primary, std::span<const std::string> ecus) {
    uptane::RegisteredKeys keys;
    for (const std::string& file : primary) {
        TRY(auto key, io::keys::load_public_key(file));
        keys.primary.push_back(std::move(key));
    }
    for (const std::string& option : ecus) {
        const std::size_t equals = option.find('=');
        if (equals == std::string::npos) return fail(faults::bad_vehicle_keys, std::format("'{:.80}'", option));
        TRY(const EcuId ecu, EcuId::parse(std::string_view(option).substr(0, equals)));
        if (keys.ecus.contains(ecu)) return fail(faults::bad_vehicle_keys, std::format("{} twice", ecu.str()));
        auto& of_ecu = keys.ecus[ecu];
        std::string_view left = std::string_view(option).substr(equals + 1);
        while (!left.empty()) {
            const std::size_t comma = std::min(left.find(','), left.size());
            TRY(auto key, io::keys::load_public_key(left.substr(0, comma)));
            of_ecu.push_back(std::move(key));
            left.remove_prefix(std::min(comma + 1, left.size()));
        }
    }
    json::Object object = to_json(keys);
    ENSURE(uptane::registered_keys_from_json(object).transform([](const auto&) {}));
    return object;
}

}  // namespace pitstop::cli
