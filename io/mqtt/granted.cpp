#include "io/mqtt/granted.h"

#include "io/mqtt/faults.h"

#include <format>

namespace pitstop::io::mqtt {

Result<void> check_granted(Qos asked, std::uint8_t reason, std::string_view filter, std::string_view reason_text) {
    constexpr std::uint8_t first_failure = 0x80;
    if (reason >= first_failure) return fail(faults::subscribe_refused, std::format("{}: {}", filter, reason_text));
    if (reason < static_cast<std::uint8_t>(asked))
        return fail(faults::granted_less,
                    std::format("{}: asked for QoS {}, granted QoS {}", filter, static_cast<int>(asked), reason));
    return {};
}

}  // namespace pitstop::io::mqtt
