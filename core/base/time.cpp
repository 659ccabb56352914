#include "core/base/time.h"

#include "core/base/faults.h"

#include <format>

namespace pitstop {

Result<UtcTime> UtcTime::parse(std::string_view text) {
    constexpr std::string_view form = "dddd-dd-ddTdd:dd:ddZ";
    const auto refuse = [&] { return fail(faults::bad_time, std::format("'{:.40}'", text)); };
    if (text.size() != form.size()) return refuse();
    for (std::size_t i = 0; i < form.size(); ++i) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == 'd' ? !digit : text[i] != form[i]) return refuse();
    }
    const auto number = [&](std::size_t at, std::size_t digits) {
        int value = 0;
        for (std::size_t i = at; i < at + digits; ++i) value = value * 10 + (text[i] - '0');
        return value;
    };
    const std::chrono::year_month_day date{std::chrono::year(number(0, 4)),
                                           std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                           std::chrono::day(static_cast<unsigned>(number(8, 2)))};
    const int hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return refuse();
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    return UtcTime{days * 86400LL + hour * 3600 + minute * 60 + second};
}

std::string UtcTime::str() const {
    return std::format("{:%Y-%m-%dT%H:%M:%SZ}", std::chrono::sys_seconds(std::chrono::seconds(seconds)));
}

}  // namespace pitstop
