#include "io/ecu/image_settings.h"

#include <charconv>
#include <format>
#include <utility>

namespace pitstop::ecu {
namespace {

using io::config::Section;

constexpr std::uint32_t kib = 1024;
constexpr std::uint32_t record_sectors = 4;  // two for the boot records, two for what it trusts
constexpr std::uint32_t record_sector_kib = 16;

// Embedded NOR flash of the usual kind: 64 KiB erased in half a second, 250 KiB programmed in one.
constexpr double erase_us_per_kib = 8000;
constexpr double program_us_per_kib = 4000;

Result<Identity> read_identity(const Section& section, EcuId id, const Vin& vin) {
    TRY(auto hardware_id, section.id<HardwareId>("hardware_id"));
    TRY(auto part_number, section.text("part_number"));
    TRY(auto serial_number, section.text("serial_number"));
    TRY(auto boot_software, section.text("boot_software", "pitstop-boot 1.0.0"));
    TRY(auto rxswin, section.text("rxswin", ""));
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

Result<std::optional<KeySettings>> read_keys(const Section& root) {
    TRY(const auto section, root.section_if_there("keys"));
    if (!section) return std::nullopt;
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

Identity identity_of(const vehicle::EcuPlan& plan, const Vin& vin) {
    return {plan.ecu,
            vin,
            plan.hardware,
            std::format("PN-{}", plan.hardware.view()),
            std::format("SN-{:04}-000001", plan.ecu.number()),
            "pitstop-boot 1.0.0"};
}

FlashSettings flash_of(const vehicle::EcuPlan& plan, const io::CarPlace& place) {
    const vehicle::EcuMake& make = plan.make;
    flash::Geometry geometry;
    geometry.program_unit_bytes = 32;
    geometry.runs[0] = {record_sectors, record_sector_kib * kib};
    geometry.runs[1] = {2 * make.bank_kib / make.sector_kib, make.sector_kib * kib};
    return {.file = place.flash(plan.ecu), .geometry = geometry, .times = times_at(make.flash_speed)};
}

}  // namespace

flash::FlashTimes times_at(double speed) {
    if (speed <= 0) return {};
    const auto divided = [speed](double us) {
        return std::chrono::microseconds(static_cast<std::int64_t>(us / speed));
    };
    return {divided(erase_us_per_kib), divided(program_us_per_kib)};
}

Result<ImageSettings> read_image(const Section& section, EcuId id, const Vin& vin) {
    TRY(auto identity, read_identity(section, id, vin));
    TRY(auto flash, read_flash(section));
    ImageSettings settings{.identity = std::move(identity), .flash = std::move(flash)};
    TRY(settings.factory, read_factory(section));
    TRY(settings.keys, read_keys(section));
    TRY(settings.opening, read_opening(section));
    TRY(const auto boot_time_ms, section.number("boot_time_ms", {0, 600'000}, settings.boot_time.count()));
    settings.boot_time = std::chrono::milliseconds(boot_time_ms);
    return settings;
}

ImageSettings image_of(const vehicle::EcuPlan& plan, const Vin& vin, const io::CarPlace& place) {
    return {.identity = identity_of(plan, vin),
            .flash = flash_of(plan, place),
            .factory = FactorySettings{place.factory_image(), {1, 0, 0}},
            .keys = KeySettings{place.classical_key(plan.ecu), place.post_quantum_key(plan.ecu)},
            .opening = {plan.make.opens, {}},
            .boot_time = plan.make.boot_time};
}

}  // namespace pitstop::ecu
