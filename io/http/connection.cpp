#include "io/http/connection.h"

#include "io/log/log.h"
#include "io/runtime/faults.h"

#include <format>

namespace pitstop::io::http {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds linger_time{2000};  // for a refused client to read why
constexpr std::uint64_t linger_bytes_max = 4 << 20;     // a client that sends on after a refusal is cut off
constexpr std::size_t body_step_bytes = 16 * 1024;      // storage grows with what came, never with what was announced
constexpr std::uint64_t skipped_body_bytes_max = 64 * 1024;  // reading more than this costs more than a new connection

unsigned status_of(const Error& error) {
    if (error.is(faults::no_such_resource)) return 404;
    if (error.is(faults::method_not_allowed)) return 405;
    if (error.is(faults::too_slow)) return 408;
    if (error.is(faults::body_too_large)) return 413;
    if (error.is(faults::target_too_long)) return 414;
    if (error.is(faults::header_too_large)) return 431;
    return 400;
}

Result<void> read_queries(std::string_view text, Request& request) {
    request.queries.clear();
    while (!text.empty()) {
        const auto one = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), one.size() + 1));
        const auto equals = one.find('=');
        auto name = percent_decoded(one.substr(0, equals), Plus::is_space);
        auto value = percent_decoded(equals == std::string_view::npos ? std::string_view() : one.substr(equals + 1),
                                     Plus::is_space);
        if (!name || !value) return fail(faults::bad_request, "the query has a malformed percent escape");
        if (!name->empty()) request.queries.emplace_back(*std::move(name), *std::move(value));
    }
    return {};
}

// RFC 9112 section 3.2: origin form, or absolute form, whose authority is of no interest here.
Result<void> read_target(Request& request) {
    std::string_view rest = request.target;
    if (rest.starts_with("https://") || rest.starts_with("http://")) {
        rest.remove_prefix(rest.find("//") + 2);
        rest.remove_prefix(std::min(rest.find_first_of("/?"), rest.size()));
    }
    const auto question = rest.find('?');
    request.path = rest.substr(0, question);
    if (request.path.empty() || request.path[0] != '/') return fail(faults::bad_request, "the target is not a path");
    return read_queries(question == std::string_view::npos ? std::string_view() : rest.substr(question + 1), request);
}

// How a connection ends is no failure of the server.
Task<void> end_well(Task<void> last_words) {
    (void)co_await std::move(last_words);
    co_return Result<void>();
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, SSL_CTX* context, Shared& shared, Admission admission)
    : shared_(shared),
      transport_(std::move(socket), context, Role::server),
      incoming_(transport_, shared.limits.header_bytes_max),
      admission_(admission) {}

Connection::~Connection() = default;

void Connection::enter(Stage stage) {
    const auto& limits = shared_.limits;
    stage_ = stage;
    switch (stage) {
        case Stage::handshake: deadline_ = Clock::now() + limits.handshake_timeout; break;
        case Stage::idle: deadline_ = Clock::now() + limits.idle_timeout; break;
        case Stage::header: deadline_ = Clock::now() + limits.header_timeout; break;
        case Stage::body: deadline_ = Clock::now() + limits.body_timeout; break;
        case Stage::answer: deadline_ = Clock::now() + limits.write_timeout; break;
        case Stage::ending: deadline_ = Clock::now() + linger_time; break;
        case Stage::handler: deadline_ = Clock::time_point::max(); break;  // the handler's waits have their own
    }
}

void Connection::sweep(Clock::time_point now) {
    if (now >= deadline_) transport_.expire();
}

void Connection::wind_down() {
    close_after_ = true;
    if (stage_ == Stage::idle || stage_ == Stage::handshake || stage_ == Stage::ending) transport_.expire();
}

Task<void> Connection::greet() {
    boost::system::error_code ignored;
    const auto peer = transport_.socket().remote_endpoint(ignored);
    request_.peer.address = std::format("{}:{}", peer.address().to_string(), peer.port());
    enter(Stage::handshake);
    if (auto agreed = co_await transport_.handshake(); !agreed) {
        shared_.handshake_failures.add();
        log::debug("{}: {}", request_.peer.address, agreed.error().str());
        co_return fail(agreed.error());
    }
    if (transport_.tls() == nullptr) co_return Result<void>();
    request_.peer.tls = tls::negotiated(transport_.tls());
    request_.peer.common_name = tls::peer_common_name(transport_.tls());
    shared_.registry
        .counter("pitstop_tls_handshakes_total", "TLS handshakes completed.", {{"group", request_.peer.tls.group}})
        .add();
    co_return Result<void>();
}

Task<void> Connection::converse() {
    if (auto greeted = co_await greet(); !greeted) co_return Result<void>();
    while (true) {
        auto asked = co_await read_request();
        if (!asked) co_return co_await end_well(say_why_and_end(asked.error()));
        if (!*asked) co_return Result<void>();
        if (!incoming_.message().keep_alive() || shared_.stopping) close_after_ = true;
        Response response = co_await answer();
        if (auto skipped = co_await skip_rest_of_body(); !skipped) close_after_ = true;
        if (auto sent = co_await send(std::move(response)); !sent) co_return Result<void>();
        if (close_after_) co_return co_await end_well(linger());
    }
}

// false: the client has ended the connection between two requests, as it may.
Task<bool> Connection::read_request() {
    incoming_.begin(request_.headers);
    enter(Stage::idle);
    if (incoming_.buffered_bytes() == 0) transport_.release();
    auto began = co_await incoming_.something();
    if (!began || !*began) co_return false;
    enter(Stage::header);
    CO_ENSURE(co_await incoming_.header());
    CO_ENSURE(check_request());
    co_return true;
}

Result<void> Connection::check_request() {
    const auto& message = incoming_.message();
    request_.method = message.method;
    request_.target = message.target;
    request_.body.clear();
    request_.parameters.clear();
    body_bytes_ = 0;
    owes_continue_ = false;
    if (request_.target.size() > shared_.limits.target_bytes_max) return fail(faults::target_too_long);
    if (message.version >= 11 && request_.headers.count("Host") != 1)
        return fail(faults::bad_request, "exactly one Host field is needed");
    const bool encoded = request_.headers.count("Transfer-Encoding") > 0;
    const bool understood =
        message.version >= 11 && message.chunked() && same_name(*request_.headers.find("Transfer-Encoding"), "chunked");
    // Taking such a body for none would let a second request hide in it (RFC 9112 section 11.2).
    if (encoded && !understood)
        return fail(faults::bad_request, "of the transfer encodings only chunked is understood");
    if (const auto expected = request_.headers.find("Expect")) owes_continue_ = same_name(*expected, "100-continue");
    return read_target(request_);
}

asio::awaitable<Response> Connection::answer() {
    if (admission_ == Admission::too_many) {
        close_after_ = true;
        co_return problem(503, Error(faults::too_many_connections));
    }
    const auto route = shared_.router.find(request_);
    if (!route) {
        auto response = problem(status_of(route.error()), route.error());
        if (route.error().is(faults::method_not_allowed))
            response.headers.add("Allow", shared_.router.allowed_methods(request_.path));
        co_return response;
    }
    body_bytes_max_ = (*route)->limits.body_bytes_max;
    if (announced_bytes().value_or(0) > body_bytes_max_) {
        close_after_ = true;
        co_return problem(413,
                          Error(faults::body_too_large, std::format("{} bytes are allowed here", body_bytes_max_)));
    }
    if ((*route)->handler) {
        if (auto whole = co_await read_whole_body(); !whole) {
            close_after_ = true;
            co_return problem(status_of(whole.error()), whole.error());
        }
    }
    co_return co_await call(**route);
}

asio::awaitable<Response> Connection::call(const Router::Route& route) {
    std::exception_ptr escaped;
    enter(Stage::handler);
    try {
        if (route.handler) co_return co_await route.handler(request_);
        co_return co_await route.uploads(request_, *this);
    } catch (...) {
        escaped = std::current_exception();
    }
    const Error error = error_of(escaped, std::format("{} {}", route.method, route.pattern));
    if (error.is(io::faults::cancelled)) std::rethrow_exception(escaped);  // the server stops
    log::problem(error, "handler");
    close_after_ = true;
    co_return problem(500, Error(faults::handler_failed));  // what went wrong inside is not a stranger's business
}

std::optional<std::uint64_t> Connection::announced_bytes() const {
    const auto length = incoming_.message().content_length();
    return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

Task<std::size_t> Connection::read(Room room) {
    enter(Stage::body);
    auto got = co_await read_piece(room);
    enter(Stage::handler);
    co_return got;
}

Task<std::size_t> Connection::read_piece(Room room) {
    if (owes_continue_ && !incoming_.complete() && incoming_.buffered_bytes() == 0) {
        CO_ENSURE(co_await transport_.write(view_of("HTTP/1.1 100 Continue\r\n\r\n")));
    }
    owes_continue_ = false;
    auto got = co_await incoming_.body(room);
    if (!got) close_after_ = true;
    if (!got) co_return got;
    body_bytes_ += *got;
    shared_.request_bytes.add(*got);
    if (body_bytes_ <= body_bytes_max_) co_return got;
    close_after_ = true;
    co_return fail(faults::body_too_large, std::format("{} bytes are allowed here", body_bytes_max_));
}

Task<void> Connection::read_whole_body() {
    if (incoming_.complete()) co_return Result<void>();
    enter(Stage::body);
    while (!incoming_.complete()) {
        const std::size_t before = request_.body.size();
        request_.body.resize(before + body_step_bytes);
        auto got =
            co_await read_piece({reinterpret_cast<std::uint8_t*>(request_.body.data()) + before, body_step_bytes});
        request_.body.resize(before + got.value_or(0));
        if (!got) co_return fail(got.error());
    }
    co_return Result<void>();
}

// A handler need not read the body; the next request starts behind it all the same.
Task<void> Connection::skip_rest_of_body() {
    if (incoming_.complete() || close_after_) co_return Result<void>();
    close_after_ = owes_continue_ || announced_bytes().value_or(0) > skipped_body_bytes_max;
    enter(Stage::body);
    std::array<std::uint8_t, 4096> thrown_away;
    std::uint64_t skipped = 0;
    while (!close_after_ && !incoming_.complete()) {
        CO_TRY(const std::size_t got, co_await incoming_.body(thrown_away));
        skipped += got;
        close_after_ = skipped > skipped_body_bytes_max;
    }
    co_return Result<void>();
}

// The request cannot be understood, so neither can what follows it.
Task<void> Connection::say_why_and_end(const Error& error) {
    if (error.is(faults::connection_lost) || error.is(faults::handshake_failed)) co_return Result<void>();
    close_after_ = true;
    CO_ENSURE(co_await send(problem(status_of(error), error)));
    co_return co_await linger();
}

// Closing while the client still sends would reset the connection, and the answer with it.
Task<void> Connection::linger() {
    enter(Stage::ending);
    CO_ENSURE(co_await transport_.end_writing());
    if (shared_.stopping && incoming_.complete())
        co_return Result<void>();  // nothing is on its way: do not hold up the stop
    std::uint64_t discarded = 0;
    while (discarded <= linger_bytes_max) {
        CO_TRY(const std::size_t got, co_await transport_.discard_some());
        if (got == 0) break;
        discarded += got;
    }
    co_return Result<void>();
}

}  // namespace pitstop::io::http
