// One command's conversation with a Pitstop server (docs/openapi.yaml): who it is, who asks, and its answers as JSON.
//
// Bring the options that add_server_options put on the command line. What the server refuses comes back as
// cli.server-refused (or http.server-busy, worth another try) with the server's own code and words in the detail.
// Faults: those, cli.bad-api-key, http.*, tls.*, keys.* and files.* for the two files.
#pragma once

#include "apps/pitstop/terminal.h"
#include "core/base/json.h"
#include "io/http/client.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace pitstop::cli {

struct ServerOptions {
    std::string url;  // empty: no server was named
    std::filesystem::path authority, api_key_file;
    int profile = io::tls::default_profile;
};

// needed: a command that only talks to the server; by_wish: one that also works without, until --server is given.
enum class ServerUse { needed, by_wish };
void add_server_options(CLI::App& command, ServerOptions& options, ServerUse use);

class ServerConnection {
public:
    [[nodiscard]] static Result<ServerConnection> open(const ServerOptions& options);

    [[nodiscard]] Result<json::Object> get(const std::string& path);
    // All pages of a list as one answer: `member` is the array that grows from page to page.
    [[nodiscard]] Result<json::Object> get_all(const std::string& path, std::string_view member);
    [[nodiscard]] Result<json::Object> post(const std::string& path, const json::Object& body);
    [[nodiscard]] Result<json::Object> put(const std::string& path, const json::Object& body);
    [[nodiscard]] Result<json::Object> remove(const std::string& path);
    [[nodiscard]] Result<json::Object> upload(io::http::Upload upload);

private:
    ServerConnection() = default;
    [[nodiscard]] Result<json::Object> send(const std::string& method, const std::string& path,
                                            const json::Object& body);
    std::unique_ptr<io::Loop> loop_;
    std::unique_ptr<io::http::Client> client_;
};

// The parts that need no network.
[[nodiscard]] Result<std::string> authorization_from(const std::filesystem::path& api_key_file);
[[nodiscard]] Result<json::Object> understood(const io::http::Answer& answer);

}  // namespace pitstop::cli
