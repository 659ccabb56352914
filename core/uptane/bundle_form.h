// Where what stands in a trust bundle. Used by its reader and its writer only.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pitstop::uptane::bundle_form {

inline constexpr std::uint32_t magic = 0x50544231;  // "PTB1"
inline constexpr std::size_t magic_size_bytes = 4;
inline constexpr std::size_t name_at = 3;
inline constexpr std::size_t file_head_size_bytes = 7;  // without the name

}  // namespace pitstop::uptane::bundle_form
