// All copies between two images. For the desk.
#pragma once

#include "core/base/for_each.h"
#include "core/delta/copies.h"

namespace pitstop::delta {

[[nodiscard]] Copies find_copies(View old_image, View new_image, const Layout& layout, const ForEach& for_each);

}  // namespace pitstop::delta
