#include "core/crypto/merkle_tree.h"

#include <cstdlib>

namespace pitstop::crypto::merkle {
namespace {

// Fetching walks the provider tables: done once, kept for the process's life.
const EVP_MD* fetched_sha384() {
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA2-384", nullptr);
    return algorithm;
}

void must(int succeeded) {
    if (succeeded != 1) std::abort();
}

}  // namespace

Sha384Nodes::Sha384Nodes() : context_(EVP_MD_CTX_new()) {}

Node Sha384Nodes::hash(std::uint8_t prefix, View first, View second) {
    Node node;
    must(EVP_DigestInit_ex2(context_.get(), fetched_sha384(), nullptr));
    must(EVP_DigestUpdate(context_.get(), &prefix, 1));
    must(EVP_DigestUpdate(context_.get(), first.data(), first.size()));
    must(EVP_DigestUpdate(context_.get(), second.data(), second.size()));
    must(EVP_DigestFinal_ex(context_.get(), node.data(), nullptr));
    return node;
}

Tree::Tree(std::vector<Node> leaves, NodeHasher& hasher) : size_(leaves.size()), nodes_(std::move(leaves)) {
    nodes_.reserve(2 * nodes_.size() + path_nodes_max);  // each level rounds up once
    std::size_t level_at = 0;
    for (std::uint64_t width = size_; width > 1; width = (width + 1) / 2) {
        for (std::uint64_t i = 0; i + 1 < width; i += 2)
            nodes_.push_back(parent_of(hasher, nodes_[level_at + i], nodes_[level_at + i + 1]));
        if (width % 2 != 0) nodes_.push_back(nodes_[level_at + width - 1]);
        level_at += width;
    }
}

Bytes Tree::path(std::uint64_t index) const {
    Bytes path;
    path.reserve(path_nodes(index, size_) * node_size_bytes);
    walk(index, [&path](const Node& node) { path.insert(path.end(), node.begin(), node.end()); });
    return path;
}

}  // namespace pitstop::crypto::merkle
