#include "apps/server/settings.h"

#include "apps/server/principal.h"
#include "core/wire/catalogue.h"
#include "io/config/section.h"

#include <thread>

namespace pitstop::server {
namespace {

using io::config::Section;

constexpr std::int64_t port_max = 65535;

// What every TLS listener and client of this program shares.
Result<io::tls::TlsSettings> read_channel(const Section& root) {
    io::tls::TlsSettings tls;
    TRY(const Section channel, root.section("channel"));
    TRY(const auto profile, channel.number("profile", {0, 12}, io::tls::default_profile));
    TRY(const bool hybrid, channel.yes_or_no("hybrid_kex", true));
    TRY(const bool classical, channel.yes_or_no("allow_classical", false));
    TRY(tls.trust_anchors, channel.path("authority"));
    tls.profile = static_cast<int>(profile);
    tls.hybrid = hybrid ? io::tls::HybridKex::on : io::tls::HybridKex::off;
    tls.allow_classical = classical ? io::tls::AllowClassical::yes : io::tls::AllowClassical::no;
    return tls;
}

Result<io::tls::TlsSettings> with_certificate(io::tls::TlsSettings tls, const Section& section) {
    TRY(tls.certificate_chain, section.path("certificate"));
    TRY(tls.private_key, section.path("private_key"));
    return tls;
}

Result<void> read_log(const Section& root, Settings& settings) {
    using io::log::Format;
    using io::log::Level;
    settings.log.program = "server";
    TRY(const auto section, root.section_if_there("log"));
    if (!section) return {};
    TRY(settings.log.level,
        section->choice<Level>(
            "level",
            {{"debug", Level::debug}, {"info", Level::info}, {"warning", Level::warning}, {"error", Level::error}},
            "info"));
    TRY(settings.log.format,
        section->choice<Format>("format", {{"text", Format::text}, {"json", Format::json}}, "text"));
    TRY(settings.log.file, section->path_if_there("file"));
    return {};
}

Result<void> read_https(const Section& root, const io::tls::TlsSettings& channel, Settings& settings) {
    TRY(const Section https, root.section("https"));
    TRY(settings.https.address, https.text("address", "0.0.0.0"));
    TRY(const auto port, https.number("port", {0, port_max}, 8443));
    settings.https.port = static_cast<std::uint16_t>(port);
    const auto cores = std::max<std::int64_t>(1, std::thread::hardware_concurrency());
    TRY(const auto threads, https.number("threads", {1, 256}, cores));
    settings.https.threads = static_cast<std::size_t>(threads);
    TRY(const auto package_mib, https.number("package_mib_max", {1, 65536}, 4096));
    settings.package_bytes_max = static_cast<std::uint64_t>(package_mib) << 20;
    TRY(settings.https.tls, with_certificate(channel, https));
    settings.https.tls->peer_certificate = io::tls::PeerCertificate::optional;  // people come with an API key instead
    return {};
}

Result<void> read_mqtt(const Section& root, const io::tls::TlsSettings& channel, Settings& settings) {
    TRY(const Section mqtt, root.section("mqtt"));
    TRY(settings.mqtt.host, mqtt.text("host", "127.0.0.1"));
    TRY(const auto port, mqtt.number("port", {1, port_max}, 8883));
    settings.mqtt.port = static_cast<std::uint16_t>(port);
    settings.mqtt.client_id = wire::server_identifier;
    TRY(settings.mqtt.tls, with_certificate(channel, mqtt));
    TRY(const auto broker, mqtt.section_if_there("embedded_broker"));
    if (!broker) return {};
    io::mqtt::BrokerSettings& embedded = settings.embedded_broker.emplace();
    embedded.folder = settings.data / "broker";
    embedded.port = settings.mqtt.port;
    TRY(embedded.address, broker->text("address", "0.0.0.0"));
    TRY(embedded.program, broker->text("program", "mosquitto"));
    TRY(embedded.tls, with_certificate(channel, *broker));
    return {};
}

Result<void> read_repository(const Section& root, Settings& settings) {
    TRY(const Section section, root.section("repository"));
    RepositorySettings& repository = settings.repository;
    TRY(repository.director_roots, section.path("director_roots"));
    TRY(repository.online_keys, section.path("online_keys"));
    TRY(repository.image_root, section.path("image_root"));
    TRY(repository.package_signers, section.path("package_signers"));
    return {};
}

Result<void> read_delta(const Section& root, Settings& settings) {
    TRY(const auto section, root.section_if_there("delta"));
    if (!section) return {};
    DeltaSettings& delta = settings.delta;
    TRY(delta.saves_at_least, section->real("saves_at_least", 0.0, 1.0, delta.saves_at_least));
    TRY(const auto wait_s, section->number("wait_s", {0, 86'400}, delta.wait.count()));
    delta.wait = std::chrono::seconds(wait_s);
    TRY(const auto cache_mib, section->number("cache_mib_max", {0, 1 << 24}, 10'240));
    delta.cache_bytes_max = static_cast<std::uint64_t>(cache_mib) << 20;
    TRY(const auto image_mib, section->number("image_mib_max", {1, 1024}, 256));
    delta.image_bytes_max = static_cast<std::uint64_t>(image_mib) << 20;
    TRY(const auto jobs, section->number("jobs_at_once", {1, 64}, 1));
    delta.jobs_at_once = static_cast<std::size_t>(jobs);
    return {};
}

Result<void> read_api_keys(const Section& root, Settings& settings) {
    TRY(const auto keys, root.list("api_keys"));
    for (const Section& section : keys) {
        ApiKey& key = settings.api_keys.emplace_back();
        TRY(key.name, section.text("name"));
        TRY(key.role, section.text("role"));
        if (!role_from(key.role))
            return section.out_of_range("role", "one of viewer, operator, release-manager, admin");
        TRY(const auto digest, section.text("sha256"));
        const auto parsed = sha256_from_hex(digest);
        if (!parsed) return section.out_of_range("sha256", "the SHA-256 of the key as 64 hex digits");
        key.digest = *parsed;
    }
    return {};
}

}  // namespace

Result<Settings> Settings::from_file(const std::filesystem::path& file) {
    TRY(const Section root, Section::from_file(file));
    Settings settings;
    TRY(settings.data, root.path("data"));
    ENSURE(read_log(root, settings));
    TRY(const auto channel, read_channel(root));
    ENSURE(read_https(root, channel, settings));
    ENSURE(read_mqtt(root, channel, settings));
    TRY(const auto metrics_port, root.number("metrics_port", {0, port_max}, 9464));
    settings.metrics_port = static_cast<std::uint16_t>(metrics_port);
    ENSURE(read_repository(root, settings));
    ENSURE(read_delta(root, settings));
    ENSURE(read_api_keys(root, settings));
    ENSURE(root.finish());
    return settings;
}

}  // namespace pitstop::server
