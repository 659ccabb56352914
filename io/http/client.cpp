#include "io/http/client.h"

#include "io/http/client_connection.h"
#include "io/http/faults.h"
#include "io/http/range.h"
#include "io/log/log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <boost/json/parse.hpp>
#include <charconv>
#include <format>
#include <vector>

namespace pitstop::io::http {

namespace {

constexpr std::size_t kept_connections_max = 4;
constexpr std::size_t piece_bytes = 128 * 1024;
constexpr std::size_t body_step_bytes = 16 * 1024;
constexpr std::size_t problem_bytes_max = 16 * 1024;  // what is read of a refusal

bool may_be_repeated(std::string_view method) { return method != "POST"; }

// What the server itself said, if it answered with a problem document.
std::string code_in(const Answer& answer) {
    boost::system::error_code code;
    const auto document = boost::json::parse(answer.body, code);
    if (code || !document.is_object()) return {};
    const auto* found = document.as_object().if_contains("code");
    return found != nullptr && found->is_string() ? " " + std::string(found->as_string()) : std::string();
}

}  // namespace

Result<Answer> accepted(Answer answer) {
    if (answer.ok()) return answer;
    const bool busy = answer.status == 408 || answer.status == 429 || answer.status >= 500;
    const auto& fault = busy ? faults::server_busy : faults::status_refused;
    return fail(fault, std::format("status {}{}", answer.status, code_in(answer)));
}

struct Client::Inside {
    Loop& loop;
    ClientSettings settings;
    Origin origin;
    std::optional<Error> unusable;  // settings that cannot work are told at the first question
    std::vector<std::unique_ptr<ClientConnection>> kept;
    std::optional<tls::Negotiated> negotiated;

    Inside(Loop& on, ClientSettings given) : loop(on), settings(std::move(given)) {
        auto parsed = Origin::parse(settings.base_url, settings.tls);
        if (parsed)
            origin = *std::move(parsed);
        else
            unusable = parsed.error();
    }

    // Writes the question's head and body on the connection.
    using Ask = std::function<Task<void>(ClientConnection&)>;

    std::string head_of(std::string_view method, std::string_view path, const Headers& headers,
                        std::optional<std::uint64_t> body_bytes) const;
    Task<std::unique_ptr<ClientConnection>> connect();
    Task<std::unique_ptr<ClientConnection>> ask(std::string method, Ask ask, Answer& answer);
    Task<void> finish(std::unique_ptr<ClientConnection> connection, Answer& answer, std::size_t bytes_max);
    void keep(std::unique_ptr<ClientConnection> connection);
};

std::string Client::Inside::head_of(std::string_view method, std::string_view path, const Headers& headers,
                                    std::optional<std::uint64_t> body_bytes) const {
    std::string head = std::format("{} {}{} HTTP/1.1\r\nHost: {}\r\n", method, origin.prefix, path, origin.host_field);
    if (body_bytes) head += std::format("Content-Length: {}\r\n", *body_bytes);
    for (const auto& fields : {&settings.headers, &headers}) {
        for (const auto& [name, value] : *fields) head += std::format("{}: {}\r\n", name, value);
    }
    return head += "\r\n";
}

Task<std::unique_ptr<ClientConnection>> Client::Inside::connect() {
    if (unusable) co_return fail(*unusable);
    const std::string what = std::format("a connection to {}", origin.host_field);
    auto made = co_await with_deadline(settings.connect_timeout, what, ClientConnection::open(origin, settings));
    if (!made && made.error().is(io::faults::deadline))
        co_return fail(faults::connect_failed, std::format("{}: no answer", origin.host_field));
    if (made && (*made)->negotiated()) negotiated = (*made)->negotiated();
    co_return made;
}

// Sends the question and reads the answer's head. A kept connection that the server has closed meanwhile is replaced
// once.
Task<std::unique_ptr<ClientConnection>> Client::Inside::ask(std::string method, Ask write, Answer& answer) {
    while (true) {
        const bool is_kept = !kept.empty();
        std::unique_ptr<ClientConnection> connection;
        if (is_kept) {
            connection = std::move(kept.back());
            kept.pop_back();
        } else {
            CO_TRY(connection, co_await connect());
        }
        auto asked = co_await write(*connection);
        const bool stale = !asked && asked.error().is(faults::connection_lost);
        if (!asked && !stale) co_return fail(asked.error());
        // Also when writing failed: the server may have said why before it closed.
        auto got = co_await connection->read_head(answer, method);
        if (got) co_return connection;
        const bool swallowed = is_kept && got.error().is(faults::connection_lost) && !connection->answer_began();
        if (!swallowed || !may_be_repeated(method)) co_return fail(got.error());
    }
}

// The rest of a small answer; the connection is kept if it can serve again.
Task<void> Client::Inside::finish(std::unique_ptr<ClientConnection> connection, Answer& answer, std::size_t bytes_max) {
    answer.body.clear();
    while (true) {
        const std::size_t before = answer.body.size();
        answer.body.resize(before + body_step_bytes);
        auto got = co_await connection->read_body(
            {reinterpret_cast<std::uint8_t*>(answer.body.data()) + before, body_step_bytes});
        answer.body.resize(before + got.value_or(0));
        if (!got) co_return fail(got.error());
        if (*got == 0) break;
        if (answer.body.size() > bytes_max)
            co_return fail(faults::answer_too_large, std::format("more than {} bytes", bytes_max));
    }
    keep(std::move(connection));
    co_return Result<void>();
}

void Client::Inside::keep(std::unique_ptr<ClientConnection> connection) {
    origin.remember_session(*connection);
    if (connection->may_be_kept() && kept.size() < kept_connections_max) kept.push_back(std::move(connection));
}

Client::Client(Loop& loop, ClientSettings settings) : inside_(std::make_unique<Inside>(loop, std::move(settings))) {}
Client::~Client() = default;

const std::optional<tls::Negotiated>& Client::negotiated() const { return inside_->negotiated; }

void Client::close() { inside_->kept.clear(); }

Task<Answer> Client::get(std::string path, Headers headers, std::size_t answer_bytes_max) {
    const std::string head = inside_->head_of("GET", path, headers, std::nullopt);
    Answer answer;
    CO_TRY(auto connection,
           co_await inside_->ask("GET", [&](ClientConnection& on) { return on.write(view_of(head)); }, answer));
    CO_ENSURE(co_await inside_->finish(std::move(connection), answer, answer_bytes_max));
    co_return answer;
}

Task<Answer> Client::send(std::string method, std::string path, std::string body, std::string content_type,
                          Headers headers, std::size_t answer_bytes_max) {
    if (!content_type.empty()) headers.set("Content-Type", content_type);
    const std::string message = inside_->head_of(method, path, headers, body.size()) + body;
    Answer answer;
    CO_TRY(auto connection,
           co_await inside_->ask(method, [&](ClientConnection& on) { return on.write(view_of(message)); }, answer));
    CO_ENSURE(co_await inside_->finish(std::move(connection), answer, answer_bytes_max));
    co_return answer;
}

namespace {

struct UploadFile {
    int descriptor = -1;
    std::uint64_t size_bytes = 0;

    UploadFile() = default;
    UploadFile(UploadFile&& other) noexcept
        : descriptor(std::exchange(other.descriptor, -1)),
          size_bytes(other.size_bytes) {}
    UploadFile& operator=(UploadFile&&) = delete;
    ~UploadFile() {
        if (descriptor >= 0) ::close(descriptor);
    }

    static Result<UploadFile> open(const std::filesystem::path& path) {
        UploadFile file;
        struct stat found{};
        file.descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (file.descriptor < 0 || ::fstat(file.descriptor, &found) != 0 || !S_ISREG(found.st_mode)) {
            return fail(faults::file_unreadable,
                        std::format("{}: {}", path.string(), error_of_errno(errno, "opening").detail()));
        }
        file.size_bytes = static_cast<std::uint64_t>(found.st_size);
        return file;
    }
};

// The server may refuse after the head alone: then nothing is sent in vain.
Task<void> write_file(ClientConnection& connection, std::string_view head, const UploadFile& file,
                      const Progress& progress, Answer& answer) {
    CO_ENSURE(co_await connection.write(view_of(head)));
    CO_TRY(const bool invited, co_await connection.is_invited(answer));
    if (!invited) co_return Result<void>();
    Bytes piece(piece_bytes);
    std::uint64_t done = 0;
    while (done < file.size_bytes) {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), file.size_bytes - done));
        const ssize_t got = ::pread(file.descriptor, piece.data(), wanted, static_cast<off_t>(done));
        if (got <= 0) co_return fail(faults::file_unreadable, "the file ended early");
        CO_ENSURE(co_await connection.write(View(piece).first(static_cast<std::size_t>(got))));
        done += static_cast<std::uint64_t>(got);
        if (progress) progress(done, file.size_bytes);
    }
    co_return Result<void>();
}

}  // namespace

Task<Answer> Client::upload(Upload upload) {
    CO_TRY(const auto file, UploadFile::open(upload.file));
    upload.headers.set("Content-Type", upload.content_type);
    upload.headers.set("Expect", "100-continue");
    const std::string head = inside_->head_of(upload.method, upload.path, upload.headers, file.size_bytes);
    Answer answer;
    const auto write = [&](ClientConnection& on) { return write_file(on, head, file, upload.progress, answer); };
    CO_TRY(auto connection, co_await inside_->ask(upload.method, write, answer));
    CO_ENSURE(co_await inside_->finish(std::move(connection), answer, upload.answer_bytes_max));
    co_return answer;
}

namespace {

struct Expected {
    bool nothing_left = false;
};

// Whether the answer's bytes are the ones that were asked for.
Result<Expected> check_download(const Answer& answer, const Download& asked, std::optional<std::uint64_t> announced) {
    const auto content_range = answer.headers.find("Content-Range");
    if (answer.status == 416 && content_range && parse_unsatisfied_size(*content_range) == asked.first_byte)
        return Expected{.nothing_left = true};
    if (answer.status == 200 && asked.first_byte == 0) {
        if (announced.value_or(0) > asked.size_bytes_max)
            return fail(faults::answer_too_large, std::format("{} bytes", *announced));
        return Expected{};
    }
    if (answer.status == 206) {
        const auto range = content_range ? parse_content_range(*content_range) : std::nullopt;
        if (!range || range->first != asked.first_byte || range->last + 1 != range->size)
            return fail(faults::bad_answer, "another range than asked for");
        if (range->size > asked.size_bytes_max)
            return fail(faults::answer_too_large, std::format("{} bytes", range->size));
        if (announced && *announced != range->last - range->first + 1)
            return fail(faults::bad_answer, "length and range disagree");
        return Expected{};
    }
    if (answer.ok()) return fail(faults::bad_answer, "the resource has changed, or the server does not know ranges");
    return accepted(answer).transform([](const Answer&) { return Expected{}; });
}

}  // namespace

Task<std::uint64_t> Client::download(Download asked, Sink sink) {
    if (asked.first_byte > 0) {
        asked.headers.set("Range", std::format("bytes={}-", asked.first_byte));
        if (!asked.etag.empty()) asked.headers.set("If-Range", std::format("\"{}\"", asked.etag));
    }
    const std::string head = inside_->head_of("GET", asked.path, asked.headers, std::nullopt);
    Answer answer;
    CO_TRY(auto connection,
           co_await inside_->ask("GET", [&](ClientConnection& on) { return on.write(view_of(head)); }, answer));
    if (!answer.ok() && answer.status != 416)
        CO_ENSURE(co_await inside_->finish(std::move(connection), answer, problem_bytes_max));
    CO_TRY(const auto expected,
           check_download(answer, asked, connection ? connection->announced_bytes() : std::nullopt));
    if (expected.nothing_left) co_return 0;

    Bytes piece(piece_bytes);
    std::uint64_t received = 0;
    while (true) {
        CO_TRY(const std::size_t got, co_await connection->read_body(piece));
        if (got == 0) break;
        received += got;
        if (asked.first_byte + received > asked.size_bytes_max) co_return fail(faults::answer_too_large);
        CO_ENSURE(sink(View(piece).first(got)));
    }
    inside_->keep(std::move(connection));
    co_return received;
}

}  // namespace pitstop::io::http
