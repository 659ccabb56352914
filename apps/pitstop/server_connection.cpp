#include "apps/pitstop/server_connection.h"

#include "apps/pitstop/faults.h"
#include "io/http/faults.h"
#include "io/keys/key_file.h"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <format>

namespace pitstop::cli {
namespace {

namespace http = io::http;

constexpr std::size_t answer_bytes_max = std::size_t{32} << 20;  // a page of 100 vehicles with 200 events each
constexpr std::string_view page_size = "100";
constexpr std::chrono::milliseconds patience{120'000};  // a server that syncs a large package to its disk

}  // namespace

void add_server_options(CLI::App& command, ServerOptions& options, ServerUse use) {
    CLI::Option* const server =
        command.add_option("--server", options.url, "Pitstop server")->type_name("URL")->group("Server");
    CLI::Option* const authority = command.add_option("--ca", options.authority, "Certificate of its authority")
                                       ->envname("PITSTOP_CA")
                                       ->type_name("FILE")
                                       ->group("Server");
    CLI::Option* const key =
        command.add_option("--api-key-file", options.api_key_file, "File (mode 0600) with an API key")
            ->envname("PITSTOP_API_KEY_FILE")
            ->type_name("FILE")
            ->group("Server");
    command.add_option("--tls-profile", options.profile, "TLS profile of the server")
        ->check(CLI::Range(1, static_cast<int>(io::tls::profiles().size()) - 1).description(""))
        ->type_name("1-12")
        ->group("Server")
        ->capture_default_str();
    if (use == ServerUse::by_wish) {
        server->needs(authority)->needs(key);
        return;
    }
    options.url = "https://localhost:8443";
    server->envname("PITSTOP_SERVER")->capture_default_str();
    authority->required();
    key->required();
}

Result<std::string> authorization_from(const std::filesystem::path& api_key_file) {
    constexpr std::string_view as_header = "Authorization: Bearer ";  // as `curl --header @FILE` reads it
    TRY(std::string key, io::keys::load_secret(api_key_file));
    if (key.starts_with(as_header)) key.erase(0, as_header.size());
    const bool is_one_word = std::ranges::all_of(view_of(key), [](std::uint8_t c) { return c > 0x20 && c < 0x7F; });
    if (key.empty() || !is_one_word) return fail(faults::bad_api_key, api_key_file.string());
    return "Bearer " + key;
}

Result<json::Object> understood(const http::Answer& answer) {
    auto body = json::parse(view_of(answer.body), answer_bytes_max);
    const bool is_object = body && body->is_object();
    if (answer.ok() && is_object) return std::move(body->get_object());
    if (answer.ok()) return fail(http::faults::bad_answer, "the server's answer is not a JSON object");
    const auto refusal = http::accepted(answer);
    if (!is_object || !json::has(body->get_object(), "code")) return fail(refusal.error());
    const json::Object& problem = body->get_object();
    const Fault& fault = refusal.error().remedy() == Remedy::retry ? http::faults::server_busy : faults::server_refused;
    return fail(fault, std::format("{}: {}. {}", shown(problem, "code"),
                                   shown(problem, json::has(problem, "detail") ? "detail" : "title"),
                                   json::has(problem, "advice") ? shown(problem, "advice") : ""));
}

Result<ServerConnection> ServerConnection::open(const ServerOptions& options) {
    TRY(const std::string authorization, authorization_from(options.api_key_file));
    io::tls::TlsSettings tls;
    tls.profile = options.profile;
    tls.trust_anchors = options.authority;
    http::ClientSettings settings;
    settings.base_url = options.url;
    settings.tls = std::move(tls);
    settings.idle_timeout = patience;
    settings.headers = {{"Authorization", authorization}};
    ServerConnection connection;
    connection.loop_ = std::make_unique<io::Loop>();
    connection.client_ = std::make_unique<http::Client>(*connection.loop_, std::move(settings));
    return connection;
}

Result<json::Object> ServerConnection::get(const std::string& path) {
    TRY(const auto answer, io::complete(*loop_, client_->get(path, {}, answer_bytes_max)));
    return understood(answer);
}

Result<json::Object> ServerConnection::get_all(const std::string& path, std::string_view member) {
    const std::string first = std::format("{}?limit={}", path, page_size);
    TRY(json::Object all, get(first));
    TRY(const json::Array* const there, json::array(all, member));
    json::Array rows = *there;
    std::string cursor;
    while (json::has(all, "next_cursor")) {
        const std::string before = cursor;
        TRY(cursor, json::string(all, "next_cursor"));
        if (cursor == before) return fail(http::faults::bad_answer, "the server gives the same cursor twice");
        TRY(json::Object page, get(std::format("{}&cursor={}", first, http::percent_encoded(cursor))));
        TRY(const json::Array* const more, json::array(page, member));
        rows.insert(rows.end(), more->begin(), more->end());
        all["next_cursor"] = json::has(page, "next_cursor") ? page["next_cursor"] : json::Value(nullptr);
    }
    all[member] = std::move(rows);
    return all;
}

Result<json::Object> ServerConnection::send(const std::string& method, const std::string& path,
                                            const json::Object& body) {
    TRY(const auto answer, io::complete(*loop_, client_->send(method, path, boost::json::serialize(body),
                                                              "application/json", {}, answer_bytes_max)));
    return understood(answer);
}

Result<json::Object> ServerConnection::post(const std::string& path, const json::Object& body) {
    return send("POST", path, body);
}

Result<json::Object> ServerConnection::put(const std::string& path, const json::Object& body) {
    return send("PUT", path, body);
}

Result<json::Object> ServerConnection::remove(const std::string& path) { return send("DELETE", path, {}); }

Result<json::Object> ServerConnection::upload(http::Upload upload) {
    TRY(const auto answer, io::complete(*loop_, client_->upload(std::move(upload))));
    return understood(answer);
}

}  // namespace pitstop::cli
