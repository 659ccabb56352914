#include "core/base/faults.h"
#include "core/uptane/small_ecu_on_the_desk.h"

#include <map>

namespace pitstop::uptane {
namespace {

using namespace small_desk;
namespace base = pitstop::faults;

// By the keys of both roots, when the root keys change.
Bytes handed_over(const json::Object& body, KeyPairOfEcus& from, KeyPairOfEcus& to) {
    return file_of(body, both(from) + both(to));
}
Parts with_roots(std::vector<Bytes> roots) { return {.roots = std::move(roots)}; }
Parts with_root(const json::Object& body) { return with_roots({root_file_of(body)}); }
json::Object changed(std::string_view name, const json::Value& value) {
    json::Object body = root_body(2);
    body[name] = value;
    return body;
}
json::Object changed_role(std::string_view role, const std::function<void(json::Object&)>& change) {
    json::Object body = root_body(2);
    change(role_of(body, role));
    return body;
}

TEST(SmallEcusRoots, FollowOneAnother) {
    SmallEcu ecu;
    ASSERT_TRUE(ecu.judge(with_roots({root_file_of(root_body(2)), root_file_of(root_body(3))})));
    EXPECT_EQ(ecu.state().root_version(), 3U);
    ASSERT_TRUE(ecu.restart());
    ASSERT_TRUE(ecu.judge({.roots = {root_file_of(root_body(4))}, .time = {}}));  // a long chain comes in parts
    ecu.expect_honest_cycle();
    EXPECT_EQ(ecu.state().root_version(), 4U);
}

TEST(SmallEcusRoots, HandOverToNewKeys) {
    SmallEcu ecu;
    json::Object second = root_body(2, other_keys()), third = root_body(3, other_keys());
    ASSERT_TRUE(
        ecu.judge(with_roots({handed_over(second, root_keys(), other_keys()), file_of(third, both(other_keys()))})));
    EXPECT_EQ(ecu.state().root_version(), 3U);
    ecu.expect_refusal(faults::classical_missing,
                       with_roots({file_of(root_body(4), both(root_keys()))}));  // the old ones
}

TEST(SmallEcusRoots, AreSignedByTheOldAndTheNewKeys) {
    SmallEcu ecu;
    const json::Object body = root_body(2, other_keys());
    ecu.expect_refusal(faults::classical_missing, with_roots({file_of(body, both(other_keys()))}));
    ecu.expect_refusal(faults::classical_missing, with_roots({file_of(body, both(root_keys()))}));
    ecu.expect_refusal(faults::post_quantum_missing,
                       with_roots({file_of(body, both(root_keys()) + Signatures{by(other_keys().classical)})}));
    ecu.expect_refusal(faults::classical_missing,
                       with_roots({file_of(body, both(other_keys()) + Signatures{by(root_keys().post_quantum)})}));
    ecu.expect_refusal(faults::classical_missing, with_roots({file_of(root_body(2), both(targets_keys()))}));
    ASSERT_TRUE(ecu.judge(with_roots({handed_over(body, root_keys(), other_keys())})));
}

TEST(SmallEcusRoots, AreExactlyOneHigher) {
    SmallEcu ecu;
    ecu.expect_refusal(faults::wrong_version, with_root(root_body(3)));
    ecu.expect_refusal(faults::wrong_version, with_root(root_body(1)));
    ecu.expect_refusal(faults::wrong_version, with_roots({root_file_of(root_body(2)), root_file_of(root_body(4))}));
    ASSERT_TRUE(ecu.judge(with_root(root_body(2))));
    ecu.expect_refusal(faults::rolled_back, with_root(root_body(1)));
}

TEST(SmallEcusRoots, MayHaveEndedInTheMiddleOfTheChainOnly) {
    SmallEcu ecu;
    json::Object ended = root_body(2);
    ended["expires"] = today.str();
    const Bytes targets = targets_file_of(targets_body());
    ecu.expect_refusal(faults::expired,
                       Parts{.roots = {root_file_of(ended)}, .targets = targets_file_of(targets_body())});
    ASSERT_TRUE(ecu.judge({.roots = {root_file_of(ended)}, .time = {}}));
    ASSERT_TRUE(ecu.restart());
    EXPECT_TRUE(ecu.judge({.targets = targets_file_of(targets_body(9))}).error().is(faults::expired));  // also later
    EXPECT_TRUE(ecu.judge({.roots = {root_file_of(root_body(3))}, .targets = targets_file_of(targets_body(9))}));
}

TEST(SmallEcusRoots, AreReadStrictly) {
    SmallEcu ecu;
    ecu.expect_refusal(faults::wrong_role, with_root(changed("_type", "targets")));
    ecu.expect_refusal(faults::bad_member, with_root(changed("consistent_snapshot", false)));
    ecu.expect_refusal(base::wrong_type, with_root(changed("keys", json::Array())));
    ecu.expect_refusal(base::missing_member, with_root(changed("roles", json::Object())));
    ecu.expect_refusal(faults::bad_threshold,
                       with_root(changed_role("root", [](auto& role) { role["threshold"] = 0; })));
    ecu.expect_refusal(base::wrong_type, with_root(changed_role("root", [](auto& role) { role["threshold"] = -1; })));
    ecu.expect_refusal(faults::bad_threshold,
                       with_root(changed_role("time", [](auto& role) { role["threshold"] = 3; })));
    ecu.expect_refusal(base::missing_member,
                       with_root(changed_role("targets", [](auto& role) { role.erase("family_thresholds"); })));
    ecu.expect_refusal(faults::bad_threshold, with_root(changed_role("targets", [](auto& role) {
                           role["family_thresholds"].as_object()["post_quantum"] = 2;
                       })));
    ecu.expect_refusal(
        faults::bad_threshold,
        with_root(changed_role("targets", [](auto& role) { role["family_thresholds"].as_object()["classical"] = 0; })));
    ecu.expect_refusal(faults::bad_member,
                       with_root(changed_role("root", [](auto& role) { role["batch_signatures"] = true; })));
    ecu.expect_refusal(faults::unknown_keyid,
                       with_root(changed_role("targets", [](auto& role) { role["keyids"].as_array()[0] = "nobody"; })));
    ecu.expect_refusal(faults::bad_member,
                       with_root(changed_role("targets", [](auto& role) { role["keyids"].as_array()[0] = 1; })));
    ecu.expect_refusal(faults::bad_member, with_root(changed_role("targets", [](auto& role) {
                           role["keyids"].as_array().resize(33, role["keyids"].as_array()[0]);
                       })));
}

TEST(SmallEcusRoots, HaveKeysOfTheKindsTheyClaim) {
    SmallEcu ecu;
    const std::string id = targets_keys().classical.public_key().key_id();
    const auto with_key = [&](const std::function<void(json::Object&)>& change) {
        json::Object body = root_body(2);
        change(body["keys"].as_object()[id].as_object());
        return with_root(body);
    };
    ecu.expect_refusal(faults::bad_key, with_key([](auto& key) {
                           key["keytype"] = "ml-dsa";
                           key["scheme"] = "ml-dsa-44/1";
                       }));
    ecu.expect_refusal(faults::bad_key, with_key([](auto& key) { key["keyval"] = {{"public", "-----BEGIN"}}; }));
    ecu.expect_refusal(faults::bad_key, with_key([](auto& key) { key.erase("scheme"); }));
    // A kind that nobody here knows hinders nobody, but it counts for nothing.
    ecu.expect_refusal(faults::bad_threshold, with_key([](auto& key) { key["scheme"] = "one-of-2040"; }));
    json::Object spare = root_body(2);
    spare["keys"].as_object()["future"] = {{"keytype", "lattice"}, {"scheme", "one-of-2040"}};
    role_of(spare, "targets")["keyids"].as_array().emplace_back("future");
    EXPECT_TRUE(ecu.judge(with_root(spare)));
    json::Object no_object = root_body(3);
    no_object["keys"].as_object()[id] = 1;
    ecu.expect_refusal(faults::bad_key, with_root(no_object));
}

TEST(SmallEcusRoots, ThatItHasNoRoomForAreRefused) {
    json::Object body = root_body(2);
    std::vector<crypto::PublicKey> many;
    for (int i = 0; i < 6; ++i) {
        many.push_back(crypto::generate(crypto::KeyType::ml_dsa_87)->public_key());
        add_key(body, many.back(), "targets");
    }
    SmallEcu ecu;
    ecu.expect_refusal(faults::too_many_keys, with_root(body));
    json::Object keyids = root_body(2);
    for (const std::string_view role : {"root", "targets", "time"})
        role_of(keyids, role)["keyids"].as_array().resize(32, role_of(keyids, role)["keyids"].as_array()[0]);
    ecu.expect_refusal(faults::too_many_keys, with_root(keyids));
    crypto::OpenSslVerifier crypto;
    JudgeRoom room;
    Bytes storage(PartialState::head_size_bytes - 1);
    EXPECT_TRUE(PartialVerifier::from_factory(storage, root_file_of(root_body()), factory_day, crypto, room)
                    .error()
                    .is(faults::too_many_keys));
}

TEST(SmallEcusRoots, WithManySmallKeysAreRefusedBeyondThirtyTwo) {
    json::Object body = root_body(2);
    for (int i = 0; i < 27; ++i) add_key(body, crypto::generate(crypto::KeyType::ecdsa_p256)->public_key(), "targets");
    SmallEcu ecu;
    ecu.expect_refusal(faults::too_many_keys, with_root(body));
}

TEST(SmallEcusRoots, OfTheFactoryAreSignedByTheirOwnKeys) {
    crypto::OpenSslVerifier crypto;
    JudgeRoom room;
    Bytes storage(PartialState::storage_bytes_usual);
    const Bytes file = file_of(root_body(), both(targets_keys()));
    EXPECT_TRUE(
        PartialVerifier::from_factory(storage, file, factory_day, crypto, room).error().is(faults::classical_missing));
}

TEST(SmallEcusRoots, ThatReplaceTheTargetsKeysForgetTheirVersion) {
    SmallEcu ecu;
    ASSERT_TRUE(ecu.judge_targets(targets_body(0xFFFFFFFF)));  // who stole the keys wants no update ever again
    ASSERT_TRUE(ecu.restart());
    EXPECT_TRUE(ecu.judge_targets(targets_body(5)).error().is(faults::rolled_back));
    ASSERT_TRUE(ecu.judge(with_root(root_body(2, root_keys(), other_keys()))));
    EXPECT_EQ(ecu.state().targets_version(), 0U);
    ASSERT_TRUE(ecu.restart());
    ecu.honest_targets_keys = &other_keys();
    ecu.expect_refusal(faults::classical_missing, targets_body(5));
}

TEST(SmallEcusRoots, ThatOnlyAddATargetsKeyKeepTheirVersion) {
    SmallEcu ecu;
    ASSERT_TRUE(ecu.judge_targets(targets_body(9)));
    json::Object body = root_body(2);
    add_key(body, other_keys().classical.public_key(), "targets");
    ASSERT_TRUE(ecu.judge(with_root(body)));
    EXPECT_EQ(ecu.state().targets_version(), 9U);
    ecu.expect_refusal(faults::rolled_back, targets_body(8));  // still signed well enough
    // One family replaced is enough: nothing old has a signature of the new key.
    json::Object half = root_body(3);
    role_of(half, "targets")["keyids"] = json::Array{targets_keys().classical.public_key().key_id()};
    add_key(half, other_keys().post_quantum.public_key(), "targets");
    ASSERT_TRUE(ecu.judge(with_root(half)));
    EXPECT_EQ(ecu.state().targets_version(), 0U);
}

}  // namespace
}  // namespace pitstop::uptane
