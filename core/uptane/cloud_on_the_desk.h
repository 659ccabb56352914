// For tests of secondaries: both repositories of one vehicle with real keys, as the cloud serves them at `now`, and the
// bundles that an honest gateway makes of them.
#pragma once

#include "core/uptane/bundle_writer.h"
#include "core/uptane/fleet_on_the_desk.h"

#include <utility>
#include <vector>

namespace pitstop::uptane::desk {

class Cloud {
public:
    Cloud(Vin vin, UtcTime now) : vin_(vin), now_(now) { publish_all(); }

    // Says from now on that this ECU shall run this image; both repositories know it.
    void assign(EcuId ecu, HardwareId hardware, View content, std::uint32_t counter = 2) {
        TargetInfo info = image("", std::format("1.{}.0", counter), counter);
        info.length_bytes = content.size();
        info.sha256 = crypto::sha256(content);
        info.sha512 = crypto::sha512(content);
        info.hardware = {hardware};
        const auto name = *TargetName::parse(std::format("{}/{}-{}.img", hardware.view(), ecu.str(), counter));
        images_.push_back({name, info});
        info.ecu = ecu;
        std::erase_if(assigned_, [&](const NamedTarget& each) { return each.info.ecu == ecu; });
        assigned_.push_back({name, info});
        publish_all();
    }
    void forget_assignments() {
        assigned_.clear();
        publish_all();
    }

    [[nodiscard]] UtcTime now() const { return now_; }
    void pass(std::chrono::seconds time) { now_ = now_ + time; }
    [[nodiscard]] Bytes director_root() const { return *sign_root(root_, signers_of(Role::root)); }
    [[nodiscard]] Bytes image_root() const { return director_root(); }  // one pair of keys serves both here

    [[nodiscard]] Bytes time_file(const Nonce& nonce) const {
        return *sign(to_json(TimeAttestation{now_, {nonce}}), time_keys().signers());
    }
    [[nodiscard]] Bytes partial_bundle(const Nonce& nonce) const {
        const Bytes time = time_file(nonce);
        return pack({{BundleRepository::time, BundleRole::time_attestation, {}, time},
                     {BundleRepository::director, BundleRole::targets, {}, director_.targets}});
    }
    [[nodiscard]] Bytes full_bundle(const Nonce& nonce) const {
        const Bytes time = time_file(nonce);
        return pack({{BundleRepository::time, BundleRole::time_attestation, {}, time},
                     {BundleRepository::director, BundleRole::timestamp, {}, director_.timestamp},
                     {BundleRepository::director, BundleRole::snapshot, {}, director_.snapshot},
                     {BundleRepository::director, BundleRole::targets, {}, director_.targets},
                     {BundleRepository::image, BundleRole::timestamp, {}, image_.timestamp},
                     {BundleRepository::image, BundleRole::snapshot, {}, image_.snapshot},
                     {BundleRepository::image, BundleRole::targets, {}, image_.targets}});
    }
    static Bytes pack(const std::vector<BundleFile>& files) { return *write_bundle(files, full_bundle_size_bytes_max); }

    [[nodiscard]] const Publication& director() const { return director_; }
    [[nodiscard]] const Publication& image_repository() const { return image_; }

private:
    static Root make() {
        RolePublicKeys keys = public_keys();
        keys.time = time_keys().public_keys();
        return *make_root(keys, {1, *UtcTime::parse("2099-01-01T00:00:00Z")});
    }
    void publish_all() {
        ++version_;
        const UtcTime expires = now_ + std::chrono::days(60);
        const PublicationPlan plan{{version_, expires}, {version_, expires}};
        director_ = *publish(root_, *direct(vin_, assigned_, {version_, expires}), plan, role_signers());
        image_ = *publish(root_, *make_targets(nullptr, images_, {version_, expires}), plan, role_signers());
    }

    Vin vin_;
    UtcTime now_;
    Root root_ = make();
    std::uint32_t version_ = 0;
    std::vector<NamedTarget> images_, assigned_;
    Publication director_, image_;
};

}  // namespace pitstop::uptane::desk
