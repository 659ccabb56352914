// A whole Merkle tree in memory, for whoever hands out the paths; the rules stand in merkle.h. Not part of the ECU
// profile.
//
//     Sha384Nodes hasher;
//     Tree tree(std::move(leaves), hasher);   // hashes every parent once: 0.4 µs a leaf
//     tree.root();  tree.path(7);
//
// All nodes lie level behind level in one block of memory, 96 bytes a leaf: a path is copied together without hashing.
// Reading from several threads is safe.
#pragma once

#include "core/crypto/merkle.h"
#include "core/crypto/openssl.h"

#include <vector>

namespace pitstop::crypto::merkle {

// SHA-384 by OpenSSL. Keeps its context: one for each thread. Ends the process on a broken library, as digest.h does.
class Sha384Nodes final : public NodeHasher {
public:
    Sha384Nodes();
    [[nodiscard]] Node hash(std::uint8_t prefix, View first, View second) override;

private:
    Owned<EVP_MD_CTX> context_;
};

class Tree {
public:
    // 1 to leaves_max leaves; the caller has checked.
    Tree(std::vector<Node> leaves, NodeHasher& hasher);

    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] const Node& root() const { return nodes_.back(); }
    [[nodiscard]] Bytes path(std::uint64_t index) const;

    // Gives each node of the path to `use`, from the leaf upwards.
    template <class Use>
    void walk(std::uint64_t index, Use use) const {
        std::size_t level_at = 0;
        for (std::uint64_t width = size_; width > 1; width = (width + 1) / 2, index /= 2) {
            if (const std::uint64_t sibling = index ^ 1; sibling < width) use(nodes_[level_at + sibling]);
            level_at += width;
        }
    }

private:
    std::uint64_t size_;
    std::vector<Node> nodes_;
};

}  // namespace pitstop::crypto::merkle
