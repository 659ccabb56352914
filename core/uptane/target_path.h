// The name of a target as metadata carries it (TUF §4.5 TARGETPATH): any text without control characters, 1 to 1024
// bytes of UTF-8.
//
// It is a key to compare, never a path to open: who stores by it takes TargetName (core/base/ids.h), which Pitstop's
// own metadata is held to, or encodes it. uptane.bad-member
#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"

#include <string>
#include <string_view>

namespace pitstop::uptane {

class TargetPath {
public:
    static constexpr std::size_t size_bytes_max = 1024;

    static Result<TargetPath> parse(std::string_view text);
    TargetPath(const TargetName& name) : text_(name.view()) {}  // implicit: every name is a path

    [[nodiscard]] std::string_view view() const { return text_; }
    auto operator<=>(const TargetPath&) const = default;

private:
    explicit TargetPath(std::string_view text) : text_(text) {}
    std::string text_;
};

}  // namespace pitstop::uptane
