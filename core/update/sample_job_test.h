// A car with two ECUs on two links and a campaign for both, as the tests of this room use it.
#pragma once

#include "core/campaign/campaign.h"
#include "core/update/decide.h"
#include "core/update/plan.h"

namespace pitstop::update::sample {

inline const Vin vin = *Vin::parse("VIN01");
inline const EcuId brake = *EcuId::parse("ECU_011");
inline const EcuId radio = *EcuId::parse("ECU_012");
inline const HardwareId hardware = *HardwareId::parse("HW-A");
inline constexpr UtcTime noon{1'800'000'000};
inline const Version old_version{1, 0, 0};
inline const Version new_version{1, 1, 0};

inline Sha256Digest digest(std::uint8_t fill) {
    Sha256Digest result;
    result.fill(fill);
    return result;
}
inline Sha256Digest new_image(EcuId ecu) { return digest(static_cast<std::uint8_t>(ecu.number())); }
inline Sha256Digest old_image() { return digest(0xAA); }

inline campaign::Target target_of(EcuId ecu) {
    return {ecu, hardware, *TargetName::parse("HW-A/" + ecu.str() + "-1.1.0.img"), new_version, 2, new_image(ecu),
            1000};
}
inline campaign::Campaign campaign() {
    return {*CampaignId::parse("OTA-1"), "Brakes", "", campaign::Priority::patch, {target_of(brake), target_of(radio)}};
}
inline uptane::TrustedTarget trusted(EcuId ecu) {
    const campaign::Target target = target_of(ecu);
    return {ecu, hardware, target.name, target.size_bytes, target.sha256, {}, target.version, target.release_counter};
}
inline package::CampaignMetadata metadata(std::initializer_list<EcuId> ecus = {brake, radio}) {
    package::CampaignMetadata result{campaign().id, noon, {}, 1064 * ecus.size(), digest(5)};
    std::uint64_t offset = 0;
    for (const EcuId ecu : ecus) {
        const campaign::Target target = target_of(ecu);
        result.records.push_back({.ecu = ecu,
                                  .hardware = hardware,
                                  .version = target.version,
                                  .release_counter = target.release_counter,
                                  .offset_bytes = offset,
                                  .stored_size_bytes = 1064,
                                  .payload_size_bytes = 1000,
                                  .payload_sha256 = target.sha256,
                                  .image_size_bytes = 1000,
                                  .sha256 = target.sha256,
                                  .target = target.name});
        offset += 1064;
    }
    return result;
}
inline vehicle::Description description() {
    return {vin,
            {{"chassis", *EcuId::parse("ECU_091"), "127.0.0.91", 13400}},
            {{"chassis-can", "chassis"}},
            {{brake, hardware, vehicle::Link::can_fd, "", 0, "chassis-can"},
             {radio, hardware, vehicle::Link::doip, "127.0.0.12", 13400, ""}}};
}
inline std::vector<Member> members() {
    const std::vector targets{trusted(brake), trusted(radio)};
    return *plan_members(targets, metadata(), description(), {});
}
inline wire::OtaMetadata announcement() { return {campaign().id, "/packages/OTA-1/full_package.bin", 2128, digest(6)}; }

}  // namespace pitstop::update::sample
