#include "apps/ecu/settings.h"

#include "io/config/section.h"
#include "io/ethernet/doip_settings.h"

#include <charconv>
#include <utility>

namespace pitstop::ecu {
namespace {

using io::config::Section;

constexpr std::uint32_t kib = 1024;
// One turn of ISO-TP for a block costs little above 16 KiB, and a lost frame costs a whole block.
constexpr std::uint32_t can_block_size_bytes = 16 * 1024 + 2;
constexpr std::uint32_t classic_can_block_size_bytes = 4095;  // what a first frame of 12 bits can announce
constexpr std::uint32_t ethernet_block_size_bytes = 64 * 1024 + 2;
constexpr std::int64_t block_size_bytes_limit = 64 * 1024 + 2;

// Embedded NOR flash of the usual kind: 64 KiB erased in half a second, 250 KiB programmed in one.
constexpr double erase_us_per_kib = 8000;
constexpr double program_us_per_kib = 4000;

Result<Identity> read_identity(const Section& root) {
    TRY(auto id, root.id<EcuId>("id"));
    TRY(auto vin, root.id<Vin>("vin"));
    TRY(auto hardware_id, root.id<HardwareId>("hardware_id"));
    TRY(auto part_number, root.text("part_number"));
    TRY(auto serial_number, root.text("serial_number"));
    TRY(auto boot_software, root.text("boot_software", "pitstop-boot 1.0.0"));
    TRY(auto rxswin, root.text("rxswin", ""));
    return Identity{id,
                    vin,
                    hardware_id,
                    std::move(part_number),
                    std::move(serial_number),
                    std::move(boot_software),
                    std::move(rxswin)};
}

Result<flash::Geometry> read_geometry(const Section& section) {
    flash::Geometry geometry;
    TRY(const auto unit, section.number("program_unit_bytes", {1, flash::Geometry::program_unit_bytes_max}, 32));
    geometry.program_unit_bytes = static_cast<std::uint32_t>(unit);
    TRY(const auto runs, section.list("sectors"));
    if (runs.empty() || runs.size() > geometry.runs.size())
        return section.out_of_range("sectors", "one to four entries of count and size_kib");
    for (std::size_t i = 0; i < runs.size(); ++i) {
        TRY(const auto count, runs[i].number("count", {1, 1 << 20}));
        TRY(const auto size_kib, runs[i].number("size_kib", {1, flash::Geometry::size_bytes_max / kib}));
        geometry.runs[i] = {static_cast<std::uint32_t>(count), static_cast<std::uint32_t>(size_kib) * kib};
    }
    if (auto checked = flash::check_geometry(geometry); !checked)
        return section.out_of_range("sectors", checked.error().detail());
    return geometry;
}

Result<std::vector<std::uint32_t>> read_worn_out(const Section& section, const flash::Geometry& geometry) {
    TRY(const auto texts, section.texts("worn_out_sectors"));
    std::vector<std::uint32_t> sectors;
    for (const std::string& text : texts) {
        std::uint32_t sector = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), sector);
        if (error != std::errc{} || end != text.data() + text.size() || sector >= geometry.sector_count())
            return section.out_of_range("worn_out_sectors", "numbers of sectors, from 0");
        sectors.push_back(sector);
    }
    return sectors;
}

Result<FlashSettings> read_flash(const Section& root) {
    TRY(const auto section, root.section("flash"));
    TRY(auto file, section.path("file"));
    TRY(const auto geometry, read_geometry(section));
    TRY(const double speed, section.real("speed", 0, 1e6, 0));
    TRY(const auto banks, section.number("banks", {1, 2}, 2));
    TRY(auto worn_out, read_worn_out(section, geometry));
    return FlashSettings{std::move(file), geometry, banks == 1 ? flash::Banks::one : flash::Banks::two,
                         std::move(worn_out), times_at(speed)};
}

Result<std::optional<FactorySettings>> read_factory(const Section& root) {
    TRY(const auto section, root.section_if_there("factory"));
    if (!section) return std::nullopt;
    TRY(auto image, section->path("image"));
    TRY(const auto version, section->id<Version>("version"));
    TRY(const auto counter, section->number("release_counter", {1, UINT32_MAX}, 1));
    return FactorySettings{std::move(image), version, static_cast<std::uint32_t>(counter)};
}

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

Result<std::optional<KeySettings>> read_keys(const Section& root) {
    TRY(const auto section, root.section_if_there("keys"));
    if (!section) return std::nullopt;
    if (!root.has("trust")) return root.out_of_range("keys", "an ECU reports what it trusts: it needs 'trust'");
    KeySettings keys;
    TRY(keys.classical, section->path("classical"));
    TRY(keys.post_quantum, section->path_if_there("post_quantum"));
    return keys;
}

Result<OpeningSettings> read_opening(const Section& root) {
    TRY(const auto words, root.text("opens", "plain"));
    const auto opens = Openings::parse(words);
    if (!opens) return root.out_of_range("opens", "some of gzip zstd delta hpke window=BYTES");
    TRY(auto seal_key, root.path_if_there("seal_key"));
    if (opens->hpke != seal_key.has_value())
        return root.out_of_range("opens", "needs a 'seal_key' for hpke, and none without it");
    return OpeningSettings{*opens, std::move(seal_key)};
}

}  // namespace

std::uint32_t usual_block_size_bytes(const std::optional<CanSettings>& can) {
    if (!can) return ethernet_block_size_bytes;
    return can->format == CanFormat::fd ? can_block_size_bytes : classic_can_block_size_bytes;
}

flash::FlashTimes times_at(double speed) {
    if (speed <= 0) return {};
    const auto divided = [speed](double us) {
        return std::chrono::microseconds(static_cast<std::int64_t>(us / speed));
    };
    return {divided(erase_us_per_kib), divided(program_us_per_kib)};
}

Result<Settings> Settings::from_file(const std::filesystem::path& file) {
    TRY(const auto root, Section::from_file(file));
    TRY(auto identity, read_identity(root));
    TRY(auto flash, read_flash(root));
    TRY(auto factory, read_factory(root));
    TRY(auto can, read_can(root));
    TRY(auto ethernet, read_ethernet(root));
    if (can.has_value() == ethernet.has_value()) return root.out_of_range("id", "needs either 'can' or 'ethernet'");
    TRY(auto trust, read_trust(root, can));
    TRY(auto keys, read_keys(root));
    TRY(auto access, read_access(root));
    TRY(auto opening, read_opening(root));
    TRY(const auto block_size,
        root.number("block_size_bytes_max", {16, block_size_bytes_limit}, usual_block_size_bytes(can)));
    TRY(const auto boot_time_ms, root.number("boot_time_ms", {0, 600'000}, 200));
    TRY(const bool ready, root.yes_or_no("ready_for_programming", true));
    ENSURE(root.finish());
    return Settings{.identity = std::move(identity),
                    .flash = std::move(flash),
                    .factory = std::move(factory),
                    .can = std::move(can),
                    .ethernet = std::move(ethernet),
                    .trust = std::move(trust),
                    .keys = std::move(keys),
                    .access = std::move(access),
                    .opening = std::move(opening),
                    .block_size_bytes_max = static_cast<std::uint32_t>(block_size),
                    .boot_time = std::chrono::milliseconds(boot_time_ms),
                    .readiness = ready ? Readiness::ready : Readiness::not_ready};
}

}  // namespace pitstop::ecu
