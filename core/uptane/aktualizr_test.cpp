// What the aktualizr family and plain TUF write otherwise than we do.
#include "core/uptane/aktualizr.h"

#include "core/uptane/cycle.h"
#include "core/uptane/faults.h"
#include "core/uptane/key_json.h"
#include "core/uptane/repository_on_the_desk.h"

#include <gtest/gtest.h>

namespace pitstop::uptane {
namespace {

using namespace desk;

constexpr Rules foreign{.dialect = Dialect::aktualizr, .policy = Policy::classic};
constexpr Rules plain{.dialect = Dialect::tuf, .policy = Policy::classic};

Bytes read(std::string_view method, std::string_view text) {
    return read_aktualizr_signature(json::Object{{"method", method}}, text);
}

TEST(Aktualizr, SignaturesAreBase64OrHexByAMethodThatWeKnow) {
    const Bytes value(64, 0xAB);
    EXPECT_EQ(read("ed25519", to_base64(value)), value);
    EXPECT_EQ(read("RSASSA-PSS", to_hex(value)), value);
    EXPECT_EQ(read_aktualizr_signature({}, to_hex(value)), value);
    EXPECT_TRUE(read("rsassa-pkcs1v15", to_hex(value)).empty());
    EXPECT_TRUE(read("ed25519", "no digits").empty());
}

TEST(Aktualizr, APromiseIsKeptByTheTextOrByItsCanonicalForm) {
    const std::string served = "{\n \"b\": \"line\\nend\", \"a\": 1 }";
    const json::Value document = *json::parse(view_of(served), 100);
    for (const std::string& form : {served, *json::canonical(document), *json::sorted(document)}) {
        FileInfo promised = info_of(1, view_of(form));
        EXPECT_TRUE(keeps_aktualizr_promise(view_of(served), promised)) << form;
        promised.length_bytes = served.size();
        EXPECT_TRUE(keeps_aktualizr_promise(view_of(served), promised)) << form;
        promised.length_bytes = 7;
        EXPECT_FALSE(keeps_aktualizr_promise(view_of(served), promised));
    }
    FileInfo promised = info_of(1, view_of(served));
    promised.sha512->back() ^= 1;
    EXPECT_FALSE(keeps_aktualizr_promise(view_of(served), promised)) << "every digest counts";
}

TEST(Aktualizr, TheRootOfADirectorHasNoListingRoles) {
    json::Object made = to_json(root());
    made["_type"] = "Root";
    json::Object& roles = made["roles"].as_object();
    roles.erase("snapshot");
    roles.erase("timestamp");
    made["keys"].as_object().clear();
    const auto read = read_root(made, foreign);
    ASSERT_TRUE(read) << read.error().str();
    EXPECT_TRUE(read->of(Role::snapshot).keyids.empty());
    roles.erase("targets");
    EXPECT_FALSE(read_root(made, foreign));
}

TEST(PlainTuf, RsaKeysSayHowTheirSignaturesArePadded) {
    const crypto::Owned<EVP_PKEY> rsa(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{3072}));
    std::uint8_t* der = nullptr;
    const int size = i2d_PUBKEY(rsa.get(), &der);
    const auto key = *crypto::PublicKey::from_der({der, static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    json::Object object = to_json(key);
    EXPECT_EQ((*read_key(object, plain))->rsa_padding(), crypto::RsaPadding::pss);
    object["scheme"] = "rsa-pkcs1v15-sha256";
    EXPECT_EQ((*read_key(object, plain))->rsa_padding(), crypto::RsaPadding::pkcs1v15);
    EXPECT_EQ((*read_key(object, plain))->key_id(), key.key_id()) << "the same key twice is one key";
    EXPECT_FALSE(*read_key(object)) << "in our dialect it counts for nobody";
}

TEST(PlainTuf, AKeyThatIsNoneCountsForNobodyAndHindersNobody) {
    json::Object made = to_json(root());
    for (const char* role : {"root", "timestamp", "snapshot", "targets"})
        made["roles"].as_object()[role].as_object().erase("family_thresholds");
    made["keys"].as_object()["broken"] =
        json::Object{{"keytype", "ed25519"}, {"scheme", "ed25519"}, {"keyval", {{"public", "no hex"}}}};
    const auto read = read_root(made, plain);
    ASSERT_TRUE(read) << read.error().str();
    EXPECT_TRUE(read->keys.unusable.contains("broken"));
    EXPECT_TRUE(read_root(made).error().is(faults::bad_key)) << "in our dialect it is a lie";
}

TEST(PlainTuf, KeptFilesCountOnlyAsFarAsTheFilesBeforeThemListThem) {
    const Rules hybrid{.dialect = Dialect::tuf};
    const auto old = published(image_targets(9), 9), next = published(image_targets(2), 2);
    const auto kept = [&](const Bytes& timestamp, const Bytes& snapshot) {
        return *TrustSet::from_files(Repository::image, {root_file(), timestamp, snapshot, old.targets, {}}, hybrid);
    };
    EXPECT_FALSE(kept(old.timestamp, old.snapshot).remembered(Role::targets).empty());
    EXPECT_TRUE(kept({}, old.snapshot).remembered(Role::snapshot).empty());
    EXPECT_TRUE(kept(next.timestamp, old.snapshot).remembered(Role::snapshot).empty());
    EXPECT_TRUE(kept(next.timestamp, next.snapshot).remembered(Role::targets).empty());
    EXPECT_FALSE(kept(next.timestamp, next.snapshot).remembered(Role::snapshot).empty());
}

TEST(Cycle, AsksForNothingUnderARootPastItsDate) {
    TrustSet set = trust();
    Cycle cycle(set, later);
    EXPECT_EQ(file_of(std::get<Fetch>(cycle.next())), "2.root.json");
    cycle.on_absent();
    EXPECT_TRUE(std::get<Failed>(cycle.next()).error.is(faults::expired));
}

}  // namespace
}  // namespace pitstop::uptane
