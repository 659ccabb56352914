// What is asked and what is answered: HTTP/1.1 messages (RFC 9110, RFC 9112) as values.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "io/tls/context.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace pitstop::io::http {

// Fields in the order in which they came; names are compared without regard to case. Emptied and filled again it keeps
// its storage, so that a connection's second request allocates nothing.
class Headers {
public:
    struct Field {
        std::string name, value;
    };

    Headers() = default;
    Headers(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

    void add(std::string_view name, std::string_view value);
    void set(std::string_view name, std::string_view value);  // replaces all fields of that name
    void clear() { used_ = 0; }

    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;  // the first of that name
    [[nodiscard]] std::size_t count(std::string_view name) const;
    [[nodiscard]] const Field* begin() const { return fields_.data(); }
    [[nodiscard]] const Field* end() const { return fields_.data() + used_; }
    [[nodiscard]] std::size_t size() const { return used_; }

private:
    std::vector<Field> fields_;
    std::size_t used_ = 0;
};

[[nodiscard]] bool same_name(std::string_view a, std::string_view b);  // ASCII, without regard to case

// Who asks, as far as TLS has proved it.
struct Peer {
    std::optional<std::string> common_name;  // of the verified client certificate; nothing without one
    tls::Negotiated tls;                     // empty texts on a plain loopback listener
    std::string address;                     // "127.0.0.1:51724"
};

struct Request {
    std::string method;                                        // upper case, as it came
    std::string target;                                        // as it came: path and query, still percent-encoded
    std::string path;                                          // the target without its query, still percent-encoded
    std::vector<std::pair<std::string, std::string>> queries;  // decoded
    std::vector<std::pair<std::string_view, std::string>>
        parameters;  // the route's {names}, decoded; names live in the Router
    Headers headers;
    std::string body;  // empty for streaming routes
    Peer peer;

    [[nodiscard]] std::optional<std::string_view> query(std::string_view name) const;  // nothing: not given
    [[nodiscard]] std::string_view parameter(std::string_view name) const;  // "" if the route has none of that name
};

// Bytes of a file as a body. Range, If-Range and If-None-Match are answered by the server, from this region's own first
// byte.
struct FileRegion {
    std::filesystem::path path;
    std::uint64_t offset_bytes = 0;
    std::optional<std::uint64_t> length_bytes;  // nothing: to the end of the file
    std::string etag;  // strong, without quotes, e.g. the digest in hex; empty: Range only, no caching
};

struct Response {
    unsigned status = 200;
    Headers headers;
    std::variant<std::string, FileRegion> body;
};

[[nodiscard]] Response text(unsigned status, std::string body,
                            std::string_view content_type = "text/plain; charset=utf-8");
[[nodiscard]] Response json(unsigned status, std::string body);
[[nodiscard]] Response file(FileRegion region, std::string_view content_type = "application/octet-stream");
[[nodiscard]] Response empty(unsigned status = 204);

// RFC 9457: type "urn:pitstop:fault:<code>", title, status, detail, and the members code, remedy and advice. 429 and
// 503 always carry Retry-After (retry_after_s).
[[nodiscard]] Response problem(unsigned status, const Error& error, unsigned retry_after_s = 5);

// The same with the status that fits the remedy: refuse 400, distrust 422, wait and retry 503, stop 500.
[[nodiscard]] Response problem(const Error& error);

[[nodiscard]] std::string_view reason_phrase(unsigned status);

// %41 becomes A. Nothing for a malformed escape or an encoded NUL. PlusIsSpace for queries only.
enum class Plus { is_plus, is_space };
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text, Plus plus);
[[nodiscard]] std::string percent_encoded(std::string_view text);  // everything but letters, digits and -._~

}  // namespace pitstop::io::http
