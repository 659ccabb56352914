// Asks one repository on loopback for files, as outside test suites serve them: plain HTTP, a connection for each
// question, nothing followed and nothing asked twice.
//
// Only 404 means "not there". Every other answer than 200 is an error, and so is a body that is too large, cut off, or
// does not end in time. Faults: http.* and io.deadline.
#pragma once

#include "core/base/bytes.h"
#include "io/http/client.h"

#include <optional>
#include <string>

namespace pitstop::conformance {

class Fetcher {
public:
    Fetcher(io::Loop& loop, const std::string& base_url);

    [[nodiscard]] Result<std::optional<Bytes>> get(const std::string& path, std::size_t size_bytes_max);
    // In pieces, to whoever wants more than fits into memory. False: not there.
    [[nodiscard]] Result<bool> download(const std::string& path, std::uint64_t size_bytes_max, io::http::Sink sink);

private:
    io::Loop& loop_;
    io::http::Client client_;
};

}  // namespace pitstop::conformance
