// Batch signatures: one ML-DSA signature for many vehicles' Targets, over the root of the Merkle tree whose leaves they
// are (docs/formats/batch.md; what it protects and what not: ADR 7). The classical signature stays one for each file.
//
// The car's side is batch_signs(), asked by check_signatures where Root allows batches for the role.
//
// The server's side is pure and has no threads: prepare() takes any range of a batch, write() any one file of it, and
// whole batches are independent of each other, so that a caller with two cores works on two at a time.
//
//     std::vector<BatchEntry> entries = …;               // each with its text, from DirectorText::write
//     ENSURE(prepare(entries, classical));               // in ranges, on any threads
//     TRY(const SignedBatch batch, SignedBatch::sign(entries, classical.public_key(), post_quantum));
//     batch.write(entries[7], 7, file);                  // on any threads; keep `file`, its room is used again
//
// A few thousand entries are enough: from there on the ML-DSA signature costs each vehicle less than its hashing.
// Faults: uptane.not-printable, bad-member, classical-missing, post-quantum-missing; crypto.bad-signature,
// library-failed.
#pragma once

#include "core/crypto/merkle_tree.h"
#include "core/crypto/signer.h"
#include "core/uptane/envelope.h"

#include <span>
#include <string>
#include <string_view>

namespace pitstop::uptane {

// What the ML-DSA key signs: "pitstop-batch" ‖ 0x01 ‖ number of leaves, u64 big endian ‖ root.
using BatchMessage = std::array<std::uint8_t, 13 + 1 + 8 + crypto::merkle::node_size_bytes>;
[[nodiscard]] BatchMessage batch_message(std::uint64_t size, const crypto::merkle::Node& root);

// The leaf of a file: over the SHA-512 of the canonical text of `signed`.
[[nodiscard]] crypto::merkle::Node batch_leaf(crypto::merkle::NodeHasher& hasher, std::string_view canonical);

// Whether `key`, which must be ML-DSA, has signed a tree in which this text stands where the proof says.
[[nodiscard]] bool batch_signs(const crypto::PublicKey& key, std::string_view canonical, const BatchProof& proof,
                               View signature);

// One file on its way. Bring `text`: the canonical text of `signed`, which must also be its JSON text, so printable
// ASCII that needs no escapes. The rest is prepare()'s.
struct BatchEntry {
    std::string text;
    Bytes classical;
    crypto::merkle::Node leaf{};
};

// Signs each text classically and hashes its leaf.
[[nodiscard]] Result<void> prepare(std::span<BatchEntry> entries, crypto::Signer& classical);

class SignedBatch {
public:
    // All entries of the batch, prepared, in the order of their leaves. Checks its own work: the ML-DSA signature, and
    // that the first entry was signed by `classical`.
    [[nodiscard]] static Result<SignedBatch> sign(std::span<const BatchEntry> entries,
                                                  const crypto::PublicKey& classical, crypto::Signer& post_quantum);

    [[nodiscard]] std::uint64_t size() const { return tree_.size(); }
    [[nodiscard]] BatchProof proof(std::uint64_t index) const { return {index, size(), tree_.path(index)}; }
    [[nodiscard]] View signature() const { return signature_; }

    // The whole metadata file, in place of what `file` held: the bytes that write_envelope would give.
    void write(const BatchEntry& entry, std::uint64_t index, Bytes& file) const;

private:
    SignedBatch(crypto::merkle::Tree tree, Bytes signature, const crypto::PublicKey& classical,
                const crypto::PublicKey& post_quantum);

    crypto::merkle::Tree tree_;
    Bytes signature_;
    std::string head_, tail_;  // what all files of the batch have before the classical signature and after the path
};

}  // namespace pitstop::uptane
