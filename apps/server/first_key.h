// The first API key: without one nobody could ask for anything, and one that every installation shares would be none.
#pragma once

#include "io/store/store.h"

#include <filesystem>

namespace pitstop::server {

// When there is no key yet: a random one of role admin, written to `file` (mode 0600), stored as its SHA-256 only.
[[nodiscard]] Result<void> make_first_key(io::store::ApiKeys& keys, const std::filesystem::path& file);

}  // namespace pitstop::server
