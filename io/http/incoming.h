// One HTTP/1.1 message as it arrives (RFC 9112): Beast parses, this decides when to read and what is too much.
//
// Bring a Transport; call begin() for each message, then header(), then body() until 0. Bytes of the next message that
// came along stay in the buffer. Faults: http.bad-request, http.header-too-large, http.target-too-long,
// http.short-body, and those of the transport. Only for the .cpp files of this room: Beast's parser is heavy.
#pragma once

#include "io/http/faults.h"
#include "io/http/message.h"
#include "io/http/transport.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>

namespace pitstop::io::http {

// Puts what Beast finds where it belongs. Trailer fields are dropped (RFC 9110 section 6.5.1): nobody here asks for
// them.
template <bool IsRequest>
class Parser final : public boost::beast::http::basic_parser<IsRequest> {
    using Text = boost::beast::string_view;
    using Code = boost::beast::error_code;

public:
    explicit Parser(Headers& to) : headers_(to) {}

    std::string method, target;
    unsigned status = 0;
    unsigned version = 11;
    Room room;  // body bytes go here
    std::size_t filled = 0;

private:
    void on_request_impl(boost::beast::http::verb, Text name, Text where, int number, Code&) override {
        method.assign(name.data(), name.size());
        target.assign(where.data(), where.size());
        version = static_cast<unsigned>(number);
    }
    void on_response_impl(int code, Text, int number, Code&) override {
        status = static_cast<unsigned>(code);
        version = static_cast<unsigned>(number);
    }
    void on_field_impl(boost::beast::http::field, Text name, Text value, Code&) override {
        if (!in_body_) headers_.add({name.data(), name.size()}, {value.data(), value.size()});
    }
    void on_header_impl(Code&) override { in_body_ = true; }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
    std::size_t on_body_impl(Text bytes, Code&) override {
        const std::size_t taken = std::min(bytes.size(), room.size() - filled);
        std::copy_n(reinterpret_cast<const std::uint8_t*>(bytes.data()), taken, room.data() + filled);
        filled += taken;
        return taken;
    }
    void on_chunk_header_impl(std::uint64_t, Text, Code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, Code& code) override { return on_body_impl(bytes, code); }
    void on_finish_impl(Code&) override {}

    Headers& headers_;
    bool in_body_ = false;
};

template <bool IsRequest>
class Incoming {
public:
    Incoming(Transport& transport, std::size_t header_bytes_max)
        : transport_(transport),
          header_bytes_max_(header_bytes_max),
          buffer_(header_bytes_max + spare_bytes) {}

    void begin(Headers& headers) {
        headers.clear();
        parser_.emplace(headers);
        parser_->header_limit(static_cast<std::uint32_t>(header_bytes_max_));
        parser_->body_limit(boost::none);  // the caller counts: limits differ by route
    }
    void expect_no_body() { parser_->skip(true); }  // the answer to HEAD

    [[nodiscard]] const Parser<IsRequest>& message() const { return *parser_; }
    [[nodiscard]] bool complete() const { return parser_->is_done(); }
    [[nodiscard]] std::size_t buffered_bytes() const { return buffer_.size(); }

    [[nodiscard]] Task<bool> something();  // waits for a first byte; false: the peer ended the connection before it
    [[nodiscard]] Task<void> header();
    [[nodiscard]] Task<std::size_t> body(Room room);  // 0: complete

private:
    // A chunk's header has to fit as well, and a message that was sent along need not be read in tiny pieces.
    static constexpr std::size_t spare_bytes = 8 * 1024;
    static constexpr std::size_t read_bytes = 4 * 1024;

    // Lets the parser take from the buffer; true when it wants more than the buffer holds.
    Result<bool> feed();
    Task<bool> more();
    Error as_error(const boost::beast::error_code& code) const;

    Transport& transport_;
    std::size_t header_bytes_max_;
    boost::beast::flat_buffer buffer_;
    std::optional<Parser<IsRequest>> parser_;
};

template <bool IsRequest>
Error Incoming<IsRequest>::as_error(const boost::beast::error_code& code) const {
    namespace beast = boost::beast::http;
    if (code == beast::error::header_limit) {
        const bool in_first_line = IsRequest && parser_->method.empty();
        return Error(in_first_line ? faults::target_too_long : faults::header_too_large);
    }
    return Error(faults::bad_request, code.message());
}

template <bool IsRequest>
Result<bool> Incoming<IsRequest>::feed() {
    boost::beast::error_code code;
    const std::size_t used = parser_->put(buffer_.data(), code);
    buffer_.consume(used);
    if (code == boost::beast::http::error::need_more) return true;
    if (code) return fail(as_error(code));
    return false;
}

template <bool IsRequest>
Task<bool> Incoming<IsRequest>::more() {
    const std::size_t free = buffer_.max_size() - buffer_.size();
    if (free == 0) co_return fail(faults::bad_request, "a line of the message is too long");
    const auto room = buffer_.prepare(std::min(free, read_bytes));
    CO_TRY(const std::size_t got,
           co_await transport_.read_some({static_cast<std::uint8_t*>(room.data()), room.size()}));
    buffer_.commit(got);
    co_return got > 0;
}

template <bool IsRequest>
Task<bool> Incoming<IsRequest>::something() {
    while (true) {
        // An empty line before a request is to be ignored (RFC 9112 section 2.2).
        const std::string_view bytes(static_cast<const char*>(buffer_.data().data()), buffer_.size());
        if (IsRequest && bytes.starts_with("\r\n")) {
            buffer_.consume(2);
            continue;
        }
        if (!bytes.empty() && !(IsRequest && bytes == "\r")) co_return true;
        CO_TRY(const bool got, co_await more());
        if (!got) co_return false;
    }
}

template <bool IsRequest>
Task<void> Incoming<IsRequest>::header() {
    while (!parser_->is_header_done()) {
        CO_TRY(const bool wants_more, buffer_.size() > 0 ? feed() : Result<bool>(true));
        if (!wants_more) continue;
        CO_TRY(const bool got, co_await more());
        if (!got) co_return fail(faults::connection_lost, "the peer ended the connection inside a header");
    }
    co_return Result<void>();
}

template <bool IsRequest>
Task<std::size_t> Incoming<IsRequest>::body(Room room) {
    parser_->room = room;
    parser_->filled = 0;
    while (!parser_->is_done() && parser_->filled == 0) {
        CO_TRY(const bool wants_more, buffer_.size() > 0 ? feed() : Result<bool>(true));
        if (!wants_more) continue;
        CO_TRY(const bool got, co_await more());
        if (got) continue;
        boost::beast::error_code code;
        parser_->put_eof(code);
        if (code) co_return fail(faults::short_body, "the peer ended the connection inside a body");
    }
    co_return parser_->filled;
}

}  // namespace pitstop::io::http
