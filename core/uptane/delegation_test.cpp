#include "core/uptane/delegation.h"

#include "core/base/faults.h"
#include "core/uptane/faults.h"
#include "core/uptane/repository_on_the_desk.h"

#include <gtest/gtest.h>

namespace pitstop::uptane {
namespace {

using namespace desk;

TEST(PathPattern, MatchesWithinOneSegmentOnly) {
    for (const auto& [pattern, path] : {std::pair{"*", "brake.img"},
                                        {"*.img", "brake.img"},
                                        {"SUP-A/*", "SUP-A/brake.img"},
                                        {"b?ake", "brake"},
                                        {"*a*b*", "xxaxxbxx"},
                                        {"a**b", "ab"},
                                        {"*/*", "a/b"},
                                        {"", ""},
                                        {"*", ""},
                                        {"brake*", "brake"}})
        EXPECT_TRUE(matches(pattern, path)) << pattern << " " << path;
    for (const auto& [pattern, path] : {std::pair{"*", "SUP-A/brake.img"},
                                        {"SUP-A/*", "SUP-A/b/c"},
                                        {"SUP-A?brake", "SUP-A/brake"},
                                        {"*.img", "brake.imgs"},
                                        {"b?ake", "bake"},
                                        {"*a*b", "xxaxxbx"},
                                        {"SUP-A/*", "SUP-B/brake"},
                                        {"*/*", "a/b/c"},
                                        {"brake", "Brake"},
                                        {"a*b", "a/b"},
                                        {"[ab]", "a"}})
        EXPECT_FALSE(matches(pattern, path)) << pattern << " " << path;
}

TEST(PathPattern, TakesNoLongerThanItsLength) {
    const std::string path(1024, 'a'), pattern = [] {
        std::string stars;
        for (int i = 0; i < 300; ++i) stars += "*a";
        return stars + "b";
    }();
    EXPECT_FALSE(matches(pattern, path));
}

TEST(HashPrefix, CoversWhatItsDigestBeginsWith) {
    const std::string digest = to_hex(crypto::sha256(view_of("brake.img")));
    Delegation delegation;
    delegation.path_hash_prefixes = {digest.substr(0, 3)};
    EXPECT_TRUE(covers(delegation, "brake.img"));
    delegation.path_hash_prefixes = {digest};
    EXPECT_TRUE(covers(delegation, "brake.img"));
    EXPECT_FALSE(covers(delegation, "light.img"));
    delegation.path_hash_prefixes = {""};
    EXPECT_FALSE(covers(delegation, "brake.img"));
}

// TAP 15: the first bits of the digest, in as many hex digits as the last bin needs.
TEST(HashBins, AreNamedByTheFirstBitsOfTheDigest) {
    const std::string digest = to_hex(crypto::sha256(view_of("brake.img")));
    EXPECT_EQ(bin_of({"bins", 8, {}}, "brake.img"), "bins-" + digest.substr(0, 2));
    EXPECT_EQ(bin_of({"bins", 16, {}}, "brake.img"), "bins-" + digest.substr(0, 4));
    EXPECT_EQ(bin_of({"bins", 32, {}}, "brake.img"), "bins-" + digest.substr(0, 8));
    const int first_bit = std::stoi(digest.substr(0, 1), nullptr, 16) >> 3;
    EXPECT_EQ(bin_of({"bins", 1, {}}, "brake.img"), "bins-" + std::to_string(first_bit));
}

Delegations one_supplier() {
    Delegations delegations;
    Delegation supplier;
    supplier.role = "supplier-a";
    supplier.keys = role_keys(new_keys().public_keys(), {}, Policy::hybrid, delegations.keys);
    supplier.paths = {"SUP-A/*"};
    supplier.hardware = {*HardwareId::parse("BRK-2")};
    supplier.terminating = Terminating::yes;
    delegations.roles = {supplier};
    return delegations;
}

void refused(const Fault& fault, const std::function<void(json::Object& all, json::Object& first)>& change) {
    json::Object object = to_json(one_supplier());
    ASSERT_TRUE(read_delegations(object, {}));
    change(object, object["roles"].as_array()[0].as_object());
    const auto read = read_delegations(object, {});
    ASSERT_FALSE(read) << boost::json::serialize(object).substr(0, 200);
    EXPECT_TRUE(read.error().is(fault)) << read.error().str();
}

TEST(Delegations, ComeBackAsTheyWere) {
    const auto read = read_delegations(to_json(one_supplier()), {});
    ASSERT_TRUE(read) << read.error().str();
    EXPECT_EQ(read->roles, one_supplier().roles);
    EXPECT_EQ(read->keys.by_id, one_supplier().keys.by_id);
    Delegations bins;
    bins.bins = HashBins{"bins", 4, role_keys(new_keys().public_keys(), {}, Policy::hybrid, bins.keys)};
    EXPECT_EQ(read_delegations(to_json(bins), {})->bins, bins.bins);
}

TEST(Delegations, RefuseWhatContradictsTheStandard) {
    for (const char* name : {"root", "timestamp", "snapshot", "targets", ""})
        refused(faults::bad_member, [name](json::Object&, json::Object& role) { role["name"] = name; });
    refused(pitstop::faults::bad_name, [](json::Object&, json::Object& role) { role["name"] = "../supplier"; });
    refused(faults::bad_member, [](json::Object& all, json::Object& role) {
        const json::Value again = role;
        all["roles"].as_array().push_back(again);
    });
    refused(faults::bad_member,
            [](json::Object&, json::Object& role) { role["path_hash_prefixes"] = json::Array{"0"}; });
    refused(faults::bad_member, [](json::Object&, json::Object& role) { role.erase("paths"); });
    refused(faults::bad_member, [](json::Object&, json::Object& role) { role["hardware_ids"] = json::Array(); });
    refused(faults::bad_member, [](json::Object&, json::Object& role) { role["paths"] = json::Array{1}; });
    refused(faults::bad_threshold, [](json::Object&, json::Object& role) { role["threshold"] = 0; });
    refused(faults::bad_threshold, [](json::Object&, json::Object& role) { role["threshold"] = 3; });
    refused(faults::unknown_keyid,
            [](json::Object&, json::Object& role) { role["keyids"].as_array().push_back("nobody"); });
    refused(pitstop::faults::missing_member, [](json::Object&, json::Object& role) { role.erase("terminating"); });
    refused(pitstop::faults::missing_member,
            [](json::Object&, json::Object& role) { role.erase("family_thresholds"); });
    refused(faults::bad_member, [](json::Object& all, json::Object&) { all["succinct_roles"] = json::Object(); });
    refused(faults::bad_member, [](json::Object& all, json::Object& role) {
        const json::Value one = role;
        all["roles"].as_array().resize(257, one);
    });
}

TEST(HashBins, RefuseABitLengthOutOfRange) {
    Delegations delegations;
    delegations.bins = HashBins{"bins", 4, role_keys(new_keys().public_keys(), {}, Policy::hybrid, delegations.keys)};
    json::Object object = to_json(delegations);
    object["succinct_roles"].as_object()["bit_length"] = 0;
    EXPECT_TRUE(read_delegations(object, {}).error().is(faults::bad_member));
    object["succinct_roles"].as_object()["bit_length"] = 33;
    EXPECT_TRUE(read_delegations(object, {}).error().is(pitstop::faults::wrong_type));
    object["succinct_roles"].as_object()["bit_length"] = bit_length_max + 1;
    EXPECT_FALSE(read_delegations(object, {}));
    EXPECT_TRUE(read_delegations(object, {.dialect = Dialect::tuf}));
}

TEST(TargetPath, IsAnyTextWithoutControlCharacters) {
    EXPECT_TRUE(TargetPath::parse("target file ?#.txt"));
    for (const std::string& bad : {std::string(), std::string("a\nb"), std::string(1025, 'a')})
        EXPECT_TRUE(TargetPath::parse(bad).error().is(faults::bad_member));
}

}  // namespace
}  // namespace pitstop::uptane
