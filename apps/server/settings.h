// What config/server.yaml says, as one small struct for each part. Faults: config.*
#pragma once

#include "apps/server/deliveries.h"
#include "core/base/bytes.h"
#include "io/http/server.h"
#include "io/log/log.h"
#include "io/mqtt/broker.h"
#include "io/mqtt/client.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pitstop::server {

struct ApiKey {
    std::string name;
    std::string role;
    Sha256Digest digest{};  // of the key
};

struct RepositorySettings {
    std::filesystem::path director_roots;   // folder with N.root.json
    std::filesystem::path online_keys;      // folder with director-{targets,snapshot,timestamp}-{classical,pq}.key
    std::filesystem::path image_root;       // 1.root.json of the Image repository: what this server believes
    std::filesystem::path package_signers;  // folder with the .pub of whoever builds packages
};

struct Settings {
    io::log::LogSettings log;
    std::filesystem::path data;
    io::http::ServerSettings https;
    std::uint16_t metrics_port = 9464;
    std::uint64_t package_bytes_max = 0;
    io::mqtt::ClientSettings mqtt;
    std::optional<io::mqtt::BrokerSettings> embedded_broker;  // nothing: the broker is somebody else's
    RepositorySettings repository;
    DeltaSettings delta;
    std::vector<ApiKey> api_keys;

    static Result<Settings> from_file(const std::filesystem::path& file);
};

}  // namespace pitstop::server
