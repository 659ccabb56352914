#include "core/crypto/merkle.h"

#include <algorithm>

namespace pitstop::crypto::merkle {
namespace {

constexpr std::uint8_t leaf_prefix = 0x00, parent_prefix = 0x01;

// Where a node stands in its level. RFC 6962 splits at the largest power of two below the size; seen from the leaves,
// neighbours are paired level by level, and a last node without a neighbour moves up unchanged.
struct Place {
    std::uint64_t index, last;  // of the level

    [[nodiscard]] bool is_root() const { return last == 0; }
    [[nodiscard]] bool is_right() const { return (index & 1) != 0; }
    [[nodiscard]] bool is_alone() const { return !is_right() && index == last; }
    void rise() {
        index >>= 1;
        last >>= 1;
    }
};

}  // namespace

Node leaf_of(NodeHasher& hasher, View entry) { return hasher.hash(leaf_prefix, entry, {}); }

Node parent_of(NodeHasher& hasher, const Node& left, const Node& right) {
    return hasher.hash(parent_prefix, left, right);
}

std::size_t path_nodes(std::uint64_t index, std::uint64_t size) {
    std::size_t nodes = 0;
    for (Place place{index, size - 1}; !place.is_root(); place.rise())
        if (!place.is_alone()) ++nodes;
    return nodes;
}

std::optional<Node> root_from_path(NodeHasher& hasher, const Node& leaf, std::uint64_t index, std::uint64_t size,
                                   View path) {
    if (size > leaves_max || index >= size || path.size() != path_nodes(index, size) * node_size_bytes)
        return std::nullopt;
    Node node = leaf;
    for (Place place{index, size - 1}; !place.is_root(); place.rise()) {
        if (place.is_alone()) continue;
        Node sibling;
        std::copy_n(path.begin(), node_size_bytes, sibling.begin());
        path = path.subspan(node_size_bytes);
        node = place.is_right() ? parent_of(hasher, sibling, node) : parent_of(hasher, node, sibling);
    }
    return node;
}

}  // namespace pitstop::crypto::merkle
