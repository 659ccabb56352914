// The schema as a row of steps. A step that was released is never changed; a new one is added below it.
#pragma once

#include "core/base/result.h"

namespace soci {
class session;
}

namespace pitstop::io::store {

// Brings the schema to the newest step, each step in a transaction of its own; store.newer-schema.
[[nodiscard]] Result<void> migrate(soci::session& sql);

}  // namespace pitstop::io::store
