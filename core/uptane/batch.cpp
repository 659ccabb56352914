#include "core/uptane/batch.h"

#include "core/crypto/digest.h"
#include "core/uptane/faults.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <format>

namespace pitstop::uptane {
namespace {

using crypto::merkle::Node;

constexpr std::string_view label = "pitstop-batch";
constexpr std::uint8_t format = 0x01;
constexpr std::string_view before_index = R"("},{"batch":{"index":)", before_path = R"(,"path":")";

crypto::Family family(const crypto::PublicKey& key) { return crypto::family(key.type()); }

// Eight bytes at once: this runs over everything that a server signs.
bool is_plain(std::string_view text) {
    constexpr std::uint64_t ones = 0x0101010101010101, high = 0x80 * ones;
    std::uint64_t bad = 0;
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        const auto eight = load_le<std::uint64_t>(view_of(text).data() + at);
        const std::uint64_t backslash = eight ^ ('\\' * ones);
        bad |= (eight | (eight - 0x20 * ones) | (eight + ones) | ((backslash - ones) & ~backslash)) & high;
    }
    return bad == 0 && std::ranges::all_of(text.substr(at), [](char c) { return c >= 0x20 && c <= 0x7E && c != '\\'; });
}

// The two digits of each byte.
constexpr auto hex_pairs = [] {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<std::array<std::uint8_t, 2>, 256> pairs{};
    for (std::size_t i = 0; i < pairs.size(); ++i)
        pairs[i] = {static_cast<std::uint8_t>(digits[i / 16]), static_cast<std::uint8_t>(digits[i % 16])};
    return pairs;
}();

// As bytes, not as characters: only then does the library copy them in one piece.
void append(Bytes& to, std::string_view text) {
    const View bytes = view_of(text);
    to.insert(to.end(), bytes.begin(), bytes.end());
}

void append_number(Bytes& to, std::uint64_t number) {
    std::array<char, 20> digits;
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    append(to, {digits.data(), written.ptr});
}

void append_hex(Bytes& to, View bytes) {
    std::size_t at = to.size();
    to.resize(at + 2 * bytes.size());
    for (const std::uint8_t byte : bytes) {
        std::memcpy(to.data() + at, hex_pairs[byte].data(), 2);
        at += 2;
    }
}

Node leaf_of_digest(crypto::merkle::NodeHasher& hasher, const Sha512Digest& digest) {
    return crypto::merkle::leaf_of(hasher, digest);
}

}  // namespace

BatchMessage batch_message(std::uint64_t size, const Node& root) {
    BatchMessage message;
    auto* at = std::ranges::copy(label, message.begin()).out;
    *at++ = format;
    store_be(at, size);
    std::ranges::copy(root, at + sizeof size);
    return message;
}

Node batch_leaf(crypto::merkle::NodeHasher& hasher, std::string_view canonical) {
    return leaf_of_digest(hasher, crypto::sha512(view_of(canonical)));
}

bool batch_signs(const crypto::PublicKey& key, std::string_view canonical, const BatchProof& proof, View signature) {
    if (family(key) != crypto::Family::post_quantum) return false;
    crypto::merkle::Sha384Nodes hasher;
    const auto root =
        crypto::merkle::root_from_path(hasher, batch_leaf(hasher, canonical), proof.index, proof.size, proof.path);
    return root && crypto::verify(key, batch_message(proof.size, *root), signature).has_value();
}

Result<void> prepare(std::span<BatchEntry> entries, crypto::Signer& classical) {
    if (family(classical.public_key()) != crypto::Family::classical)
        return fail(faults::classical_missing, "only the ML-DSA signature is shared by a batch");
    crypto::Sha512 digest;
    crypto::merkle::Sha384Nodes nodes;
    for (BatchEntry& entry : entries) {
        if (!is_plain(entry.text)) return fail(faults::not_printable, std::format("{:.200}", entry.text));
        TRY(entry.classical, classical.sign(view_of(entry.text)));
        digest.update(view_of(entry.text));
        entry.leaf = leaf_of_digest(nodes, digest.finish());
    }
    return {};
}

SignedBatch::SignedBatch(crypto::merkle::Tree tree, Bytes signature, const crypto::PublicKey& classical,
                         const crypto::PublicKey& post_quantum)
    : tree_(std::move(tree)),
      signature_(std::move(signature)),
      head_(std::format(R"({{"signatures":[{{"keyid":"{}","sig":")", classical.key_id())),
      tail_(std::format(R"(","size":{}}},"keyid":"{}","sig":"{}"}}],"signed":)", tree_.size(), post_quantum.key_id(),
                        to_hex(signature_))) {}

Result<SignedBatch> SignedBatch::sign(std::span<const BatchEntry> entries, const crypto::PublicKey& classical,
                                      crypto::Signer& post_quantum) {
    const crypto::PublicKey& key = post_quantum.public_key();
    if (family(key) != crypto::Family::post_quantum)
        return fail(faults::post_quantum_missing, "a batch is signed by an ML-DSA key");
    if (entries.empty() || entries.size() > crypto::merkle::leaves_max)
        return fail(faults::bad_member, std::format("'size' of a batch is {}", entries.size()));
    std::vector<Node> leaves;
    leaves.reserve(2 * entries.size() + crypto::merkle::path_nodes_max);  // the tree grows behind them
    for (const BatchEntry& entry : entries) {
        if (entry.classical.empty())
            return fail(faults::classical_missing, std::format("entry {} was not prepared", leaves.size()));
        leaves.push_back(entry.leaf);
    }
    ENSURE(crypto::verify(classical, view_of(entries.front().text), entries.front().classical));

    crypto::merkle::Sha384Nodes hasher;
    crypto::merkle::Tree tree(std::move(leaves), hasher);
    const BatchMessage message = batch_message(tree.size(), tree.root());
    TRY(Bytes signature, post_quantum.sign(message));
    ENSURE(crypto::verify(key, message, signature));
    return SignedBatch(std::move(tree), std::move(signature), classical, key);
}

void SignedBatch::write(const BatchEntry& entry, std::uint64_t index, Bytes& file) const {
    constexpr std::size_t numbers_size_max = 40;
    file.clear();
    file.reserve(head_.size() + 2 * entry.classical.size() + before_index.size() + before_path.size() +
                 2 * crypto::merkle::node_size_bytes * crypto::merkle::path_nodes_max + tail_.size() +
                 entry.text.size() + numbers_size_max);
    append(file, head_);
    append_hex(file, entry.classical);
    append(file, before_index);
    append_number(file, index);
    append(file, before_path);
    tree_.walk(index, [&file](const Node& node) { append_hex(file, node); });
    append(file, tail_);
    append(file, entry.text);
    file.push_back('}');
}

}  // namespace pitstop::uptane
