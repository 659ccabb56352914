// How values of ours stand in columns and come back from them. For the .cpp files of this room only.
#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "io/store/faults.h"

#include <format>
#include <optional>
#include <string>
#include <string_view>

namespace pitstop::io::store {

[[nodiscard]] inline long long column_of(const std::optional<UtcTime>& time) { return time ? time->seconds : 0; }
[[nodiscard]] inline std::optional<UtcTime> time_of(long long column) {
    return column == 0 ? std::nullopt : std::optional(UtcTime{column});
}

// A parsed type from a column; store.bad-row where the column does not have that form.
template <class Id>
[[nodiscard]] Result<Id> id_of(const std::string& column, std::string_view table) {
    auto id = Id::parse(column);
    if (!id) return fail(faults::bad_row, std::format("{}: {}", table, id.error().detail()));
    return *std::move(id);
}

}  // namespace pitstop::io::store
