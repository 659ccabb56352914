#include "tests/conformance/fetcher.h"

#include "io/http/faults.h"

#include <format>

namespace pitstop::conformance {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds connect_timeout = 5s, idle_timeout = 8s;
constexpr std::chrono::milliseconds metadata_timeout = 15s;  // whole; a server that drips must not hold a vehicle up
constexpr std::uint64_t image_bytes_per_s_min = 64 * 1024;   // a phone at the edge of its network

io::http::ClientSettings settings(const std::string& base_url) {
    return {.base_url = base_url,
            .tls = {},
            .connect_timeout = connect_timeout,
            .idle_timeout = idle_timeout,
            .headers = {{"Connection", "close"}}};
}

// For all that is neither 200 nor 404.
Error unusable(unsigned status) {
    auto checked = io::http::accepted({.status = status, .headers = {}, .body = {}});
    if (!checked) return checked.error();
    return Error(io::http::faults::bad_answer, std::format("status {}", status));
}

}  // namespace

Fetcher::Fetcher(io::Loop& loop, const std::string& base_url) : loop_(loop), client_(loop, settings(base_url)) {}

Result<std::optional<Bytes>> Fetcher::get(const std::string& path, std::size_t size_bytes_max) {
    TRY(const io::http::Answer answer,
        io::complete(loop_, io::with_deadline(metadata_timeout, path, client_.get(path, {}, size_bytes_max))));
    if (answer.status == 404) return std::nullopt;
    if (answer.status != 200) return fail(unusable(answer.status));
    return Bytes(answer.body.begin(), answer.body.end());
}

Result<bool> Fetcher::download(const std::string& path, std::uint64_t size_bytes_max, io::http::Sink sink) {
    const auto limit = metadata_timeout + std::chrono::seconds(size_bytes_max / image_bytes_per_s_min);
    const auto done = io::complete(
        loop_, io::with_deadline(
                   limit, path,
                   client_.download(
                       {.path = path, .first_byte = 0, .size_bytes_max = size_bytes_max, .etag = {}, .headers = {}},
                       std::move(sink))));
    if (done) return true;
    const bool absent =
        done.error().is(io::http::faults::status_refused) && done.error().detail().starts_with("status 404");
    if (absent) return false;
    return fail(done.error());
}

}  // namespace pitstop::conformance
