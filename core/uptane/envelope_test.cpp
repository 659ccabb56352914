#include "core/base/faults.h"
#include "core/crypto/digest.h"
#include "core/uptane/faults.h"
#include "core/uptane/repository_on_the_desk.h"

#include <gtest/gtest.h>

namespace pitstop::uptane {
namespace {

using namespace desk;

const json::Object body{{"_type", "targets"}, {"n", 1}};

Result<void> check(View file, const Root& with = root()) {
    TRY(const Envelope envelope, open_envelope(file, Role::targets));
    return check_signatures(envelope, with, Role::targets);
}

Bytes with_signatures(std::size_t count, const std::function<void(json::Array&)>& change = {}) {
    return altered(signed_as(Role::targets, body), [&](json::Object& document) {
        json::Array& list = document["signatures"].as_array();
        if (change) change(list);
        if (count < list.size()) list.resize(count);
    });
}

TEST(Signatures, OfTheClassicalFamilyAloneAreNotEnough) {
    std::vector<crypto::Signer*> one{&keys_of(Role::targets).classical};
    EXPECT_TRUE(check(*sign(body, one)).error().is(faults::post_quantum_missing));
}

TEST(Signatures, OfMlDsaAloneAreNotEnough) {
    std::vector<crypto::Signer*> one{&keys_of(Role::targets).post_quantum};
    EXPECT_TRUE(check(*sign(body, one)).error().is(faults::classical_missing));
}

TEST(Signatures, OfAnotherRolesKeysDoNotCount) {
    EXPECT_TRUE(check(*sign(body, signers_of(Role::snapshot))).error().is(faults::classical_missing));
}

TEST(Signatures, OfUnknownKeysArePassedOver) {
    EXPECT_TRUE(check(*sign(body, new_keys().signers())).error().is(faults::classical_missing));
    std::vector<crypto::Signer*> all = new_keys().signers();
    for (crypto::Signer* signer : signers_of(Role::targets)) all.push_back(signer);
    EXPECT_TRUE(check(*sign(body, all)));
}

TEST(Signatures, OfOneKeyCountOnce) {
    Root strict = root();
    RoleKeys& role = strict.roles[static_cast<std::size_t>(Role::targets)];
    role.families = {2, 1};
    crypto::Signer* classical = &keys_of(Role::targets).classical;
    std::vector<crypto::Signer*> twice{classical, classical, &keys_of(Role::targets).post_quantum};
    EXPECT_TRUE(check(*sign(body, twice), strict).error().is(faults::classical_missing));
}

TEST(Signatures, OfOneKeyUnderTwoIdsCountOnce) {
    Root strict = root();
    RoleKeys& role = strict.roles[static_cast<std::size_t>(Role::targets)];
    const crypto::PublicKey& key = keys_of(Role::targets).post_quantum.public_key();
    strict.keys.by_id.emplace("alias", key);
    role.keyids.emplace_back("alias");
    role.families = {1, 2};
    const Bytes file = altered(signed_as(Role::targets, body), [&](json::Object& document) {
        json::Array& list = document["signatures"].as_array();
        json::Object again = list[1].as_object();
        again["keyid"] = "alias";
        list.push_back(again);
    });
    EXPECT_TRUE(check(file, strict).error().is(faults::post_quantum_missing));
}

TEST(Signatures, MustTogetherReachTheThreshold) {
    Root strict = root();
    strict.roles[static_cast<std::size_t>(Role::targets)].threshold = 3;
    EXPECT_TRUE(check(signed_as(Role::targets, body), strict).error().is(faults::threshold_not_reached));
}

TEST(Signatures, ThatAreZeroOrOfOtherBytesDoNotCount) {
    for (const std::size_t at : {0, 1}) {
        const Bytes file = with_signatures(2, [at](json::Array& list) {
            json::Object& signature = list[at].as_object();
            signature["sig"] = std::string(signature["sig"].as_string().size(), '0');
        });
        EXPECT_TRUE(check(file).error().is(at == 0 ? faults::classical_missing : faults::post_quantum_missing));
    }
    const Bytes changed = altered(signed_as(Role::targets, body),
                                  [](json::Object& document) { document["signed"].as_object()["n"] = 2; });
    EXPECT_FALSE(check(changed));
}

TEST(Signatures, OfMlDsaAreOverTheTufMessageNotThePlainText) {
    crypto::SoftwareSigner& signer = keys_of(Role::targets).post_quantum;
    const std::string canonical = *json::canonical(body);
    const Bytes plain = *signer.sign(view_of(canonical));
    const Bytes file = with_signatures(2, [&](json::Array& list) { list[1].as_object()["sig"] = to_hex(plain); });
    EXPECT_TRUE(check(file).error().is(faults::post_quantum_missing));

    const Bytes message = signed_message(crypto::KeyType::ml_dsa_65, canonical);
    EXPECT_EQ(to_hex(View(message).first(4)), "74756601");
    EXPECT_EQ(to_hex(View(message).subspan(4)), to_hex(crypto::sha512(view_of(canonical))));
    EXPECT_EQ(signed_message(crypto::KeyType::ed25519, canonical), Bytes(canonical.begin(), canonical.end()));
}

TEST(Envelope, RefusesMoreThan32Signatures) {
    const auto with = [](std::size_t count) {
        return with_signatures(99, [count](json::Array& list) {
            const json::Value one = list[0];
            list.resize(count, one);
        });
    };
    EXPECT_TRUE(open_envelope(with(32), Role::targets));
    EXPECT_TRUE(open_envelope(with(33), Role::targets).error().is(faults::too_many_signatures));
}

TEST(Signatures, ThatCannotBeOursHinderNobodyAndCountForNobody) {
    for (const std::string& strange :
         {std::string(2 * signature_size_bytes_max + 2, 'a'), std::string("not hex"), std::string()}) {
        const Bytes instead = with_signatures(2, [&](json::Array& list) { list[0].as_object()["sig"] = strange; });
        EXPECT_TRUE(check(instead).error().is(faults::classical_missing));
        const Bytes beside = with_signatures(
            9, [&](json::Array& list) { list.push_back(json::Object{{"keyid", "later"}, {"sig", strange}}); });
        EXPECT_TRUE(check(beside));
    }
}

TEST(Signatures, InBatchesAreTakenOnlyInTheirOwnForm) {
    const auto with_batch = [](const json::Value& batch) {
        return with_signatures(2, [&](json::Array& list) { list[1].as_object()["batch"] = batch; });
    };
    EXPECT_TRUE(open_envelope(with_batch(json::Object{{"index", 0}, {"size", 1}, {"path", ""}}), Role::targets));
    EXPECT_FALSE(open_envelope(with_batch("all"), Role::targets));
    EXPECT_FALSE(open_envelope(with_batch(json::Object{{"index", -1}, {"size", 1}, {"path", ""}}), Role::targets));
    const std::string too_deep(2 * batch_path_size_bytes_max + 2, '0');
    EXPECT_TRUE(open_envelope(with_batch(json::Object{{"index", 0}, {"size", 1}, {"path", too_deep}}), Role::targets)
                    .error()
                    .is(faults::bad_member));
    // A plain signature that claims to be one of many is none.
    EXPECT_TRUE(check(with_batch(json::Object{{"index", 0}, {"size", 1}, {"path", ""}}))
                    .error()
                    .is(faults::post_quantum_missing));
}

TEST(Sign, WritesTheSortedFormThatSmallEcusReadInPlace) {
    const Bytes file = *sign(json::Object{{"b", "two\n"}, {"a", 1}}, signers_of(Role::targets));
    EXPECT_TRUE(text_of(file).starts_with(R"({"signatures":[{"keyid":")"));
    EXPECT_TRUE(text_of(file).ends_with(R"(],"signed":{"a":1,"b":"two\n"}})"));
}

TEST(Sign, RefusesTextThatNotEverybodySeesAlike) {
    for (const char* text : {"G\xc3\xa4rte", "tab\t", "\x7f"})
        EXPECT_TRUE(sign(json::Object{{"name", text}}, signers_of(Role::targets)).error().is(faults::not_printable));
}

TEST(Envelope, RefusesAFileOverTheCapOfItsRoleBeforeReadingIt) {
    for (const Role role : {Role::root, Role::timestamp, Role::snapshot, Role::targets}) {
        const Bytes garbage(size_bytes_max(role) + 1, 'x');
        EXPECT_TRUE(open_envelope(garbage, role).error().is(faults::too_large)) << to_string(role);
    }
    EXPECT_EQ(size_bytes_max(Role::timestamp), 65536U);
}

TEST(Envelope, RefusesWhatIsNotOne) {
    for (const char* text :
         {"", "[]", "{}", R"({"signed":{}})", R"({"signatures":[],"signed":[]})", R"({"signed":{},"signatures":[1]})",
          R"({"signed":{"x":1.5},"signatures":[]})", R"({"signed":{},"signed":{},"signatures":[]})",
          R"({"signed":{},"signatures":[{"keyid":"a","sig":1}]})",
          R"({"signed":{},"signatures":[{"keyid":"a","sig":"","x":1.5}]})",
          R"({"signed":{},"signatures":[],"x":[1.0]})"})
        EXPECT_FALSE(open_envelope(view_of(text), Role::targets)) << text;
}

}  // namespace
}  // namespace pitstop::uptane
