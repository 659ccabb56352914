#include "apps/ecu/settings.h"

#include "io/config/section.h"
#include "io/ethernet/doip_settings.h"

#include <utility>

namespace pitstop::ecu {
namespace {

using io::config::Section;

// One turn of ISO-TP for a block costs little above 16 KiB, and a lost frame costs a whole block.
constexpr std::uint32_t can_block_size_bytes = 16 * 1024 + 2;
constexpr std::uint32_t classic_can_block_size_bytes = 4095;  // what a first frame of 12 bits can announce
constexpr std::uint32_t ethernet_block_size_bytes = 64 * 1024 + 2;
constexpr std::int64_t block_size_bytes_limit = 64 * 1024 + 2;

Result<std::optional<CanSettings>> read_can(const Section& root) {
    TRY(const auto section, root.section_if_there("can"));
    if (!section) return std::nullopt;
    CanSettings can;
    TRY(can.bus, section->text("bus"));
    TRY(const auto request_id, section->number("request_id", {0, 0x7FF}));
    TRY(const auto response_id, section->number("response_id", {0, 0x7FF}));
    TRY(const auto functional_id, section->number("functional_id", {0, 0x7FF}, can.functional_id));
    if (request_id == response_id) return section->out_of_range("response_id", "differs from request_id");
    if (functional_id == request_id || functional_id == response_id)
        return section->out_of_range("functional_id", "differs from request_id and response_id");
    can.request_id = static_cast<std::uint32_t>(request_id);
    can.response_id = static_cast<std::uint32_t>(response_id);
    can.functional_id = static_cast<std::uint32_t>(functional_id);
    TRY(can.format,
        section->choice<CanFormat>("format", {{"fd", CanFormat::fd}, {"classic", CanFormat::classic}}, "fd"));
    return can;
}

Result<std::optional<EthernetSettings>> read_ethernet(const Section& root) {
    TRY(const auto section, root.section_if_there("ethernet"));
    if (!section) return std::nullopt;
    EthernetSettings ethernet;
    ENSURE(io::ethernet::read_doip_server(*section, ethernet.doip));
    ethernet.host = ethernet.doip.host;
    ethernet.port = ethernet.doip.port;
    return ethernet;
}

using flash::Verification;

// A bus makes a small ECU likely, Ethernet a large one.
Result<std::optional<TrustSettings>> read_trust(const Section& root, const std::optional<CanSettings>& can) {
    TRY(const auto section, root.section_if_there("trust"));
    if (!section) return std::nullopt;
    TrustSettings trust;
    TRY(trust.director_root, section->path("director_root"));
    TRY(trust.verification, section->choice<Verification>(
                                "verification", {{"partial", Verification::partial}, {"full", Verification::full}},
                                can ? "partial" : "full"));
    if (trust.verification == Verification::partial) return trust;
    TRY(trust.image_root, section->path("image_root"));
    TRY(trust.state, section->path("state"));
    return trust;
}

}  // namespace

std::uint32_t usual_block_size_bytes(const std::optional<CanSettings>& can) {
    if (!can) return ethernet_block_size_bytes;
    return can->format == CanFormat::fd ? can_block_size_bytes : classic_can_block_size_bytes;
}

Result<Settings> Settings::from_file(const std::filesystem::path& file) {
    TRY(const auto root, Section::from_file(file));
    TRY(const auto id, root.id<EcuId>("id"));
    TRY(const auto vin, root.id<Vin>("vin"));
    TRY(auto image, read_image(root, id, vin));
    Settings settings{std::move(image)};
    TRY(settings.can, read_can(root));
    TRY(settings.ethernet, read_ethernet(root));
    if (settings.can.has_value() == settings.ethernet.has_value())
        return root.out_of_range("id", "needs either 'can' or 'ethernet'");
    TRY(settings.trust, read_trust(root, settings.can));
    TRY(settings.access, read_access(root));
    if (settings.keys && !settings.trust)
        return root.out_of_range("keys", "an ECU reports what it trusts: it needs 'trust'");
    TRY(const auto block_size,
        root.number("block_size_bytes_max", {16, block_size_bytes_limit}, usual_block_size_bytes(settings.can)));
    settings.block_size_bytes_max = static_cast<std::uint32_t>(block_size);
    TRY(const bool ready, root.yes_or_no("ready_for_programming", true));
    settings.readiness = ready ? Readiness::ready : Readiness::not_ready;
    ENSURE(root.finish());
    return settings;
}

}  // namespace pitstop::ecu
