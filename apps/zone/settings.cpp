#include "apps/zone/settings.h"

#include "io/can/address.h"
#include "io/config/section.h"
#include "io/ethernet/doip_settings.h"

#include <algorithm>
#include <utility>

namespace pitstop::zone {
namespace {

using io::config::Section;

Result<Identity> read_identity(const Section& root) {
    TRY(const auto id, root.id<EcuId>("id"));
    TRY(const auto vin, root.id<Vin>("vin"));
    TRY(auto name, root.text("name"));
    TRY(const auto version, root.id<Version>("software_version"));
    return Identity{id, vin, std::move(name), version};
}

Result<void> read_listen(const Section& root, Settings& into) {
    TRY(const auto section, root.section("listen"));
    ENSURE(io::ethernet::read_doip_server(section, into.doip));
    into.host = into.doip.host;
    into.port = into.doip.port;
    return {};
}

Result<void> read_buses(const Section& root, std::vector<BusSettings>& into) {
    TRY(const auto sections, root.list("buses"));
    for (const auto& section : sections) {
        TRY(auto name, section.text("name"));
        TRY(auto address, section.text("address"));
        if (std::ranges::contains(into, name, &BusSettings::name))
            return section.out_of_range("name", "there is another bus of this name");
        if (const auto parsed = io::can::Address::parse(address); !parsed)
            return section.out_of_range("address", parsed.error().str());
        into.push_back({std::move(name), std::move(address)});
    }
    return {};
}

Result<RouteSettings> read_route(const Section& section) {
    TRY(const auto ecu, section.id<EcuId>("id"));
    TRY(auto bus, section.text("bus"));
    TRY(const auto request, section.number("request_id", {0, 0x7FF}));
    TRY(const auto response, section.number("response_id", {0, 0x7FF}));
    if (request == response) return section.out_of_range("response_id", "must differ from request_id");
    TRY(const auto format,
        section.choice<CanFormat>("format", {{"fd", CanFormat::fd}, {"classic", CanFormat::classic}}, "fd"));
    RouteSettings route{
        ecu, std::move(bus), {static_cast<std::uint32_t>(request)}, {static_cast<std::uint32_t>(response)}, format};
    if (section.has("hardware_id")) {
        TRY(route.hardware, section.id<HardwareId>("hardware_id"));
    }
    return route;
}

Result<void> read_routes(const Section& root, Settings& into) {
    TRY(const auto sections, root.list("ecus"));
    for (const auto& section : sections) {
        TRY(auto route, read_route(section));
        if (!std::ranges::contains(into.buses, route.bus, &BusSettings::name))
            return section.out_of_range("bus", "no bus of this name");
        const auto clashes = [&](const RouteSettings& other) {
            return other.bus == route.bus && (other.request == route.request || other.response == route.response);
        };
        if (route.ecu == into.identity.id || std::ranges::contains(into.routes, route.ecu, &RouteSettings::ecu))
            return section.out_of_range("id", "this ECU stands here twice");
        if (std::ranges::any_of(into.routes, clashes))
            return section.out_of_range("request_id", "another ECU on this bus has the same identifiers");
        into.routes.push_back(std::move(route));
    }
    return {};
}

Result<std::optional<TrustSettings>> read_trust(const Section& root, const Settings& settings) {
    TRY(const auto section, root.section_if_there("trust"));
    if (!section) return std::nullopt;
    for (const RouteSettings& route : settings.routes)
        if (!route.hardware)
            return section->out_of_range("director_root", route.ecu.str() + " needs a 'hardware_id' to be judged for");
    TrustSettings trust;
    TRY(trust.director_root, section->path("director_root"));
    TRY(trust.image_root, section->path("image_root"));
    TRY(trust.state, section->path("state"));
    return trust;
}

Result<std::optional<StoreSettings>> read_store(const Section& root) {
    TRY(const auto section, root.section_if_there("store"));
    if (!section) return std::nullopt;
    TRY(auto folder, section->path("folder"));
    TRY(const auto size_mib, section->number("size_mib", {1, 1 << 20}, 512));
    return StoreSettings{std::move(folder), static_cast<std::uint64_t>(size_mib) << 20};
}

// What it installs it must have judged.
Result<std::optional<ecu::ImageSettings>> read_image(const Section& root, const Settings& settings) {
    TRY(const auto section, root.section_if_there("image"));
    if (!section) return std::nullopt;
    if (!settings.trust) return root.out_of_range("image", "a zone that takes images needs 'trust'");
    TRY(auto image, ecu::read_image(*section, settings.identity.id, settings.identity.vin));
    if (image.flash.banks != flash::Banks::two)
        return section->out_of_range("flash", "a zone routes while it is programmed: it needs two banks");
    return image;
}

}  // namespace

Result<Settings> Settings::from_file(const std::filesystem::path& file) {
    TRY(const auto root, Section::from_file(file));
    TRY(auto identity, read_identity(root));
    Settings settings{.identity = std::move(identity), .host = {}, .buses = {}, .routes = {}};
    ENSURE(read_listen(root, settings));
    ENSURE(read_buses(root, settings.buses));
    ENSURE(read_routes(root, settings));
    TRY(settings.trust, read_trust(root, settings));
    TRY(const auto diagnostics, root.section_if_there("diagnostics"));
    if (diagnostics) {
        TRY(settings.credential, diagnostics->path("credential"));
    }
    TRY(settings.store, read_store(root));
    TRY(settings.image, read_image(root, settings));
    TRY(settings.access, ecu::read_access(root));
    if (settings.access && settings.access->security_key)
        return root.out_of_range("access", "a zone asks for certificates, and knows no 'security_key'");
    ENSURE(root.finish());
    return settings;
}

}  // namespace pitstop::zone
