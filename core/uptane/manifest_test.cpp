#include "core/uptane/manifest.h"

#include "core/uptane/faults.h"
#include "core/uptane/fleet_on_the_desk.h"

#include <gtest/gtest.h>

namespace pitstop::uptane {
namespace {

Result<Manifest> read(View file) {
    const json::Value document = *json::parse(file, manifest_bytes_max);
    TRY(const Envelope envelope, open_signed(document.as_object(), manifest_type, report_signatures_max));
    return read_manifest(envelope.body);
}

Result<Manifest> read_altered(const std::function<void(json::Object&)>& change) {
    return read(desk::altered(desk::signed_manifest(desk::manifest()),
                              [&](json::Object& file) { change(file["signed"].as_object()); }));
}

TEST(Manifest, ReadsBackAsItWasWritten) {
    Manifest manifest = desk::manifest(7);
    manifest.missing.insert(*EcuId::parse("ECU_013"));
    manifest.previous_attack = AttackCode("uptane.wrong-hash");
    manifest.attacks = 3;
    const auto again = read(desk::signed_manifest(manifest));
    ASSERT_TRUE(again) << again.error().str();
    EXPECT_EQ(to_json(*again), to_json(manifest));
    EXPECT_EQ(again->reports.size(), 2U);
}

TEST(Manifest, CountsAnEcuWhoseBytesCannotBeReadAsMissing) {
    Manifest manifest = desk::manifest();
    const std::string deep = R"({"_type":"ecu-version-report","spec_version":"1.0.31","x":1.5})";
    const std::string foreign = R"({"_type":"ecu-version-report","spec_version":"1.0.31","x":"\u00e9"})";
    const std::string large(version_report_bytes_max + 1, ' ');
    for (const std::string_view garbage :
         {std::string_view(""), std::string_view("[]"), std::string_view("{}"), std::string_view(deep),
          std::string_view(foreign), std::string_view(large)}) {
        const EcuId other = *EcuId::parse("ECU_013");
        Bytes room(2 * version_report_bytes_max);
        EXPECT_FALSE(manifest.add_report(other, view_of(garbage)));
        EXPECT_FALSE(manifest.add_report(other, *pack_report(garbage, {}, room)));
        EXPECT_TRUE(manifest.missing.contains(other));
        EXPECT_TRUE(read(desk::signed_manifest(manifest)));
    }
    EXPECT_TRUE(manifest.add_report(desk::brake, desk::report_file(desk::brake)));
}

TEST(Manifest, IsRefusedAsSomethingElse) {
    EXPECT_TRUE(read_altered([](json::Object& body) { body["_type"] = "targets"; }).error().is(faults::wrong_role));
    for (const char* version : {"2.0.0", "1.0.", "1.0.x", "1.0.123456"})
        EXPECT_TRUE(read_altered([&](json::Object& body) { body["spec_version"] = version; })
                        .error()
                        .is(faults::wrong_spec_version))
            << version;
}

TEST(Manifest, IsRefusedWithMoreEcusThanAVehicleHas) {
    const auto refused = read_altered([](json::Object& body) {
        json::Array missing;
        for (std::uint32_t number = 1; number <= 99; ++number) missing.emplace_back(EcuId::from_number(number)->str());
        body["missing"] = std::move(missing);  // and two that report
    });
    EXPECT_TRUE(refused.error().is(faults::too_many_reports));
}

TEST(Manifest, IsRefusedWhenItContradictsItself) {
    EXPECT_TRUE(read_altered([](json::Object& body) { body["missing"].as_array().emplace_back("ECU_011"); })
                    .error()
                    .is(faults::bad_member));
    EXPECT_TRUE(read_altered([](json::Object& body) { body["missing"] = {"ECU_012", "ECU_012"}; })
                    .error()
                    .is(faults::bad_member));
    EXPECT_TRUE(read_altered([](json::Object& body) { body["primary"] = "../VMG"; }).error().is(faults::bad_member));
    EXPECT_FALSE(read_altered([](json::Object& body) { body["missing"] = {1}; }));
    EXPECT_FALSE(read_altered([](json::Object& body) { body["reports"].as_object()["ECU_500"] = nullptr; }));
    EXPECT_FALSE(read_altered([](json::Object& body) { body["counter"] = counter_max + 1; }));
}

TEST(Manifest, OpensWithNoMoreSignaturesThanASenderHasKeys) {
    const Bytes file = desk::altered(desk::signed_manifest(desk::manifest()), [](json::Object& object) {
        for (int i = 0; i < 4; ++i) object["signatures"].as_array().push_back(object["signatures"].as_array().front());
    });
    EXPECT_TRUE(read(file).error().is(faults::too_many_signatures));
    const Bytes long_one = desk::altered(desk::signed_manifest(desk::manifest()), [](json::Object& object) {
        object["signatures"].as_array()[0].as_object()["sig"] = std::string(2 * signature_size_bytes_max + 2, '0');
    });
    EXPECT_TRUE(read(long_one).error().is(faults::bad_member));
}

TEST(RegisteredKeys, ReadBackAsTheyWereWritten) {
    const auto again = registered_keys_from_json(to_json(desk::registered()));
    ASSERT_TRUE(again) << again.error().str();
    EXPECT_EQ(*again, desk::registered());
}

TEST(RegisteredKeys, AreRefusedWhenTheyContradictThemselves) {
    const auto refused = [](const std::function<void(RegisteredKeys&)>& change) {
        RegisteredKeys keys = desk::registered();
        change(keys);
        const auto read = registered_keys_from_json(to_json(keys));
        return !read && read.error().is(faults::bad_registration);
    };
    const auto brake_keys = desk::registered().ecus.at(desk::brake);
    EXPECT_TRUE(refused([](RegisteredKeys& keys) { keys.primary.pop_back(); })) << "no ML-DSA for the Primary";
    EXPECT_TRUE(refused([](RegisteredKeys& keys) { keys.primary.erase(keys.primary.begin()); }));
    EXPECT_TRUE(refused([](RegisteredKeys& keys) { keys.primary.clear(); }));
    EXPECT_TRUE(refused([](RegisteredKeys& keys) { keys.ecus[desk::window].clear(); }));
    EXPECT_TRUE(refused([](RegisteredKeys& keys) {
        auto& of_brake = keys.ecus[desk::brake];
        of_brake.erase(of_brake.begin());
    })) << "no classical key";
    EXPECT_TRUE(refused([&](RegisteredKeys& keys) { keys.ecus[desk::window] = brake_keys; })) << "one key, two ECUs";
    EXPECT_TRUE(refused([](RegisteredKeys& keys) { keys.ecus[desk::window] = keys.primary; }));
    EXPECT_TRUE(refused([](RegisteredKeys& keys) { keys.primary.insert(keys.primary.end(), 4, keys.primary.front()); }))
        << "too many";
}

TEST(RegisteredKeys, AreRefusedInTheWrongForm) {
    json::Object keys = to_json(desk::registered());
    keys["ecus"].as_object()["ECU_011"] = "PEM";
    EXPECT_TRUE(registered_keys_from_json(keys).error().is(faults::bad_registration));
    keys["ecus"].as_object()["ECU_011"] = json::Array{1};
    EXPECT_TRUE(registered_keys_from_json(keys).error().is(faults::bad_registration));
    keys["ecus"].as_object()["ECU_011"] = json::Array{"PEM"};
    EXPECT_FALSE(registered_keys_from_json(keys));
    json::Object many = to_json(desk::registered());
    for (int number = 0; number <= 100; ++number) many["ecus"].as_object()[std::to_string(number)] = nullptr;
    EXPECT_TRUE(registered_keys_from_json(many).error().is(faults::bad_registration));
}

}  // namespace
}  // namespace pitstop::uptane
