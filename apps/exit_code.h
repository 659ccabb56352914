// What every program here ends with; 0: done.
#pragma once

namespace pitstop {

inline constexpr int failed = 1;  // or refused
inline constexpr int not_understood = 2;

}  // namespace pitstop
