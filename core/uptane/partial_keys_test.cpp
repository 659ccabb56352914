#include "core/uptane/small_ecu_on_the_desk.h"

#include <algorithm>

namespace pitstop::uptane {
namespace {

using namespace small_desk;

Parts signed_by(const Signatures& signatures, const std::function<void(json::Array&)>& change = {},
                std::uint32_t version = 1) {
    return {.targets = file_of(targets_body(version), signatures, change)};
}
Parts with_first(const std::function<void(json::Object&)>& change) {
    return signed_by(both(targets_keys()), [&](json::Array& list) { change(list[0].as_object()); });
}

TEST(SmallEcusSignatures, OfOneFamilyAreNotEnough) {
    SmallEcu ecu;
    ecu.expect_refusal(faults::post_quantum_missing, signed_by({by(targets_keys().classical)}));
    ecu.expect_refusal(faults::classical_missing, signed_by({by(targets_keys().post_quantum)}));
    ecu.expect_refusal(faults::classical_missing, signed_by({}));
}

TEST(SmallEcusSignatures, OfAnotherRolesKeysDoNotCount) {
    SmallEcu ecu;
    ecu.expect_refusal(faults::classical_missing, signed_by(both(root_keys()) + both(clock_keys())));
}

TEST(SmallEcusSignatures, OfUnknownKeysArePassedOver) {
    SmallEcu ecu;
    EXPECT_TRUE(ecu.judge(signed_by(both(other_keys()) + both(targets_keys()))));
    Signatures wrong_names = both(targets_keys());
    wrong_names[0].keyid = "somebody";
    ecu.expect_refusal(faults::classical_missing, signed_by(wrong_names));
    std::swap(wrong_names[0].keyid, wrong_names[1].keyid);
    ecu.expect_refusal(faults::classical_missing, signed_by(wrong_names));
}

TEST(SmallEcusSignatures, OfOneKeyCountOnceUnderAnyName) {
    json::Object body = root_body();
    add_key(body, targets_keys().post_quantum.public_key(), "targets", "alias");
    add_key(body, other_keys().post_quantum.public_key(), "targets");
    role_of(body, "targets")["family_thresholds"] = {{"classical", 1}, {"post_quantum", 2}};
    SmallEcu ecu(body);
    Signatures twice = both(targets_keys());
    twice.push_back({&targets_keys().post_quantum, "alias"});
    twice.push_back(twice[1]);
    EXPECT_TRUE(ecu.judge(signed_by(twice)).error().is(faults::post_quantum_missing));
    twice.push_back(by(other_keys().post_quantum));
    EXPECT_TRUE(ecu.judge(signed_by(twice)));
}

TEST(SmallEcusSignatures, OfOneKeyUnderTwoNamesCannotPromiseAThreshold) {
    SmallEcu ecu;
    json::Object body = root_body(2);
    add_key(body, targets_keys().post_quantum.public_key(), "targets", "alias");
    role_of(body, "targets")["family_thresholds"] = {{"classical", 1}, {"post_quantum", 2}};
    ecu.expect_refusal(faults::bad_threshold, Parts{.roots = {root_file_of(body)}});
}

TEST(SmallEcusSignatures, MustTogetherReachTheThreshold) {
    json::Object body = root_body();
    add_key(body, other_keys().classical.public_key(), "targets");
    role_of(body, "targets")["threshold"] = 3;
    SmallEcu ecu(body);
    EXPECT_TRUE(ecu.judge(signed_by(both(targets_keys()))).error().is(faults::threshold_not_reached));
    EXPECT_TRUE(ecu.judge(signed_by(both(targets_keys()) + Signatures{by(other_keys().classical)})));
}

TEST(SmallEcusSignatures, ThatAreNoneDoNotCount) {
    SmallEcu ecu;
    const auto with_sig = [](const std::function<std::string(std::string)>& change) {
        return with_first([&](json::Object& entry) { entry["sig"] = change(std::string(entry["sig"].get_string())); });
    };
    ecu.expect_refusal(faults::classical_missing, with_sig([](auto) { return std::string(); }));
    ecu.expect_refusal(faults::classical_missing, with_sig([](auto) { return std::string(144, '0'); }));
    ecu.expect_refusal(faults::classical_missing, with_sig([](auto sig) { return sig + "00"; }));
    ecu.expect_refusal(faults::classical_missing, with_sig([](auto sig) { return sig.substr(1); }));
    ecu.expect_refusal(faults::classical_missing, with_sig([](auto sig) { return sig.substr(2); }));
    ecu.expect_refusal(faults::classical_missing, with_sig([](auto) { return std::string(20'000, 'a'); }));
    ecu.expect_refusal(faults::post_quantum_missing, signed_by(both(targets_keys()), [](json::Array& list) {
                           list[1].as_object()["sig"] = std::string(2UL * 2420, '0');
                       }));
}

TEST(SmallEcusSignatures, HaveTheRightForm) {
    SmallEcu ecu;
    ecu.expect_refusal(faults::bad_member, with_first([](json::Object& entry) { entry.erase("keyid"); }));
    ecu.expect_refusal(faults::bad_member, with_first([](json::Object& entry) { entry["sig"] = 1; }));
    ecu.expect_refusal(faults::bad_member, signed_by(both(targets_keys()), [](json::Array& list) { list[0] = 1; }));
    Signatures many(33, by(other_keys().classical));
    ecu.expect_refusal(faults::too_many_signatures, signed_by(many));
}

TEST(SmallEcusSignatures, CoverEveryByteOfTheBody) {
    SmallEcu ecu;
    const Bytes file = targets_file_of(targets_body());
    const std::size_t begin = text_of(file).find("\"signed\":") + 9;
    std::size_t accepted = 0;
    for (std::size_t i = begin; i < file.size() - 1; i += 7) {
        Bytes other = file;
        other[i] ^= 1;
        accepted += ecu.judge({.targets = other}).has_value() ? 1 : 0;
    }
    EXPECT_EQ(accepted, 0U);
    ecu.expect_honest_cycle();
}

}  // namespace
}  // namespace pitstop::uptane
