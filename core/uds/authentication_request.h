// A request of service 0x29 as bytes of its own, for whoever sends it. For Linux.
#pragma once

#include "core/uds/authentication.h"

namespace pitstop::uds {

template <class Request>
[[nodiscard]] Bytes message_of(const Request& request) {
    Bytes message(size_bytes(request));
    Reply out(message);
    write(request, out);
    return message;
}

}  // namespace pitstop::uds
