#include "io/mqtt/broker_files.h"

#include "core/wire/catalogue.h"

#include <format>
#include <set>

namespace pitstop::io::mqtt {

std::string broker_configuration(const BrokerSettings& settings, std::string_view user) {
    const BrokerLimits& limits = settings.limits;
    const std::filesystem::path& folder = settings.folder;
    return std::format(
        "# Written by pitstop-server at every start: changes made here are lost.\n"
        "user {}\n"
        "listener {} {}\n"
        "protocol mqtt\n"
        "max_connections {}\n"
        "cafile {}\n"
        "certfile {}\n"
        "keyfile {}\n"
        "tls_version tlsv1.3\n"
        "require_certificate true\n"
        "use_identity_as_username true\n"
        // Otherwise a car could take over another car's session by calling itself by its client id.
        "use_username_as_clientid true\n"
        "allow_anonymous false\n"
        "acl_file {}\n"
        "persistence true\n"
        "persistence_location {}/\n"
        "autosave_interval 60\n"
        "persistent_client_expiration 7d\n"
        "max_packet_size {}\n"
        "max_inflight_messages {}\n"
        "max_queued_messages {}\n"
        "max_queued_bytes {}\n"
        "memory_limit {}\n"
        "max_keepalive 3600\n"
        "set_tcp_nodelay true\n"
        "log_dest stdout\n"
        "log_type error\n"
        "log_type warning\n"
        "log_type notice\n",
        user, settings.port, settings.address, limits.connections_max, settings.tls.trust_anchors.string(),
        settings.tls.certificate_chain.string(), settings.tls.private_key.string(), (folder / "access.list").string(),
        (folder / "sessions").string(), limits.message_bytes_max, limits.in_flight_max, limits.queued_messages_max,
        limits.queued_bytes_max, limits.memory_bytes_max);
}

std::string access_list() {
    std::set<std::string> vehicle, server;  // sorted and without repetition: several types share a topic
    for (const wire::CatalogueRow& row : wire::catalogue()) {
        const bool from_vehicle = row.source == wire::Entity::vehicle;
        vehicle.insert(std::format("pattern {} oem/%u/{}\n", from_vehicle ? "write" : "read", row.suffix));
        server.insert(std::format("topic {} oem/+/{}\n", from_vehicle ? "read" : "write", row.suffix));
    }
    std::string text = "# Written by pitstop-server at every start from the catalogue of messages.\n";
    text += std::format("user {}\n", wire::server_identifier);
    for (const auto& line : server) text += line;
    text += std::format("\nuser {}\ntopic read oem/#\n\n", observer_identifier);
    for (const auto& line : vehicle) text += line;
    return text;
}

}  // namespace pitstop::io::mqtt
