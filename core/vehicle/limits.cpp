#include "core/vehicle/limits.h"

#include "core/base/faults.h"
#include "core/vehicle/faults.h"

#include <format>

namespace pitstop::vehicle {

Result<std::string> text(const json::Object& from, std::string_view name, std::size_t size_max) {
    TRY(std::string found, json::string(from, name));
    if (found.size() > size_max)
        return fail(faults::too_much, std::format("'{}' has {} bytes, allowed are {}", name, found.size(), size_max));
    return found;
}

Result<std::string> optional_text(const json::Object& from, std::string_view name, std::size_t size_max) {
    if (!json::has(from, name)) return std::string();
    return text(from, name, size_max);
}

Result<const json::Array*> list(const json::Object& from, std::string_view name, std::size_t count_max) {
    TRY(const json::Array* found, json::array(from, name));
    if (found->size() > count_max)
        return fail(faults::too_much,
                    std::format("'{}' has {} entries, allowed are {}", name, found->size(), count_max));
    return found;
}

Result<std::int64_t> integer(const json::Object& from, std::string_view name, std::int64_t min, std::int64_t max) {
    const json::Value* value = from.if_contains(name);
    if (!value) return fail(pitstop::faults::missing_member, std::format("'{}'", name));
    const std::int64_t* found = value->if_int64();
    if (!found || *found < min || *found > max)
        return fail(pitstop::faults::wrong_type,
                    std::format("'{}' must be a whole number from {} to {}", name, min, max));
    return *found;
}

}  // namespace pitstop::vehicle
