#include "core/uptane/delivery.h"

#include "core/base/faults.h"
#include "core/uptane/director_text.h"
#include "core/uptane/faults.h"
#include "core/uptane/match.h"
#include "core/uptane/repository_on_the_desk.h"

#include <gtest/gtest.h>

namespace pitstop::uptane {
namespace {

using namespace desk;

const Vin vin = *Vin::parse("VIN01");
constexpr std::string_view brake = "BRK-2/ECU_011-1.1.0.img";

Delivery delta() {
    return {*Form::parse("delta"), 321, crypto::sha256(view_of("a delta")), crypto::sha256(view_of("what runs"))};
}
Delivery zstd() { return {*Form::parse("zstd"), 77, crypto::sha256(view_of("a frame"))}; }

NamedTarget delivered(const Delivery& delivery) {
    NamedTarget target = for_ecu(brake, image("brake"), "ECU_011");
    target.info.delivery = delivery;
    return target;
}
json::Object body(const NamedTarget& target) { return to_json(*direct(vin, {&target, 1}, {1, later})); }

Result<Targets> read_with(const std::function<void(json::Object& delivery)>& change) {
    json::Object changed = body(delivered(delta()));
    change(changed["targets"].as_object()[brake].as_object()["custom"].as_object()["delivery"].as_object());
    return read_targets(changed, Repository::director);
}

TEST(Delivery, StandsInTheDirectorsTargetsAndComesBack) {
    for (const Delivery& delivery : {delta(), zstd(), Delivery{*Form::parse("gzip+hpke"), 1, {}}}) {
        const auto targets = read_targets(body(delivered(delivery)), Repository::director);
        ASSERT_TRUE(targets) << targets.error().str();
        EXPECT_EQ(targets->targets.at(*TargetPath::parse(brake)).delivery, delivery);
    }
    const auto plain = read_targets(body(for_ecu(brake, image("brake"), "ECU_011")), Repository::director);
    EXPECT_FALSE(plain->targets.at(*TargetPath::parse(brake)).delivery);
}

TEST(Delivery, IsRefusedWhereItContradictsItself) {
    EXPECT_TRUE(read_with([](json::Object&) {}));
    const auto refused = [](const auto& change) { return read_with(change).error(); };
    EXPECT_TRUE(refused([](json::Object& of) { of["form"] = "brotli"; }).is(pitstop::faults::bad_form));
    EXPECT_TRUE(refused([](json::Object& of) { of["form"] = "plain"; }).is(faults::bad_member));
    EXPECT_TRUE(refused([](json::Object& of) { of["form"] = "zstd"; }).is(faults::bad_member)) << "with a base";
    EXPECT_TRUE(refused([](json::Object& of) { of.erase("base"); }).is(faults::bad_member)) << "a delta of nothing";
    EXPECT_TRUE(refused([](json::Object& of) { of["base"] = nullptr; }).is(pitstop::faults::wrong_type));
    EXPECT_TRUE(refused([](json::Object& of) { of["base"] = "00ff"; }).is(pitstop::faults::not_hex));
    EXPECT_TRUE(refused([](json::Object& of) { of["length"] = 0; }).is(faults::bad_member));
    EXPECT_TRUE(refused([](json::Object& of) { of["length"] = 1LL << 32; }).is(pitstop::faults::wrong_type));
    EXPECT_TRUE(refused([](json::Object& of) { of.erase("length"); }).is(pitstop::faults::missing_member));
    EXPECT_TRUE(refused([](json::Object& of) { of.erase("sha256"); }).is(pitstop::faults::missing_member));
    EXPECT_TRUE(refused([](json::Object& of) { of.erase("form"); }).is(pitstop::faults::missing_member));
}

TEST(Delivery, IsTheDirectorsWordAlone) {
    NamedTarget offered = delivered(delta());
    offered.info.ecu.reset();
    json::Object all = to_json(*make_targets(nullptr, {&offered, 1}, {1, later}));
    const auto targets = read_targets(all, Repository::image);
    ASSERT_TRUE(targets) << targets.error().str();
    EXPECT_FALSE(targets->targets.at(*TargetPath::parse(brake)).delivery) << "the Image repository knows no vehicle";
}

TEST(Delivery, TravelsWithTheTrustedTarget) {
    const NamedTarget wanted = delivered(delta()), offered = named(brake, image("brake"));
    TrustSet director = trust(Repository::director), images = trust(Repository::image);
    ASSERT_TRUE(accept(director, published(*direct(vin, {&wanted, 1}, {1, later}), 1)));
    ASSERT_TRUE(accept(images, published(*make_targets(nullptr, {&offered, 1}, {1, later}), 1)));
    const std::vector<VehicleEcu> ecus{{*EcuId::parse("ECU_011"), *HardwareId::parse("BRK-2"), {1, 0, 0, 0}, 4}};
    const auto trusted = match(vin, ecus, director, images);
    ASSERT_TRUE(trusted) << trusted.error().str();
    EXPECT_EQ(trusted->front().delivery, delta()) << "both repositories agree on the image, the Director alone on this";
}

TEST(Delivery, IsWhatSomeFaultsTellOf) {
    for (const char* code : {"delta.other-base", "compress.window-too-large", "seal.wrong-key", "package.cannot-open",
                             "flash.wrong-digest"})
        EXPECT_TRUE(tells_of_delivery(code)) << code;
    for (const char* code : {"", "flash.rolled-back", "package.wrong-crc", "uptane.wrong-hash", "deltas"})
        EXPECT_FALSE(tells_of_delivery(code)) << code;
}

TEST(Delivery, IsWrittenForManyVehiclesAsForOne) {
    const std::vector<NamedTarget> images{delivered(delta()), delivered(zstd()),
                                          for_ecu(brake, image("brake"), "ECU_011")};
    const auto texts = DirectorText::make(images, later);
    ASSERT_TRUE(texts) << texts.error().str();
    for (std::uint32_t i = 0; i < images.size(); ++i) {
        std::string text;
        ASSERT_TRUE(texts->write(vin, 3, {&i, 1}, text));
        EXPECT_EQ(text, *json::canonical(to_json(*direct(vin, {&images[i], 1}, {3, later}))));
    }
    std::string text;
    EXPECT_FALSE(texts->write(vin, 3, std::array{0U, 1U}, text)) << "one image comes in one form";
}

}  // namespace
}  // namespace pitstop::uptane
