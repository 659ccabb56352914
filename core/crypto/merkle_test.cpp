#include "core/crypto/merkle.h"
#include "core/crypto/merkle_tree.h"

#include <gtest/gtest.h>

#include <string>

namespace pitstop::crypto::merkle {
namespace {

Bytes entry(std::uint64_t index) {
    const std::string text = "entry " + std::to_string(index);
    return Bytes(text.begin(), text.end());
}

std::vector<Node> leaves(std::uint64_t size) {
    Sha384Nodes hasher;
    std::vector<Node> all;
    for (std::uint64_t i = 0; i < size; ++i) all.push_back(leaf_of(hasher, entry(i)));
    return all;
}

Tree tree_of(std::uint64_t size) {
    Sha384Nodes hasher;
    return Tree(leaves(size), hasher);
}

// RFC 6962 §2.1 and §2.1.1 word by word: recursive, split at the largest power of two below the size.
std::size_t split(std::size_t size) {
    std::size_t power = 1;
    while (2 * power < size) power *= 2;
    return power;
}
Node mth(std::span<const Node> all) {
    Sha384Nodes hasher;
    if (all.size() == 1) return all[0];
    const std::size_t k = split(all.size());
    return parent_of(hasher, mth(all.first(k)), mth(all.subspan(k)));
}
Bytes audit_path(std::size_t index, std::span<const Node> all) {
    if (all.size() == 1) return {};
    const std::size_t k = split(all.size());
    Bytes path = index < k ? audit_path(index, all.first(k)) : audit_path(index - k, all.subspan(k));
    const Node other = index < k ? mth(all.subspan(k)) : mth(all.first(k));
    path.insert(path.end(), other.begin(), other.end());
    return path;
}

std::optional<Node> root_of(std::uint64_t index, std::uint64_t size, View path) {
    Sha384Nodes hasher;
    return root_from_path(hasher, leaf_of(hasher, entry(index)), index, size, path);
}

// FIPS 180-4: SHA-384("abc"), cut in every way the port allows.
TEST(NodeHasher, IsSha384OverThePrefixAndBothPieces) {
    constexpr auto of_abc =
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7";
    Sha384Nodes hasher;
    EXPECT_EQ(to_hex(hasher.hash('a', view_of("b"), view_of("c"))), of_abc);
    EXPECT_EQ(to_hex(hasher.hash('a', view_of("bc"), {})), of_abc);
    EXPECT_EQ(to_hex(hasher.hash('a', {}, view_of("bc"))), of_abc);
}

TEST(MerkleTree, HasTheRootAndPathsOfTheRfcAtEverySize) {
    for (std::size_t size = 1; size <= 40; ++size) {
        const std::vector<Node> all = leaves(size);
        const Tree tree = tree_of(size);
        EXPECT_EQ(tree.size(), size);
        EXPECT_EQ(tree.root(), mth(all)) << size;
        for (std::size_t index = 0; index < size; ++index) {
            const Bytes path = tree.path(index);
            EXPECT_EQ(path, audit_path(index, all)) << index << " of " << size;
            EXPECT_EQ(path.size(), path_nodes(index, size) * node_size_bytes);
            EXPECT_EQ(root_of(index, size, path), tree.root()) << index << " of " << size;
        }
    }
}

TEST(MerkleTree, OfOneLeafIsThatLeaf) {
    Sha384Nodes hasher;
    EXPECT_EQ(tree_of(1).root(), leaf_of(hasher, entry(0)));
    EXPECT_TRUE(tree_of(1).path(0).empty());
}

TEST(MerkleTree, GivesTheLastLeafOfAnUnevenTreeAShorterPath) {
    EXPECT_EQ(path_nodes(0, 5), 3U);
    EXPECT_EQ(path_nodes(4, 5), 1U);
    EXPECT_EQ(path_nodes(6, 7), 2U);
    EXPECT_EQ(path_nodes(0, leaves_max), path_nodes_max);
    EXPECT_EQ(path_nodes(leaves_max - 1, leaves_max), path_nodes_max);
    EXPECT_EQ(path_nodes(leaves_max / 2, leaves_max / 2 + 1), 1U);
}

TEST(MerklePath, ProvesNothingAtAnotherPlaceOrInATreeOfAnotherSize) {
    const Tree tree = tree_of(13);
    for (std::uint64_t index = 0; index < 13; ++index) {
        const Bytes path = tree.path(index);
        Sha384Nodes hasher;
        const Node leaf = leaf_of(hasher, entry(index));
        for (std::uint64_t by = 1; by < 16; ++by)
            EXPECT_NE(root_from_path(hasher, leaf, (index + by) % 16, 13, path), tree.root());
        // The same siblings may fit trees of other sizes: whoever signs a root signs the size with it.
        EXPECT_EQ(root_from_path(hasher, leaf, index, 0, path), std::nullopt);
        EXPECT_EQ(root_from_path(hasher, leaf, index, index, path), std::nullopt);
    }
}

TEST(MerklePath, OfAnotherLengthIsRefused) {
    const Tree tree = tree_of(7);
    const Bytes path = tree.path(2);
    for (std::size_t size = 0; size < path.size(); ++size)
        EXPECT_EQ(root_of(2, 7, View(path).first(size)), std::nullopt);
    Bytes longer = path;
    longer.push_back(0);
    EXPECT_EQ(root_of(2, 7, longer), std::nullopt);
    longer.resize(path.size() + node_size_bytes);
    EXPECT_EQ(root_of(2, 7, longer), std::nullopt);
    EXPECT_EQ(root_of(0, 1, path), std::nullopt);
}

TEST(MerklePath, WithOneAlteredBitProvesAnotherRoot) {
    const Tree tree = tree_of(11);
    const Bytes path = tree.path(9);
    for (std::size_t at = 0; at < path.size(); ++at) {
        Bytes altered = path;
        altered[at] ^= 0x10;
        EXPECT_NE(root_of(9, 11, altered), tree.root());
    }
}

// Without the prefixes, the two children of a node would be an entry that is in the tree.
TEST(MerklePath, DoesNotLetTheInsideOfTheTreePassForAnEntry) {
    const std::vector<Node> all = leaves(4);
    const Tree tree = tree_of(4);
    Sha384Nodes hasher;
    Bytes children(all[0].begin(), all[0].end());
    children.insert(children.end(), all[1].begin(), all[1].end());
    const Node right = parent_of(hasher, all[2], all[3]);
    EXPECT_NE(root_from_path(hasher, leaf_of(hasher, children), 0, 2, right), tree.root());

    // An entry that already begins like a parent is a leaf all the same.
    children.insert(children.begin(), 0x01);
    EXPECT_NE(root_from_path(hasher, leaf_of(hasher, children), 0, 2, right), tree.root());
    // A shorter tree over the parents has the same root: this is why the size is signed as well.
    EXPECT_EQ(root_from_path(hasher, parent_of(hasher, all[0], all[1]), 0, 2, right), tree.root());
}

TEST(MerklePath, TakesTheLargestTreeAndNoneAbove) {
    Sha384Nodes hasher;
    const Node leaf = leaf_of(hasher, entry(0));
    const Bytes path(path_nodes_max * node_size_bytes, 0x5a);
    EXPECT_TRUE(root_from_path(hasher, leaf, leaves_max - 1, leaves_max, path));
    EXPECT_EQ(root_from_path(hasher, leaf, 0, leaves_max + 1, path), std::nullopt);
    EXPECT_EQ(root_from_path(hasher, leaf, leaves_max, leaves_max, path), std::nullopt);
    EXPECT_EQ(root_from_path(hasher, leaf, ~std::uint64_t{0}, ~std::uint64_t{0}, path), std::nullopt);
    EXPECT_EQ(root_from_path(hasher, leaf, 0, ~std::uint64_t{0}, path), std::nullopt);
}

}  // namespace
}  // namespace pitstop::crypto::merkle
