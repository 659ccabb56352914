// For this program's tests: a whole cloud without sockets, its repositories with real keys, and one package in it.
#pragma once

#include "apps/server/campaign_desk.h"
#include "apps/server/engine.h"
#include "core/package/full_package.h"
#include "core/uptane/repository_on_the_desk.h"
#include "io/blobs/blob_folder.h"
#include "io/files/atomic_file.h"

#include <gtest/gtest.h>
#include <cstdlib>
#include <fstream>

namespace pitstop::server::desk {

namespace fs = std::filesystem;
using UptaneRole = uptane::Role;

inline const HardwareId hardware = *HardwareId::parse("BRK-2");
inline const EcuId brake = *EcuId::parse("ECU_011");
inline const TargetName target_name = *TargetName::parse("BRK-2/ECU_011-1.1.0.img");
inline const CampaignId campaign_id = *CampaignId::parse("winter");
inline const Vin car = *Vin::parse("VIN00001");
inline const Vin other_car = *Vin::parse("VIN00002");
inline const Principal boss{server::Role::admin, "boss", std::nullopt};

struct Memory final : package::Output {
    Bytes bytes;
    Result<void> write(View piece) override {
        bytes.insert(bytes.end(), piece.begin(), piece.end());
        return {};
    }
};

struct Built {
    Bytes bytes;
    package::CampaignMetadata metadata;
    std::string metadata_text;
};

inline uptane::desk::KeyPair& package_keys() {
    static uptane::desk::KeyPair pair;
    return pair;
}

inline Built build_package(UtcTime now, std::string_view content = "brake software", Constraints constraints = {}) {
    Memory memory;
    const std::vector<package::PackagedImage> images{
        {.ecu = brake,
         .hardware = hardware,
         .version = {1, 1, 0},
         .release_counter = 5,
         .target = target_name,
         .software_type = package::SoftwareType::application,
         .image = *image::read("brake.img", Bytes(content.begin(), content.end())),
         .constraints = std::move(constraints)}};
    auto metadata = *package::write_full_package(campaign_id, now, images, memory);
    auto text = *package::sign(metadata, package_keys().signers());
    return {std::move(memory.bytes), std::move(metadata), std::move(text)};
}

// The same three online pairs for every Director of a test run.
struct DirectorKeys {
    uptane::desk::KeyPair root, targets, snapshot, timestamp;
};
inline DirectorKeys& director_keys() {
    static DirectorKeys keys;
    return keys;
}

// Signs as the key in the test's own pair does: OnlineKeys owns what it signs with.
inline crypto::SoftwareSigner copy_of(const crypto::SoftwareSigner& signer) {
    return crypto::SoftwareSigner(*crypto::private_from_pem(*crypto::private_to_pem(signer.key())));
}
inline OnlineKeys online_keys() {
    OnlineKeys keys;
    for (auto [pair, into] : {std::pair{&director_keys().targets, &keys.targets},
                              {&director_keys().snapshot, &keys.snapshot},
                              {&director_keys().timestamp, &keys.timestamp}}) {
        into->push_back(copy_of(pair->classical));
        into->push_back(copy_of(pair->post_quantum));
    }
    return keys;
}

class Folder {
public:
    Folder() {
        // In memory where there is such a place: these tests are about what is written, not about the disk's fsync.
        const fs::path memory = "/dev/shm";
        const fs::path parent = fs::exists(memory) ? memory : fs::temp_directory_path();
        std::string pattern = (parent / "pitstop-server-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] fs::path operator/(std::string_view name) const { return path_ / name; }

private:
    fs::path path_;
};

// What is said to vehicles, for a test to look at.
struct Heard final : Speaker {
    std::vector<wire::Envelope> messages;
    void say(const wire::Envelope& message) override { messages.push_back(message); }

    template <class Kind>
    [[nodiscard]] std::size_t count() const {
        std::size_t found = 0;
        for (const auto& message : messages) found += std::holds_alternative<Kind>(message.message) ? 1 : 0;
        return found;
    }
};

class Cloud {
public:
    explicit Cloud(UtcTime at) : now(at) {
        write_roots();
        open();
    }

    // As after kill -9: everything in memory is gone.
    void open() {
        desk.reset(), engine.reset(), deliveries.reset(), stored.reset(), audit.reset(), director.reset();
        images.reset(), database.reset();
        heard.messages.clear();
        database = value(io::store::Database::open({folder / "pitstop.db"}));
        const io::store::MetadataFiles files(*database);
        images.emplace(value(ImageRepository::open(folder / "image/1.root.json", *database, files)));
        director.emplace(value(Director::open(folder / "director", online_keys(), *database)));
        audit.emplace(value(AuditLog::open(folder / "audit.log")));
        packages.emplace(value(io::blobs::BlobFolder::open(folder / "packages")));
        payloads.emplace(value(io::blobs::BlobFolder::open(folder / "payloads")));
        stored.emplace();
        EXPECT_TRUE(stored->load(io::store::Campaigns(*database)));
        deliveries.emplace(*database, *stored, *packages, *payloads, delta_settings);
        engine.emplace(*database, *director, *images, *deliveries, heard);
        desk.emplace(*database, *engine, *stored, *audit, package_keys().public_keys());
    }

    // The Image repository's files for these images, as an engineer hands them in.
    uptane::Publication publication(std::span<const uptane::NamedTarget> targets, std::uint32_t version = 1) const {
        const auto made = *uptane::make_targets(nullptr, targets, {version, expires()});
        return *uptane::publish(image_root(), made, {{version, expires()}, {version, expires()}},
                                uptane::desk::role_signers());
    }
    // As the engine does: within one transaction, signed at its end.
    void direct(const Vin& vin, std::span<const uptane::NamedTarget> wanted) {
        change([&] { return director->direct(vin, wanted); });
    }
    void change(const std::function<Result<void>()>& work) {
        const auto done = database->transaction([&]() -> Result<void> {
            ENSURE(work());
            return director->sign_changes(now);
        });
        ASSERT_TRUE(done) << done.error().str();
    }
    void publish(std::span<const uptane::NamedTarget> targets, std::uint32_t version = 1) {
        const auto files = publication(targets, version);
        ASSERT_TRUE(images->put(uptane::file_name(UptaneRole::targets, version), files.targets, now));
        ASSERT_TRUE(images->put(uptane::file_name(UptaneRole::snapshot, version), files.snapshot, now));
        const auto visible = images->put("timestamp.json", files.timestamp, now);
        ASSERT_TRUE(visible) << visible.error().str();
    }
    void publish(const Built& built) {
        const auto target = named(built);
        publish(std::span(&target, 1));
    }
    static uptane::NamedTarget named(const Built& built) {
        const View image = View(built.bytes).last(built.metadata.records.front().payload_size_bytes);
        auto target = uptane::desk::named(target_name.view(), uptane::desk::image(text_of(image)));
        target.info.constraints = built.metadata.records.front().constraints;
        return target;
    }

    [[nodiscard]] static std::string wish(const Built& built) {
        return R"({"title":"Winter brakes","campaign_metadata":)" + built.metadata_text + "}";
    }
    void create(const Built& built) {
        const auto created = desk->create(view_of(wish(built)), boss, now);
        ASSERT_TRUE(created) << created.error().str();
    }
    void attach(const Built& built) {
        ASSERT_TRUE(desk->attach(campaign_id, {built.metadata.package_sha256, built.bytes.size()}, boss, now));
    }

    [[nodiscard]] UtcTime expires() const { return now + std::chrono::days(30); }
    [[nodiscard]] uptane::Root image_root() const {
        return *uptane::make_root(uptane::desk::public_keys(), {1, expires()});
    }

    const UtcTime now;
    Folder folder;
    Heard heard;
    DeltaSettings delta_settings;  // as of the next open()
    std::unique_ptr<io::store::Database> database;
    std::optional<io::blobs::BlobFolder> packages, payloads;
    std::optional<StoredImages> stored;
    std::optional<Deliveries> deliveries;
    std::optional<ImageRepository> images;
    std::optional<Director> director;
    std::optional<AuditLog> audit;
    std::optional<Engine> engine;
    std::optional<CampaignDesk> desk;

private:
    template <class T>
    static T value(Result<T> result) {
        EXPECT_TRUE(result) << (result ? "" : result.error().str());
        return *std::move(result);
    }
    void write_roots() {
        fs::create_directories(folder / "image");
        fs::create_directories(folder / "director");
        auto& keys = director_keys();
        const auto root = *uptane::make_root({keys.root.public_keys(),
                                              keys.timestamp.public_keys(),
                                              keys.snapshot.public_keys(),
                                              keys.targets.public_keys(),
                                              {}},
                                             {1, expires()}, {.batches = uptane::BatchSignatures::allowed});
        const auto write = [](const fs::path& file, const Bytes& bytes) {
            EXPECT_TRUE(io::files::write_atomically(file, bytes, io::files::FileMode::shared));
        };
        write(folder / "director/1.root.json", *uptane::sign_root(root, keys.root.signers()));
        write(folder / "image/1.root.json",
              *uptane::sign_root(image_root(), uptane::desk::signers_of(UptaneRole::root)));
    }
};

}  // namespace pitstop::server::desk
