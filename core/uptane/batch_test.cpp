#include "core/uptane/batch.h"

#include "core/crypto/faults.h"
#include "core/uptane/director_text.h"
#include "core/uptane/faults.h"
#include "core/uptane/repository_on_the_desk.h"

#include <gtest/gtest.h>

#include <thread>

namespace pitstop::uptane {
namespace {

using namespace desk;

crypto::SoftwareSigner& classical() { return keys_of(Role::targets).classical; }
crypto::SoftwareSigner& post_quantum() { return keys_of(Role::targets).post_quantum; }

const Root& director_root() {
    static const Root root = *make_root(public_keys(), {1, later}, {.batches = BatchSignatures::allowed});
    return root;
}

Vin vin(std::size_t number) { return *Vin::parse(std::format("BATCHCAR{}", number)); }

// A vehicle each, all with the same image.
std::vector<BatchEntry> texts(std::size_t size) {
    const NamedTarget one = for_ecu("BRK-2/ECU_011-1.1.0.img", image("brake"), "ECU_011");
    const auto form = *DirectorText::make({&one, 1}, later);
    std::vector<BatchEntry> entries(size);
    for (std::size_t i = 0; i < size; ++i) EXPECT_TRUE(form.write(vin(i), 7, std::array{0U}, entries[i].text));
    return entries;
}

std::vector<BatchEntry> prepared(std::size_t size) {
    std::vector<BatchEntry> entries = texts(size);
    EXPECT_TRUE(prepare(entries, classical()));
    return entries;
}

SignedBatch signed_batch(std::span<const BatchEntry> entries) {
    return *SignedBatch::sign(entries, classical().public_key(), post_quantum());
}

Bytes file_of(const SignedBatch& batch, std::span<const BatchEntry> entries, std::size_t index) {
    Bytes file;
    batch.write(entries[index], index, file);
    return file;
}

Result<void> check(View file, const Root& with = director_root()) {
    TRY(const Envelope envelope, open_envelope(file, Role::targets));
    return check_signatures(envelope, with, Role::targets);
}

// The third file of thirteen, with something changed.
Bytes changed_file(const std::function<void(json::Object& batch, json::Object& document)>& change) {
    static const std::vector<BatchEntry> entries = prepared(13);
    static const Bytes file = file_of(signed_batch(entries), entries, 2);
    EXPECT_TRUE(check(file));
    return altered(file, [&change](json::Object& document) {
        change(document["signatures"].as_array()[1].as_object()["batch"].as_object(), document);
    });
}

TEST(Batch, GivesEveryVehicleAFileThatItsRootAccepts) {
    for (const std::size_t size : {1, 2, 3, 5, 8, 13}) {
        const std::vector<BatchEntry> entries = prepared(size);
        const SignedBatch batch = signed_batch(entries);
        EXPECT_EQ(batch.size(), size);
        for (std::size_t i = 0; i < size; ++i) {
            const Bytes file = file_of(batch, entries, i);
            EXPECT_TRUE(check(file)) << i << " of " << size;
            const auto targets = read_targets(open_envelope(file, Role::targets)->body, Repository::director);
            ASSERT_TRUE(targets) << targets.error().str();
            EXPECT_EQ(targets->vin, vin(i));
        }
    }
}

TEST(Batch, WritesTheVeryBytesThatTheSlowWayWrites) {
    const std::vector<BatchEntry> entries = prepared(11);
    const SignedBatch batch = signed_batch(entries);
    for (const std::size_t index : {0, 10}) {
        const Bytes file = file_of(batch, entries, index);
        const Envelope envelope = *open_envelope(file, Role::targets);
        EXPECT_EQ(envelope.canonical, entries[index].text);
        const Bytes signature(batch.signature().begin(), batch.signature().end());
        const std::array signatures{Signature{classical().public_key().key_id(), entries[index].classical, {}},
                                    Signature{post_quantum().public_key().key_id(), signature, batch.proof(index)}};
        EXPECT_EQ(text_of(file), text_of(*write_envelope(envelope.body, signatures)));
    }
}

TEST(Batch, IsTakenOnlyWhereRootAllowsIt) {
    const std::vector<BatchEntry> entries = prepared(2);
    const Bytes file = file_of(signed_batch(entries), entries, 1);
    EXPECT_TRUE(check(file));
    EXPECT_TRUE(check(file, root()).error().is(faults::post_quantum_missing));
}

TEST(Batch, DoesNotVouchForAnAlteredFile) {
    const auto file = changed_file(
        [](json::Object&, json::Object& document) { document["signed"].as_object()["vin"] = vin(3).view(); });
    EXPECT_FALSE(check(file));
    // And if the online classical key is in the wrong hands, the half that the batch signs still does not.
    Envelope envelope = *open_envelope(file, Role::targets);
    envelope.signatures[0] = *sign_canonical(envelope.canonical, classical());
    EXPECT_TRUE(check_signatures(envelope, director_root(), Role::targets).error().is(faults::post_quantum_missing));
}

TEST(Batch, ProvesNothingElsewhereInTheTree) {
    for (const std::uint64_t index : {0, 1, 3, 6, 12, 13})
        EXPECT_FALSE(check(changed_file([&](json::Object& batch, json::Object&) { batch["index"] = index; }))) << index;
    for (const std::uint64_t size : {0, 2, 3, 12, 14, 16})
        EXPECT_FALSE(check(changed_file([&](json::Object& batch, json::Object&) { batch["size"] = size; }))) << size;
    EXPECT_FALSE(check(changed_file([](json::Object& batch, json::Object&) {
        batch["index"] = ~std::uint64_t{0};
        batch["size"] = ~std::uint64_t{0};
    })));
}

TEST(Batch, ProvesNothingWithAnotherPath) {
    const auto with_path = [](const std::function<void(std::string&)>& change) {
        return check(changed_file([&](json::Object& batch, json::Object&) {
            std::string path(batch["path"].as_string());
            change(path);
            batch["path"] = path;
        }));
    };
    EXPECT_TRUE(with_path([](std::string&) {}));
    const auto refused = [&](const std::function<void(std::string&)>& change) {
        return with_path(change).error().is(faults::post_quantum_missing);
    };
    EXPECT_TRUE(refused([](std::string& path) { path.clear(); }));
    EXPECT_TRUE(refused([](std::string& path) { path.resize(path.size() - 96); }));
    EXPECT_TRUE(refused([](std::string& path) { path.resize(path.size() - 2); }));
    EXPECT_TRUE(refused([](std::string& path) { path.append(96, '0'); }));
    EXPECT_TRUE(refused([](std::string& path) { path.front() = path.front() == '0' ? '1' : '0'; }));
    EXPECT_TRUE(refused([](std::string& path) { std::rotate(path.begin(), path.begin() + 96, path.end()); }));
}

// RFC 6962 does not bind a root to its number of leaves; the signature does.
TEST(Batch, SignsTheNumberOfItsLeaves) {
    const std::vector<BatchEntry> entries = prepared(4);
    const SignedBatch batch = signed_batch(entries);
    const crypto::PublicKey& key = post_quantum().public_key();
    BatchProof proof = batch.proof(0);
    EXPECT_TRUE(batch_signs(key, entries[0].text, proof, batch.signature()));
    proof.size = 3;  // the same path would do
    EXPECT_FALSE(batch_signs(key, entries[0].text, proof, batch.signature()));
}

TEST(Batch, AndPlainSignaturesAreNotTakenForEachOther) {
    const std::vector<BatchEntry> entries = prepared(1);
    const SignedBatch batch = signed_batch(entries);
    const auto without = altered(file_of(batch, entries, 0), [](json::Object& document) {
        document["signatures"].as_array()[1].as_object().erase("batch");
    });
    EXPECT_TRUE(check(without).error().is(faults::post_quantum_missing));

    const crypto::PublicKey& key = post_quantum().public_key();
    const Bytes plain = *post_quantum().sign(signed_message(key.type(), entries[0].text));
    EXPECT_FALSE(batch_signs(key, entries[0].text, batch.proof(0), plain));
    EXPECT_FALSE(batch_signs(key, entries[0].text, batch.proof(0), {}));
    EXPECT_FALSE(batch_signs(new_keys().post_quantum.public_key(), entries[0].text, batch.proof(0), batch.signature()));
}

TEST(Batch, NeverStandsForTheClassicalHalf) {
    const std::vector<BatchEntry> entries = prepared(1);
    const Bytes signature = *classical().sign(batch_message(1, entries[0].leaf));
    EXPECT_FALSE(batch_signs(classical().public_key(), entries[0].text, {0, 1, {}}, signature));

    std::vector<BatchEntry> shared = texts(1);
    EXPECT_TRUE(prepare(shared, post_quantum()).error().is(faults::classical_missing));
    EXPECT_TRUE(
        SignedBatch::sign(entries, classical().public_key(), classical()).error().is(faults::post_quantum_missing));
}

TEST(Batch, RefusesTextsThatWouldBeSentOtherwiseThanTheyAreSigned) {
    for (const std::string_view odd : {"\\", "\n", "\x1f", "\x7f", "\x80", "\xff", "\xc3\xa4"})
        for (std::size_t at = 0; at < 20; ++at) {
            std::vector<BatchEntry> one(1);
            one[0].text = std::string(20, 'a').insert(at, odd);
            EXPECT_TRUE(prepare(one, classical()).error().is(faults::not_printable)) << at;
        }
    std::vector<BatchEntry> plain(1);
    for (char c = 0x20; c < 0x7F; ++c)
        if (c != '\\') plain[0].text += c;
    EXPECT_TRUE(prepare(plain, classical()));
}

TEST(Batch, RefusesToSignWhatWasNotPrepared) {
    EXPECT_TRUE(SignedBatch::sign({}, classical().public_key(), post_quantum()).error().is(faults::bad_member));
    std::vector<BatchEntry> entries = texts(3);
    ASSERT_TRUE(prepare(std::span(entries).first(2), classical()));
    EXPECT_TRUE(
        SignedBatch::sign(entries, classical().public_key(), post_quantum()).error().is(faults::classical_missing));
    ASSERT_TRUE(prepare(std::span(entries).last(1), classical()));
    EXPECT_TRUE(SignedBatch::sign(entries, classical().public_key(), post_quantum()));
    const crypto::PublicKey& another = new_keys().classical.public_key();
    EXPECT_TRUE(SignedBatch::sign(entries, another, post_quantum()).error().is(crypto::faults::bad_signature));
}

TEST(Batch, MayBePreparedAndWrittenByTwoThreads) {
    std::vector<BatchEntry> entries = texts(64);
    const auto both = [&entries](auto work) {
        std::thread other([&] { work(std::span(entries).first(31), 0); });
        work(std::span(entries).subspan(31), 31);
        other.join();
    };
    both([](std::span<BatchEntry> range, std::size_t) { EXPECT_TRUE(prepare(range, classical())); });
    const SignedBatch batch = signed_batch(entries);
    both([&batch](std::span<BatchEntry> range, std::size_t first) {
        Bytes file;
        for (std::size_t i = 0; i < range.size(); ++i) {
            batch.write(range[i], first + i, file);
            EXPECT_TRUE(check(file));
        }
    });
}

}  // namespace
}  // namespace pitstop::uptane
