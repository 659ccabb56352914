// How an answer leaves: a head and a small body in one write, a file piece by piece.
#include "io/http/connection.h"

#include "io/http/range.h"
#include "io/log/log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <format>
#include <iterator>

namespace pitstop::io::http {

namespace {

constexpr std::size_t body_bytes_with_head = 32 * 1024;  // copied behind the head; larger ones are written after it

struct OpenFile {
    int descriptor = -1;
    std::uint64_t first = 0, size = 0;  // the region

    OpenFile() = default;
    OpenFile(OpenFile&& other) noexcept
        : descriptor(std::exchange(other.descriptor, -1)),
          first(other.first),
          size(other.size) {}
    OpenFile& operator=(OpenFile&&) = delete;
    ~OpenFile() {
        if (descriptor >= 0) ::close(descriptor);
    }
};

Result<OpenFile> open_region(const FileRegion& region) {
    OpenFile file;
    file.descriptor = ::open(region.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat found{};
    if (file.descriptor < 0 || ::fstat(file.descriptor, &found) != 0) {
        return fail(faults::file_unreadable, std::format("{}: {}", region.path.string(), std::strerror(errno)));
    }
    if (!S_ISREG(found.st_mode))
        return fail(faults::file_unreadable, std::format("{}: not a file", region.path.string()));
    const auto whole = static_cast<std::uint64_t>(found.st_size);
    const std::uint64_t rest = whole - std::min(whole, region.offset_bytes);
    file.first = region.offset_bytes;
    file.size = region.length_bytes.value_or(rest);
    if (region.offset_bytes > whole || file.size > rest) {
        return fail(faults::file_unreadable, std::format("{}: has {} bytes only", region.path.string(), whole));
    }
    return file;
}

void append_field(std::string& to, std::string_view name, std::string_view value) {
    to += name;
    to += ": ";
    for (const char c : value)
        to += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;  // a value cannot start a line of its own
    to += "\r\n";
}

}  // namespace

void Connection::put_head(const Response& response, std::uint64_t content_bytes) {
    head_.clear();
    std::format_to(std::back_inserter(head_), "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                   reason_phrase(response.status), shared_.date);
    const bool has_content = response.status != 204 && response.status != 304;
    if (has_content) std::format_to(std::back_inserter(head_), "Content-Length: {}\r\n", content_bytes);
    if (close_after_)
        head_ += "Connection: close\r\n";
    else if (incoming_.message().version < 11)
        head_ += "Connection: keep-alive\r\n";
    for (const auto& [name, value] : response.headers) append_field(head_, name, value);
    head_ += "\r\n";
}

void Connection::count(unsigned status) {
    if (status >= shared_.requests.size()) return;
    auto*& counter = shared_.requests[status];
    if (counter == nullptr) {
        counter = &shared_.registry.counter("pitstop_http_requests_total", "Requests answered.",
                                            {{"status", std::to_string(status)}});
    }
    counter->add();
}

Task<void> Connection::send(Response response) {
    if (transport_.expired()) transport_.give_time();
    if (shared_.stopping) close_after_ = true;
    enter(Stage::answer);
    if (const auto* region = std::get_if<FileRegion>(&response.body)) {
        const FileRegion wanted = *region;
        co_return co_await send_file(response, wanted);
    }
    co_return co_await send_text(response, std::get<std::string>(response.body));
}

Task<void> Connection::send_text(const Response& response, std::string_view body) {
    count(response.status);
    put_head(response, body.size());
    const bool without_body = request_.method == "HEAD" || response.status == 204 || response.status == 304;
    if (without_body) body = {};
    if (body.size() <= body_bytes_with_head) {
        head_ += body;
        body = {};
    }
    shared_.response_bytes.add(head_.size() + body.size());
    CO_ENSURE(co_await transport_.write(view_of(head_)));
    while (!body.empty()) {
        enter(Stage::answer);
        const auto piece = body.substr(0, write_piece_bytes);
        CO_ENSURE(co_await transport_.write(view_of(piece)));
        body.remove_prefix(piece.size());
    }
    co_return Result<void>();
}

Task<void> Connection::send_file(Response& response, const FileRegion& region) {
    auto file = open_region(region);
    if (!file) {
        log::problem(file.error(), request_.path);
        co_return co_await send_text({.status = 500, .headers = {}, .body = {}}, {});
    }
    FileAnswer chosen{.status = response.status, .first = 0, .count = file->size};
    const bool may_choose = response.status == 200 && (request_.method == "GET" || request_.method == "HEAD");
    if (may_choose) {
        chosen = choose_bytes(request_.headers, file->size, region.etag);
        response.headers.set("Accept-Ranges", "bytes");
        if (!region.etag.empty()) response.headers.set("ETag", std::format("\"{}\"", region.etag));
    }
    if (chosen.status == 416) {
        Response refusal =
            problem(416, Error(faults::range_not_satisfiable, std::format("the resource has {} bytes", file->size)));
        refusal.headers.add("Content-Range", std::format("bytes */{}", file->size));
        const std::string body = std::get<std::string>(refusal.body);
        co_return co_await send_text(refusal, body);
    }
    response.status = chosen.status;
    if (chosen.status == 206) {
        response.headers.set("Content-Range",
                             std::format("bytes {}-{}/{}", chosen.first, chosen.first + chosen.count - 1, file->size));
    }
    count(response.status);
    put_head(response, chosen.count);
    if (request_.method == "HEAD") chosen.count = 0;
    shared_.response_bytes.add(head_.size() + chosen.count);
    co_return co_await send_bytes(file->descriptor, file->first + chosen.first, chosen.count);
}

// The head travels with the first piece. A file that ends early can only be told by breaking off.
Task<void> Connection::send_bytes(int descriptor, std::uint64_t first, std::uint64_t count) {
    Bytes& piece = shared_.file_piece;
    std::size_t before = head_.size();
    do {
        if (piece.size() < write_piece_bytes) piece.resize(write_piece_bytes);
        if (before > write_piece_bytes / 2) {
            CO_ENSURE(co_await transport_.write(view_of(head_)));
            before = 0;
            continue;
        }
        std::memcpy(piece.data(), head_.data(), before);
        const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(count, write_piece_bytes - before));
        const ssize_t got =
            wanted == 0 ? 0 : ::pread(descriptor, piece.data() + before, wanted, static_cast<off_t>(first));
        if (got < 0 || (got == 0 && wanted > 0)) {
            co_return fail(faults::short_body, "the file ended early");
        }
        enter(Stage::answer);
        CO_ENSURE(co_await transport_.write(View(piece).first(before + static_cast<std::size_t>(got))));
        before = 0;
        first += static_cast<std::uint64_t>(got);
        count -= static_cast<std::uint64_t>(got);
    } while (count > 0);
    co_return Result<void>();
}

}  // namespace pitstop::io::http
