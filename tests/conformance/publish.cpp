// publish: makes repositories for the tests of other clients and of ours, with keys that lie open beside them.
//
//     publish --dir D --policy classic --image FILE --name NAME
//     publish --dir D --policy hybrid --image FILE --name NAME --vin TESTCAR1 --ecu ECU_011 --version 2
//
// Writes D/image/{N.root,N.targets,N.snapshot,timestamp}.json and D/image/targets/<sha256>.NAME; with --vin also
// D/director/. D/keys is used again when it is there, so that a higher version follows the one before.
#include "core/crypto/digest.h"
#include "core/crypto/signer.h"
#include "core/uptane/repository.h"
#include "io/files/atomic_file.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <format>
#include <iostream>

namespace {

using namespace pitstop;
using namespace pitstop::uptane;

constexpr std::size_t image_bytes_max = 16u << 20;

struct Wish {
    std::filesystem::path dir, image;
    std::string policy, name, vin, ecu, hardware = "BRK-2";
    std::uint32_t version = 1;
    std::int64_t valid_s = 30 * 86'400;

    [[nodiscard]] Policy how() const { return policy == "hybrid" ? Policy::hybrid : Policy::classic; }
    [[nodiscard]] Edition edition() const {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        return {version, {std::chrono::duration_cast<std::chrono::seconds>(now).count() + valid_s}};
    }
};

using Signers = std::vector<std::unique_ptr<crypto::Signer>>;

Result<void> write(const std::filesystem::path& path, View bytes) {
    std::filesystem::create_directories(path.parent_path());
    return io::files::write_atomically(path, bytes, io::files::FileMode::shared);
}

Result<crypto::PrivateKey> key_in(const std::filesystem::path& file, crypto::KeyType type) {
    TRY(const auto there, io::files::read_if_there(file, crypto::private_pem_bytes_max));
    if (there) return crypto::private_from_pem(text_of(*there));
    TRY(crypto::PrivateKey key, crypto::generate(type));
    TRY(const std::string pem, crypto::private_to_pem(key));
    ENSURE(write(file, view_of(pem)));
    return key;
}

// One repository's keys, role by role.
struct Desk {
    std::array<Signers, 4> signers;

    static Result<Desk> open(const Wish& wish, Repository repository) {
        Desk desk;
        for (const Role role : {Role::root, Role::timestamp, Role::snapshot, Role::targets}) {
            const auto add = [&](std::string_view family, crypto::KeyType type) -> Result<void> {
                const auto file = std::format("{}-{}-{}.key", to_string(repository), to_string(role), family);
                TRY(crypto::PrivateKey key, key_in(wish.dir / "keys" / file, type));
                desk.of(role).push_back(std::make_unique<crypto::SoftwareSigner>(std::move(key)));
                return {};
            };
            ENSURE(add("classical", crypto::KeyType::ecdsa_p256));
            if (wish.how() == Policy::hybrid) ENSURE(add("pq", crypto::KeyType::ml_dsa_65));
        }
        return desk;
    }

    Signers& of(Role role) { return signers[static_cast<std::size_t>(role)]; }
    std::vector<crypto::Signer*> lent(Role role) {
        std::vector<crypto::Signer*> all;
        for (const auto& one : of(role)) all.push_back(one.get());
        return all;
    }
    std::vector<crypto::PublicKey> keys(Role role) {
        std::vector<crypto::PublicKey> all;
        for (const auto& one : of(role)) all.push_back(one->public_key());
        return all;
    }
};

Result<void> publish_one(const Wish& wish, Repository repository, const Targets& targets) {
    TRY(Desk desk, Desk::open(wish, repository));
    const RolePublicKeys keys{desk.keys(Role::root), desk.keys(Role::timestamp), desk.keys(Role::snapshot),
                              desk.keys(Role::targets)};
    TRY(const Root root,
        make_root(keys, {1, wish.edition().expires}, {.thresholds = {}, .batches = {}, .policy = wish.how()}));
    TRY(const Bytes root_file, sign_root(root, desk.lent(Role::root)));
    TRY(const Publication files,
        publish(root, targets, {wish.edition(), wish.edition()},
                {desk.lent(Role::targets), desk.lent(Role::snapshot), desk.lent(Role::timestamp)}));
    const auto folder = wish.dir / to_string(repository);
    if (!std::filesystem::exists(folder / "1.root.json")) ENSURE(write(folder / "1.root.json", root_file));
    ENSURE(write(folder / file_name(Role::targets, wish.version), files.targets));
    ENSURE(write(folder / file_name(Role::snapshot, wish.version), files.snapshot));
    return write(folder / "timestamp.json", files.timestamp);
}

Result<void> publish_all(const Wish& wish) {
    TRY(const Bytes content, io::files::read_file(wish.image, image_bytes_max));
    TRY(const TargetName name, TargetName::parse(wish.name));
    TRY(const HardwareId hardware, HardwareId::parse(wish.hardware));
    TargetInfo info;
    info.length_bytes = content.size();
    info.sha256 = crypto::sha256(content);
    info.sha512 = crypto::sha512(content);
    info.hardware = {hardware};
    info.version = {1, 0, 0, 0};
    info.release_counter = wish.version;
    NamedTarget one{name, info};
    TRY(const Targets targets, make_targets(nullptr, std::span(&one, 1), wish.edition()));
    ENSURE(publish_one(wish, Repository::image, targets));
    const auto folder = (wish.dir / "image" / "targets" / wish.name).parent_path();
    const auto last = std::filesystem::path(wish.name).filename().string();
    ENSURE(write(folder / std::format("{}.{}", to_hex(*info.sha256), last), content));
    if (wish.vin.empty()) return {};
    TRY(const Vin vin, Vin::parse(wish.vin));
    TRY(one.info.ecu, EcuId::parse(wish.ecu));
    TRY(const Targets assigned, direct(vin, std::span(&one, 1), wish.edition()));
    return publish_one(wish, Repository::director, assigned);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Makes repositories for tests; its keys protect nothing."};
    Wish wish;
    app.add_option("--dir", wish.dir)->required();
    app.add_option("--policy", wish.policy)->required()->check(CLI::IsMember({"classic", "hybrid"}));
    app.add_option("--image", wish.image)->required();
    app.add_option("--name", wish.name)->required();
    app.add_option("--vin", wish.vin, "also a Director for this vehicle");
    app.add_option("--ecu", wish.ecu);
    app.add_option("--hardware", wish.hardware);
    app.add_option("--version", wish.version);
    app.add_option("--valid-s", wish.valid_s);
    CLI11_PARSE(app, argc, argv);
    if (const auto done = publish_all(wish); !done) {
        std::cerr << "publish: " << done.error().str() << '\n';
        return 1;
    }
    return 0;
}
