#include "core/base/faults.h"
#include "core/uptane/faults.h"
#include "core/uptane/key_json.h"
#include "core/uptane/repository_on_the_desk.h"

#include <gtest/gtest.h>

namespace pitstop::uptane {
namespace {

using namespace desk;

template <class Read>
void refused(const Fault& fault, json::Object object, Read read, const std::function<void(json::Object&)>& change) {
    ASSERT_TRUE(read(object)) << "must be good before the change";
    change(object);
    const auto value = read(object);
    ASSERT_FALSE(value) << boost::json::serialize(object).substr(0, 300);
    EXPECT_TRUE(value.error().is(fault)) << value.error().str();
}

json::Object& at(json::Object& from, std::string_view name) { return from[name].as_object(); }

void root_refused(const Fault& fault, const std::function<void(json::Object&)>& change) {
    refused(fault, to_json(root()), [](const json::Object& from) { return read_root(from); }, change);
}

TEST(Root, RefusesAnotherTypeOrSpecification) {
    root_refused(faults::wrong_role, [](json::Object& r) { r["_type"] = "targets"; });
    root_refused(faults::wrong_role, [](json::Object& r) { r["_type"] = "Root"; });
    for (const char* bad : {"2.0.0", "1.1.0", "1.0.", "1.0.x", "10.0.1", "1.0.99999"})
        root_refused(faults::wrong_spec_version, [bad](json::Object& r) { r["spec_version"] = bad; });
    root_refused(faults::bad_member, [](json::Object& r) { r["version"] = 0; });
    root_refused(pitstop::faults::wrong_type, [](json::Object& r) { r["version"] = -1; });
    root_refused(pitstop::faults::wrong_type, [](json::Object& r) { r["version"] = std::int64_t{1} << 32; });
    root_refused(pitstop::faults::bad_time, [](json::Object& r) { r["expires"] = "never"; });
    root_refused(faults::bad_member, [](json::Object& r) { r["consistent_snapshot"] = false; });
}

TEST(Root, RefusesThresholdsOfZeroAndThoseThatCannotBeReached) {
    const auto role = [](json::Object& r) -> json::Object& { return at(at(r, "roles"), "targets"); };
    root_refused(faults::bad_threshold, [&](json::Object& r) { role(r)["threshold"] = 0; });
    root_refused(faults::bad_threshold, [&](json::Object& r) { role(r)["threshold"] = 3; });
    for (const char* family : {"classical", "post_quantum"}) {
        root_refused(faults::bad_threshold, [&](json::Object& r) { at(role(r), "family_thresholds")[family] = 0; });
        root_refused(faults::bad_threshold, [&](json::Object& r) { at(role(r), "family_thresholds")[family] = 2; });
        root_refused(pitstop::faults::wrong_type,
                     [&](json::Object& r) { at(role(r), "family_thresholds")[family] = -1; });
    }
    root_refused(pitstop::faults::missing_member, [&](json::Object& r) { role(r).erase("family_thresholds"); });
}

TEST(Root, RefusesAThresholdThatOnlyOneKeyUnderTwoIdsWouldReach) {
    root_refused(faults::bad_threshold, [](json::Object& r) {
        json::Object& role = at(at(r, "roles"), "targets");
        const std::string keyid(role["keyids"].as_array()[0].as_string());
        const json::Value key = at(r, "keys")[keyid];
        at(r, "keys")["alias"] = key;
        role["keyids"].as_array().push_back("alias");
        at(role, "family_thresholds")["classical"] = 2;
    });
}

TEST(Root, RefusesKeysThatAreMissingOrNotWhatTheyClaim) {
    const auto first_key = [](json::Object& r) -> json::Object& { return at(r, "keys").begin()->value().as_object(); };
    root_refused(faults::unknown_keyid,
                 [](json::Object& r) { at(at(r, "roles"), "root")["keyids"].as_array().push_back("nobody"); });
    root_refused(faults::bad_key, [&](json::Object& r) {
        first_key(r)["keytype"] = "ed25519";
        first_key(r)["scheme"] = "ed25519";
    });
    // Of a kind that nobody knows: the key counts for nobody, and the role can no longer be reached.
    root_refused(faults::bad_threshold, [&](json::Object& r) { first_key(r)["scheme"] = "slh-dsa-1"; });
    root_refused(faults::bad_key, [&](json::Object& r) { at(first_key(r), "keyval")["public"] = "none"; });
    root_refused(faults::bad_member, [](json::Object& r) { at(r, "keys")[std::string(129, 'a')] = json::Object(); });
    root_refused(faults::bad_member,
                 [](json::Object& r) { at(at(r, "roles"), "root")["keyids"].as_array().resize(33, "x"); });
    root_refused(faults::bad_member,
                 [](json::Object& r) { at(at(r, "roles"), "root")["keyids"].as_array().push_back(1); });
    root_refused(faults::bad_member, [](json::Object& r) {
        const json::Value key = at(r, "keys").begin()->value();
        for (int i = 0; i < 161; ++i) at(r, "keys")[std::to_string(i)] = key;
    });
}

TEST(Root, PassesOverKeysOfAKindThatItDoesNotKnow) {
    json::Object made = to_json(root());
    at(made, "keys")["later"] = json::Object{{"keytype", "slh-dsa"}, {"scheme", "slh-dsa-1"}, {"keyval", "?"}};
    at(at(made, "roles"), "targets")["keyids"].as_array().push_back("later");
    const auto read = read_root(made);
    ASSERT_TRUE(read) << read.error().str();
    EXPECT_TRUE(read->keys.unusable.contains("later"));
}

TEST(Root, OfTheDirectorMayNameATimeServerAndAllowBatches) {
    RolePublicKeys keys = public_keys();
    keys.time = new_keys().public_keys();
    const auto made = make_root(keys, {1, later}, {.batches = BatchSignatures::allowed});
    ASSERT_TRUE(made) << made.error().str();
    ASSERT_TRUE(made->time);
    EXPECT_EQ(made->time->keyids.size(), 2U);
    EXPECT_EQ(made->of(Role::targets).batches, BatchSignatures::allowed);
    EXPECT_EQ(made->of(Role::root).batches, BatchSignatures::refused);
    root_refused(faults::bad_member, [](json::Object& r) { at(at(r, "roles"), "root")["batch_signatures"] = true; });
}

TEST(Root, OfPlainTufNeedsNoFamiliesAndMayBeOutOfReach) {
    json::Object made = to_json(root());
    for (const char* role : {"root", "timestamp", "snapshot", "targets"})
        at(at(made, "roles"), role).erase("family_thresholds");
    at(at(made, "roles"), "snapshot")["threshold"] = 5;
    made["consistent_snapshot"] = false;
    const Rules plain{.dialect = Dialect::tuf, .policy = Policy::classic};
    const auto read = read_root(made, plain);
    ASSERT_TRUE(read) << read.error().str();
    EXPECT_FALSE(read->consistent_snapshot);
    at(at(made, "roles"), "snapshot")["threshold"] = 0;
    EXPECT_TRUE(read_root(made, plain).error().is(faults::bad_threshold));
}

TEST(Root, ComesBackAsItWas) {
    const Root made = root(7);
    const auto read = read_root(to_json(made));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->version, 7U);
    EXPECT_EQ(read->expires, later);
    EXPECT_EQ(read->keys.by_id, made.keys.by_id);
    EXPECT_EQ(read->roles, made.roles);
    EXPECT_EQ(read->keys.by_id.size(), 8U);
}

TEST(Keys, AreWrittenByTheNamesOfTufAndTap21) {
    using crypto::KeyType;
    const std::pair<KeyType, std::string_view> schemes[] = {{KeyType::ecdsa_p256, "ecdsa-sha2-nistp256"},
                                                            {KeyType::ecdsa_p384, "ecdsa-sha2-nistp384"},
                                                            {KeyType::ed25519, "ed25519"},
                                                            {KeyType::ml_dsa_44, "ml-dsa-44/1"},
                                                            {KeyType::ml_dsa_65, "ml-dsa-65/1"},
                                                            {KeyType::ml_dsa_87, "ml-dsa-87/1"}};
    for (const auto& [type, scheme] : schemes) {
        const crypto::PublicKey key = crypto::generate(type)->public_key();
        const json::Object object = to_json(key);
        EXPECT_EQ(*json::string(object, "scheme"), scheme);
        EXPECT_EQ(**read_key(object), key);
    }
}

const FileInfo promise{3, 100, crypto::sha256({}), crypto::sha512({})};

TEST(Timestamp, RefusesAPromiseThatPromisesTooLittle) {
    const auto entry = [](json::Object& t) -> json::Object& { return at(at(t, "meta"), "snapshot.json"); };
    const auto read = [](const json::Object& from) { return read_timestamp(from); };
    const auto object = to_json(make_timestamp(promise, {2, later}));
    refused(faults::wrong_role, object, read, [](json::Object& t) { t["_type"] = "snapshot"; });
    refused(faults::bad_member, object, read, [&](json::Object& t) { entry(t).erase("length"); });
    refused(faults::bad_member, object, read, [&](json::Object& t) { entry(t).erase("hashes"); });
    refused(faults::bad_member, object, read, [&](json::Object& t) { entry(t)["hashes"] = json::Object(); });
    refused(faults::bad_member, object, read, [&](json::Object& t) { entry(t)["version"] = 0; });
    refused(faults::bad_member, object, read, [&](json::Object& t) { at(entry(t), "hashes")["md5"] = "00"; });
    refused(faults::bad_member, object, read, [&](json::Object& t) { at(entry(t), "hashes")["sha512"] = "00"; });
    refused(pitstop::faults::not_hex, object, read, [&](json::Object& t) { at(entry(t), "hashes")["sha256"] = "00"; });
    refused(pitstop::faults::wrong_type, object, read,
            [&](json::Object& t) { entry(t)["length"] = size_bytes_max(Role::snapshot) + 1; });
    refused(faults::bad_member, object, read, [&](json::Object& t) { at(t, "meta")["other.json"] = json::Object(); });
    refused(pitstop::faults::missing_member, object, read, [](json::Object& t) {
        at(t, "meta").clear();
        at(t, "meta")["x"] = 1;
    });
}

TEST(Timestamp, ComesBackAsItWas) {
    EXPECT_EQ(read_timestamp(to_json(make_timestamp(promise, {2, later})))->snapshot, promise);
}

TEST(Snapshot, RefusesAListWithoutTargetsOrWithNamesThatArePaths) {
    const auto read = [](const json::Object& from) { return read_snapshot(from); };
    const auto object = to_json(make_snapshot(promise, {2, later}));
    refused(pitstop::faults::missing_member, object, read,
            [](json::Object& s) { at(s, "meta").erase("targets.json"); });
    refused(pitstop::faults::bad_name, object, read,
            [](json::Object& s) { at(s, "meta")["../x.json"] = json::Object(); });
    refused(faults::bad_member, object, read, [](json::Object& s) {
        const json::Value entry = at(s, "meta")["targets.json"];
        for (int i = 0; i < 20'000; ++i) at(s, "meta")[std::to_string(i)] = entry;
    });
    EXPECT_EQ(read_snapshot(object)->targets(), promise);
}

json::Object director_targets() {
    const NamedTarget one = for_ecu("BRK-2/ECU_011-1.1.0.img", image("brake"), "ECU_011");
    return to_json(*direct(*Vin::parse("VIN01"), std::span(&one, 1), {1, later}));
}

TEST(Targets, OfTheDirectorMustNameAVinAndEcusAndMayNotDelegate) {
    const auto read = [](const json::Object& from) { return read_targets(from, Repository::director); };
    const auto first = [](json::Object& t) -> json::Object& { return at(t, "targets").begin()->value().as_object(); };
    const json::Object object = director_targets();
    refused(pitstop::faults::missing_member, object, read, [](json::Object& t) { t.erase("vin"); });
    refused(pitstop::faults::bad_vin, object, read, [](json::Object& t) { t["vin"] = "../1"; });
    refused(faults::bad_member, object, read, [](json::Object& t) { t["delegations"] = json::Object(); });
    refused(pitstop::faults::missing_member, object, read,
            [&](json::Object& t) { at(first(t), "custom").erase("ecuIdentifier"); });
    refused(faults::duplicate_ecu, object, read, [&](json::Object& t) {
        const json::Value again = first(t);
        at(t, "targets")["other.img"] = again;
    });
}

TEST(Targets, RefuseAnImageThatIsNotFullyDescribed) {
    const auto read = [](const json::Object& from) { return read_targets(from, Repository::image); };
    const auto first = [](json::Object& t) -> json::Object& { return at(t, "targets").begin()->value().as_object(); };
    const json::Object object = to_json(image_targets());
    refused(pitstop::faults::bad_name, object, read, [&](json::Object& t) {
        const json::Value again = first(t);
        at(t, "targets")["/etc/passwd"] = again;
    });
    refused(faults::bad_member, object, read, [&](json::Object& t) { first(t)["length"] = 0; });
    refused(pitstop::faults::wrong_type, object, read,
            [&](json::Object& t) { first(t)["length"] = std::int64_t{1} << 32; });
    refused(faults::bad_member, object, read, [&](json::Object& t) { at(first(t), "hashes").erase("sha512"); });
    refused(faults::bad_member, object, read, [&](json::Object& t) { at(first(t), "hashes").erase("sha256"); });
    refused(faults::bad_member, object, read, [&](json::Object& t) { at(first(t), "hashes")["sha1"] = "00"; });
    refused(pitstop::faults::missing_member, object, read,
            [&](json::Object& t) { at(first(t), "custom").erase("releaseCounter"); });
    refused(pitstop::faults::bad_version, object, read,
            [&](json::Object& t) { at(first(t), "custom")["version"] = "1"; });
    refused(faults::bad_member, object, read,
            [&](json::Object& t) { at(first(t), "custom")["hardwareIds"] = json::Array(); });
    refused(faults::bad_member, object, read,
            [&](json::Object& t) { at(first(t), "custom")["hardwareIds"] = json::Array{1}; });
}

TEST(Targets, SayWhatElseMustRunBesideAnImage) {
    TargetInfo info = image("brake");
    info.constraints = {*version_ranges_from("ECU_012>=1.1.0<2.0.0"), *version_ranges_from("ECU_013>=3.0.0")};
    const NamedTarget one = named("BRK-2/ECU_011-1.1.0.img", info);
    const json::Object object = to_json(*make_targets(nullptr, std::span(&one, 1), {1, later}));
    const auto read = [](const json::Object& from) { return read_targets(from, Repository::image); };
    EXPECT_EQ(read(object)->targets.begin()->second, info);
    const auto custom = [](json::Object& t) -> json::Object& {
        return at(at(t, "targets").begin()->value().as_object(), "custom");
    };
    refused(pitstop::faults::bad_ecu_id, object, read,
            [&](json::Object& t) { custom(t)["dependencies"].as_array()[0] = "brake>=1.0.0"; });
    refused(pitstop::faults::wrong_type, object, read, [&](json::Object& t) {
        const json::Value again = custom(t)["conflicts"].as_array()[0];
        custom(t)["conflicts"].as_array().resize(33, again);
    });
}

TEST(Targets, ComeBackAsTheyWere) {
    const auto director = read_targets(director_targets(), Repository::director);
    ASSERT_TRUE(director);
    EXPECT_EQ(director->vin->view(), "VIN01");
    EXPECT_EQ(director->targets.begin()->second.ecu, *EcuId::parse("ECU_011"));
    EXPECT_EQ(read_targets(to_json(image_targets()), Repository::image)->targets, image_targets().targets);
}

TEST(FileNames, CarryTheVersionExceptForTimestamp) {
    EXPECT_EQ(file_name(Role::root, 4), "4.root.json");
    EXPECT_EQ(file_name(Role::snapshot, 12), "12.snapshot.json");
    EXPECT_EQ(file_name(Role::timestamp, 9), "timestamp.json");
    EXPECT_EQ(to_string(Repository::image), "image");
}

}  // namespace
}  // namespace pitstop::uptane
