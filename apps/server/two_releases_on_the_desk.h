// For this program's tests: a cloud in which one release of the brakes follows another, and cars that run the first.
#pragma once

#include "apps/server/cloud_on_the_desk.h"
#include "apps/server/delivery_works.h"
#include "core/compress/writers.h"

#include <random>

namespace pitstop::server::desk {

inline const CampaignId autumn = *CampaignId::parse("autumn"), spring = *CampaignId::parse("spring");

// Such as compilers write: repetitive, and never the same.
inline Bytes software(std::size_t size_bytes, std::uint32_t seed) {
    std::mt19937 random(seed);
    Bytes bytes;
    while (bytes.size() < size_bytes)
        for (const auto word : {0xE59F'0000UL + random() % 4096, 0xE1A0'0000UL + random() % 16, 0xE12F'FF1EUL})
            for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::uint8_t>(word >> shift));
    bytes.resize(size_bytes);
    return bytes;
}
// The next build of it: a few places differ.
inline Bytes rebuilt(Bytes bytes) {
    for (std::size_t i = 1000; i < bytes.size(); i += 20'000) bytes[i] ^= 0x55;
    bytes.insert(bytes.end(), {1, 2, 3, 4});
    return bytes;
}

struct Release {
    CampaignId id;
    TargetName name;
    Bytes image;
    Built built;

    [[nodiscard]] campaign::Target target() const {
        const auto& record = built.metadata.records.front();
        return {brake, hardware, name, record.version, record.release_counter, record.sha256, record.image_size_bytes};
    }
    [[nodiscard]] uptane::NamedTarget named() const {
        return uptane::desk::named(
            name.view(), uptane::desk::image(text_of(image), target().version.str(), target().release_counter));
    }
};

inline Release release(const CampaignId& id, std::uint16_t minor, Bytes image, Form form = {},
                       std::uint32_t window_bytes = 4096) {
    const Version version{1, minor, 0};
    Release made{
        id, *package::target_name(hardware, brake, version), image, {{}, {id, uptane::desk::now, {}, 0, {}}, {}}};
    package::PackagedImage packaged{.ecu = brake,
                                    .hardware = hardware,
                                    .version = version,
                                    .release_counter = minor + 4U,
                                    .target = made.name,
                                    .software_type = package::SoftwareType::application,
                                    .image = *image::read("brake.img", std::move(image)),
                                    .form = form};
    if (form.compression == Compression::zstd)
        packaged.payload = *compress::zstd(made.image, {.window_bytes = window_bytes});
    if (form.compression == Compression::gzip) packaged.payload = *compress::gzip(made.image);
    Memory memory;
    made.built.metadata = *package::write_full_package(id, uptane::desk::now, {&packaged, 1}, memory);
    made.built.metadata_text = *package::sign(made.built.metadata, package_keys().signers());
    made.built.bytes = std::move(memory.bytes);
    return made;
}

class TwoReleases : public testing::Test {
protected:
    const UtcTime now = uptane::desk::now;
    const Bytes old_image = software(120'000, 1), new_image = rebuilt(old_image);
    Cloud cloud{now};

    // Created, with its package; not yet published.
    void hand_in(const Release& release) {
        auto writer = *cloud.packages->begin(release.built.bytes.size());
        ASSERT_TRUE(writer.write(release.built.bytes));
        ASSERT_TRUE(writer.finish(release.built.metadata.package_sha256));
        const std::string wish = Cloud::wish(release.built);
        const auto created = cloud.desk->create(view_of(wish), boss, now);
        ASSERT_TRUE(created) << created.error().str();
        ASSERT_TRUE(cloud.desk->attach(release.id, {release.built.metadata.package_sha256, release.built.bytes.size()},
                                       boss, now));
    }
    [[nodiscard]] vehicle::EcuReport runs(View image, std::string_view opens = "delta",
                                          Version version = {1, 0, 0}) const {
        return {brake,
                hardware,
                version,
                "",
                "",
                "",
                crypto::sha256(image),
                vehicle::Link::can_fd,
                *Openings::parse(opens)};
    }
    Deliveries::Choice choose(const Release& release, const vehicle::EcuReport& report, const Vin& vin = car,
                              Deliveries::Patience patience = Deliveries::Patience::waits) {
        const auto choice = cloud.deliveries->choose(vin, release.target(), &report, patience, now);
        EXPECT_TRUE(choice) << choice.error().str();
        return choice ? *choice : Deliveries::Choice{};
    }
    // Everything that was asked for; how many jobs these were.
    std::size_t work() {
        std::size_t done = 0;
        for (auto job = cloud.deliveries->next_job(); job; job = cloud.deliveries->next_job(), ++done) {
            const auto made = make_delivery(*job, {*cloud.packages, *cloud.payloads},
                                            cloud.deliveries->settings().saves_at_least, in_turn);
            const auto told = cloud.deliveries->finished(*job, made, now);
            EXPECT_TRUE(told) << told.error().str();
        }
        return done;
    }
    [[nodiscard]] Bytes bytes_of(const Sha256Digest& payload, const Release& release) {
        const std::vector targets{release.target()};
        const auto place = cloud.deliveries->place_of(payload, targets);
        EXPECT_TRUE(place) << place.error().str();
        if (!place) return {};
        std::ifstream file(place->file, std::ios::binary);
        file.seekg(static_cast<std::streamoff>(place->offset_bytes));
        Bytes bytes(place->size_bytes);
        file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        return bytes;
    }
    json::Object listed(const Release& release) {
        const std::vector targets{release.target()};
        const auto all = *cloud.deliveries->list(targets);
        EXPECT_EQ(all.size(), 1U);
        return all.empty() ? json::Object{} : all[0].as_object();
    }
};

}  // namespace pitstop::server::desk
