#include "apps/pitstop/vehicle_keys.h"

#include "apps/pitstop/faults.h"
#include "apps/pitstop/vehicle_view.h"
#include "core/crypto/private_key.h"
#include "core/uptane/faults.h"
#include "io/keys/key_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

class VehicleKeys : public testing::Test {
protected:
    VehicleKeys() {
        std::string pattern = (fs::temp_directory_path() / "pitstop-keys-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        gateway_ = make("gateway", crypto::KeyType::ecdsa_p256);
        gateway_pq_ = make("gateway-pq", crypto::KeyType::ml_dsa_65);
        brake_ = make("brake", crypto::KeyType::ecdsa_p256);
        brake_pq_ = make("brake-pq", crypto::KeyType::ml_dsa_44);
    }
    ~VehicleKeys() override { fs::remove_all(folder_); }

    std::string make(const std::string& name, crypto::KeyType type) {
        const fs::path file = folder_ / (name + ".pub");
        EXPECT_TRUE(io::keys::save_public_key(file, crypto::generate(type)->public_key()));
        return file.string();
    }
    Result<json::Object> from(const std::vector<std::string>& ecus) {
        const std::vector<std::string> primary{gateway_, gateway_pq_};
        return vehicle_keys_from(primary, ecus);
    }

    fs::path folder_;
    std::string gateway_, gateway_pq_, brake_, brake_pq_;
};

TEST_F(VehicleKeys, ComeFromFiles) {
    const auto keys = from({"ECU_011=" + brake_ + "," + brake_pq_});
    ASSERT_TRUE(keys) << keys.error().str();
    EXPECT_EQ(keys->at("primary").as_array().size(), 2U);
    EXPECT_EQ(keys->at("ecus").at("ECU_011").as_array().size(), 2U);
}

TEST_F(VehicleKeys, AreRefusedAtTheDesk) {
    EXPECT_TRUE(from({brake_}).error().is(faults::bad_vehicle_keys));
    EXPECT_TRUE(from({"ECU_011=" + brake_, "ECU_011=" + brake_pq_}).error().is(faults::bad_vehicle_keys));
    EXPECT_FALSE(from({"ECU_999=" + brake_}));
    EXPECT_FALSE(from({"ECU_011=" + (folder_ / "absent.pub").string()}));
    EXPECT_TRUE(from({"ECU_011="}).error().is(uptane::faults::bad_registration));
    EXPECT_TRUE(from({"ECU_011=" + brake_pq_}).error().is(uptane::faults::bad_registration)) << "no classical key";
    EXPECT_TRUE(from({"ECU_011=" + gateway_}).error().is(uptane::faults::bad_registration)) << "a key at two places";
}

TEST(ManifestView, ShowsVerdictsAttacksAndTheLastRefusal) {
    const auto value = *json::parse(view_of(R"({"vin":"TESTCAR1","received":"2026-11-20T12:00:00Z","counter":7,
        "time":"2026-11-20T11:59:00Z","ecus":[{"ecu_id":"ECU_011","verdict":"accepted","hardware_id":"BRK-2",
        "installed":{"version":"1.1.0"},"inventory":"agrees"},{"ecu_id":"ECU_021","verdict":"refused",
        "code":"uptane.foreign-key","detail":"ECU_021"}],"attacks":[{"time":"2026-11-20T12:00:00Z","ecu_id":null,
        "code":"uptane.rolled-back","attacks":2}],"refused":{"time":"2026-11-19T12:00:00Z","code":"uptane.counter-back",
        "detail":"TESTCAR1: 2 after 3","count":1}})"),
                                    4096);
    std::ostringstream out;
    print_manifest(value.get_object(), out);
    for (const char* word : {"TESTCAR1  manifest 7", "1.1.0", "inventory agrees", "uptane.foreign-key",
                             "gateway  uptane.rolled-back x2", "last refused"})
        EXPECT_NE(out.str().find(word), std::string::npos) << word << " in " << out.str();
}

}  // namespace
}  // namespace pitstop::cli
