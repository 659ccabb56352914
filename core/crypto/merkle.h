// Whether an entry is in a Merkle tree whose root is known: RFC 6962 §2.1 with SHA-384 (docs/formats/batch.md).
//
// ECU profile: no heap, no library is named here. Bring a NodeHasher, the entry's leaf, its place, the number of
// leaves and the audit path (RFC 6962 §2.1.1: the siblings from the leaf upwards, 48 bytes each, nothing between them).
// What comes back is the only root that this path can prove; the caller compares it, or checks a signature over it.
//
// A leaf and a parent are hashed under different first bytes: no entry can pass for a parent, no parent for an entry.
#pragma once

#include "core/base/bytes.h"

#include <cstdint>
#include <optional>

namespace pitstop::crypto::merkle {

inline constexpr std::size_t node_size_bytes = 48;
using Node = std::array<std::uint8_t, node_size_bytes>;

// More leaves than cars on the road, and a path that still fits 1536 bytes.
inline constexpr std::uint64_t leaves_max = std::uint64_t{1} << 32;
inline constexpr std::size_t path_nodes_max = 32;

// Port: SHA-384 (FIPS 180-4) over one byte and two pieces, in this order. OpenSSL fills it in merkle_tree.h, a
// microcontroller with its own engine. It cannot fail: an engine that does not work is found by the self-test at start.
class NodeHasher {
public:
    [[nodiscard]] virtual Node hash(std::uint8_t prefix, View first, View second) = 0;

protected:
    // Never deleted through this class: a virtual destructor would pull operator delete into firmware.
    NodeHasher() = default;
    NodeHasher(const NodeHasher&) = default;
    NodeHasher& operator=(const NodeHasher&) = default;
    ~NodeHasher() = default;
};

[[nodiscard]] Node leaf_of(NodeHasher& hasher, View entry);
[[nodiscard]] Node parent_of(NodeHasher& hasher, const Node& left, const Node& right);

// How many nodes the path of this leaf has. Bring index < size <= leaves_max.
[[nodiscard]] std::size_t path_nodes(std::uint64_t index, std::uint64_t size);

// None where no tree of this size has such a leaf or a path of this length.
[[nodiscard]] std::optional<Node> root_from_path(NodeHasher& hasher, const Node& leaf, std::uint64_t index,
                                                 std::uint64_t size, View path);

}  // namespace pitstop::crypto::merkle
