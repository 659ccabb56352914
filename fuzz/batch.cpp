// core/crypto/merkle, core/uptane/batch: proofs from strangers. Input: index and size (8 bytes each, big endian), a
// byte that says how long a file's text is, the text, and the path.
#include "core/uptane/batch.h"
#include "fuzz/property.h"

using namespace pitstop;
using namespace crypto::merkle;
using fuzz::must;

namespace {

std::uint64_t read_u64(fuzz::Script& script) {
    std::array<std::uint8_t, 8> bytes{};
    std::ranges::copy(script.take(bytes.size()), bytes.begin());
    return load_be<std::uint64_t>(bytes.data());
}

// RFC 6962 §2.1.1 read backwards, from the root down: none where the path is too short or too long.
std::optional<Node> root_by_the_book(NodeHasher& hasher, const Node& leaf, std::uint64_t index, std::uint64_t size,
                                     View path) {
    if (size == 1) return path.empty() ? std::optional(leaf) : std::nullopt;
    if (path.size() < node_size_bytes) return std::nullopt;
    std::uint64_t left = 1;
    while (2 * left < size) left *= 2;
    Node other;
    std::ranges::copy(path.last(node_size_bytes), other.begin());
    const View below = path.first(path.size() - node_size_bytes);
    const auto own = index < left ? root_by_the_book(hasher, leaf, index, left, below)
                                  : root_by_the_book(hasher, leaf, index - left, size - left, below);
    if (!own) return std::nullopt;
    return index < left ? parent_of(hasher, *own, other) : parent_of(hasher, other, *own);
}

void check_proof(const uptane::BatchProof& proof, std::string_view text) {
    Sha384Nodes hasher;
    const Node leaf = uptane::batch_leaf(hasher, text);
    const auto root = root_from_path(hasher, leaf, proof.index, proof.size, proof.path);
    const bool possible = proof.size <= leaves_max && proof.index < proof.size;
    must(root == (possible ? root_by_the_book(hasher, leaf, proof.index, proof.size, proof.path) : std::nullopt),
         "the root is the one of RFC 6962, or there is none");
    if (root) must(proof.path.size() <= path_nodes_max * node_size_bytes, "no path is longer than the cap");

    static const crypto::PrivateKey key = *crypto::generate(crypto::KeyType::ml_dsa_44);
    must(!uptane::batch_signs(key.public_key(), text, proof, proof.path), "no text is a signature by chance");
}

// A tree of our own: each of its paths leads to its root, and the stranger's path does not.
void check_tree(const uptane::BatchProof& proof, std::string_view text) {
    Sha384Nodes hasher;
    std::vector<Node> leaves;
    const std::size_t size = 1 + proof.size % 40, index = proof.index % size;
    for (std::size_t i = 0; i < size; ++i)
        leaves.push_back(i == index ? uptane::batch_leaf(hasher, text)
                                    : leaf_of(hasher, std::array{static_cast<std::uint8_t>(i)}));
    const Tree tree(leaves, hasher);
    for (std::size_t i = 0; i < size; ++i)
        must(root_from_path(hasher, leaves[i], i, size, tree.path(i)) == tree.root(), "every leaf is in its tree");
    if (!std::ranges::equal(proof.path, tree.path(index)))
        must(root_from_path(hasher, leaves[index], index, size, proof.path) != tree.root(), "by no other path");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Script script({data, size});
    uptane::BatchProof proof;
    proof.index = read_u64(script);
    proof.size = read_u64(script);
    const View text = script.sized();
    const View path = script.rest();
    proof.path.assign(path.begin(), path.end());
    check_proof(proof, text_of(text));
    check_tree(proof, text_of(text));
    return 0;
}
