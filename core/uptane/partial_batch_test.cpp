#include "core/crypto/merkle_tree.h"
#include "core/uptane/small_ecu_on_the_desk.h"

namespace pitstop::uptane {
namespace {

using namespace small_desk;
namespace merkle = crypto::merkle;

// A Director that signed five vehicles' Targets at once; this ECU's are the fourth (docs/formats/batch.md).
struct Batch {
    std::uint64_t index = 3;
    Bytes path;
    Bytes signature;
};
Batch batch_over(const json::Object& body, crypto::Signer& signer) {
    merkle::Sha384Nodes hasher;
    std::vector<merkle::Node> leaves;
    for (int vehicle = 0; vehicle < 5; ++vehicle) {
        const std::string canonical =
            vehicle == 3 ? *json::canonical(body) : "another vehicle " + std::to_string(vehicle);
        leaves.push_back(merkle::leaf_of(hasher, crypto::sha512(view_of(canonical))));
    }
    const merkle::Tree tree(std::move(leaves), hasher);
    Bytes message;
    for (const char c : std::string_view("pitstop-batch\x01")) message.push_back(static_cast<std::uint8_t>(c));
    message.resize(message.size() + 8);
    store_be(message.data() + message.size() - 8, tree.size());
    message.insert(message.end(), tree.root().begin(), tree.root().end());
    return {3, tree.path(3), *signer.sign(message)};
}

json::Object batch_json(const Batch& batch) {
    return {{"index", batch.index}, {"path", to_hex(batch.path)}, {"size", 5}};
}

// The classical half as always, the other one from the batch.
Parts in_a_batch(std::uint32_t version, const std::function<void(json::Object&)>& change = {}) {
    const json::Object body = targets_body(version);
    return {.targets = file_of(body, both(targets_keys()), [&](json::Array& list) {
                const Batch batch = batch_over(body, targets_keys().post_quantum);
                json::Object& entry = list[1].as_object();
                entry["sig"] = to_hex(batch.signature);
                entry["batch"] = batch_json(batch);
                if (change) change(entry);
            })};
}

json::Object root_with_batches() {
    json::Object body = root_body();
    role_of(body, "targets")["batch_signatures"] = true;
    return body;
}

TEST(SmallEcusBatches, CountAsThePostQuantumHalf) {
    SmallEcu ecu(root_with_batches());
    const auto judged = ecu.judge(in_a_batch(1));
    ASSERT_TRUE(judged) << judged.error().str();
    EXPECT_TRUE(judged->image);
    ASSERT_TRUE(ecu.restart());
    EXPECT_TRUE(ecu.judge(in_a_batch(2)));
    ecu.expect_honest_cycle();  // a plain signature is still one
}

TEST(SmallEcusBatches, CountOnlyWhereRootSaysSo) {
    SmallEcu ecu;
    ecu.expect_refusal(faults::post_quantum_missing, in_a_batch(1));
    json::Object no = root_body(2);
    role_of(no, "targets")["batch_signatures"] = false;
    ASSERT_TRUE(ecu.judge({.roots = {root_file_of(no)}}));
    ecu.expect_refusal(faults::post_quantum_missing, in_a_batch(5));
}

TEST(SmallEcusBatches, ProveExactlyTheirPlace) {
    SmallEcu ecu(root_with_batches());
    const auto with = [](std::string_view name, const json::Value& value) {
        return in_a_batch(1, [&](json::Object& entry) { entry["batch"].as_object()[name] = value; });
    };
    ecu.expect_refusal(faults::post_quantum_missing, with("index", 2));
    ecu.expect_refusal(faults::post_quantum_missing, with("index", 5));
    ecu.expect_refusal(faults::post_quantum_missing, with("size", 6));
    ecu.expect_refusal(faults::post_quantum_missing, with("size", 0));
    ecu.expect_refusal(faults::post_quantum_missing, with("path", ""));
    ecu.expect_refusal(faults::post_quantum_missing, with("path", json::Value(std::string(6UL * 48, '0'))));
    ecu.expect_refusal(faults::post_quantum_missing, with("path", json::Value(std::string(40'000, '0'))));
    ecu.expect_refusal(faults::post_quantum_missing, with("path", "g"));
    ecu.expect_refusal(faults::bad_member, with("path", 1));
    ecu.expect_refusal(faults::bad_member, with("index", -1));
    ecu.expect_refusal(faults::bad_member, in_a_batch(1, [](json::Object& entry) { entry["batch"] = 1; }));
    // Without its proof it is a signature over something else.
    ecu.expect_refusal(faults::post_quantum_missing, in_a_batch(1, [](json::Object& entry) { entry.erase("batch"); }));
}

TEST(SmallEcusBatches, OfAnotherFileDoNotCount) {
    SmallEcu ecu(root_with_batches());
    const Batch other = batch_over(targets_body(2), targets_keys().post_quantum);
    ecu.expect_refusal(faults::post_quantum_missing, in_a_batch(1, [&](json::Object& entry) {
                           entry["batch"] = batch_json(other);
                           entry["sig"] = to_hex(other.signature);
                       }));
    const Batch foreign = batch_over(targets_body(1), other_keys().post_quantum);
    ecu.expect_refusal(faults::post_quantum_missing,
                       in_a_batch(1, [&](json::Object& entry) { entry["sig"] = to_hex(foreign.signature); }));
}

TEST(SmallEcusBatches, AreNeverClassicalNorOfAnotherRole) {
    SmallEcu ecu(root_with_batches());
    const json::Object body = targets_body();
    const Bytes classical = file_of(body, both(targets_keys()), [&](json::Array& list) {
        const Batch batch = batch_over(body, targets_keys().classical);
        list[0].as_object()["sig"] = to_hex(batch.signature);
        list[0].as_object()["batch"] = batch_json(batch);
    });
    ecu.expect_refusal(faults::classical_missing, Parts{.targets = classical});
    const json::Object time = time_body();
    const Bytes attested = file_of(time, both(clock_keys()), [&](json::Array& list) {
        const Batch batch = batch_over(time, clock_keys().post_quantum);
        list[1].as_object()["sig"] = to_hex(batch.signature);
        list[1].as_object()["batch"] = batch_json(batch);
    });
    ecu.expect_refusal(faults::post_quantum_missing, Parts{.time = attested});
}

}  // namespace
}  // namespace pitstop::uptane
