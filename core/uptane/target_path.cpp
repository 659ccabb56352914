#include "core/uptane/target_path.h"

#include "core/uptane/faults.h"

#include <algorithm>
#include <format>

namespace pitstop::uptane {

// The JSON parser has seen to the UTF-8.
Result<TargetPath> TargetPath::parse(std::string_view text) {
    const bool control = std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    if (text.empty() || text.size() > size_bytes_max || control)
        return fail(faults::bad_member, std::format("a target's name of {} bytes{}", text.size(),
                                                    control ? " with control characters" : ""));
    return TargetPath(text);
}

}  // namespace pitstop::uptane
