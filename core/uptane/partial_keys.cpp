#include "core/uptane/partial_keys.h"

#include "core/crypto/merkle.h"
#include "core/uptane/faults.h"
#include "core/uptane/partial_text.h"

#include <algorithm>

namespace pitstop::uptane {
namespace {

using json_text::String;
using json_text::Value;
namespace merkle = crypto::merkle;

constexpr std::array<std::uint8_t, 4> tap21_prefix{'t', 'u', 'f', 0x01};
constexpr std::array<std::uint8_t, 14> batch_prefix{'p', 'i', 't', 's', 't', 'o', 'p', '-', 'b', 'a', 't', 'c', 'h', 1};
constexpr std::size_t path_size_bytes_max = merkle::path_nodes_max * merkle::node_size_bytes;
static_assert(path_size_bytes_max <= crypto::signature_bytes_max);  // the path is decoded where the signature will be

class PortHasher final : public merkle::NodeHasher {
public:
    explicit PortHasher(crypto::Verifier& crypto) : crypto_(crypto) {}
    merkle::Node hash(std::uint8_t prefix, View first, View second) override {
        merkle::Node node{};
        crypto_.start(crypto::DigestKind::sha384);
        crypto_.update({&prefix, 1});
        crypto_.update(first);
        crypto_.update(second);
        crypto_.finish(node);
        return node;
    }

private:
    crypto::Verifier& crypto_;
};

struct BatchPlace {
    std::uint64_t index = 0, size = 0;
    String path;
};

struct SignatureEntry {
    String keyid, value;
    std::optional<BatchPlace> batch;
};

// Nothing: it has not the form of a signature.
std::optional<SignatureEntry> read_entry(const Value& from) {
    const auto keyid = json_text::find_string(from, "keyid"), value = json_text::find_string(from, "sig");
    if (!keyid || !value) return std::nullopt;
    SignatureEntry entry{*keyid, *value, {}};
    const auto batch = json_text::find(from, "batch");
    if (!batch || batch->kind() == json_text::Kind::null) return entry;
    const auto index = json_text::find_number(*batch, "index"), size = json_text::find_number(*batch, "size");
    const auto path = json_text::find_string(*batch, "path");
    if (!index || !size || !path) return std::nullopt;
    entry.batch = BatchPlace{*index, *size, *path};
    return entry;
}

class SignatureCheck {
public:
    SignatureCheck(const SignedFile& file, crypto::Verifier& crypto, SignatureRoom& room)
        : file_(file),
          crypto_(crypto),
          room_(room) {}

    bool is_good(const SignatureEntry& entry, const FoundKey& key, const RoleRule& rule) {
        std::array<std::uint8_t, batch_prefix.size() + 8 + merkle::node_size_bytes> message{};
        std::size_t size = 0;
        const auto put = [&](View bytes) {
            std::ranges::copy(bytes, message.begin() + static_cast<std::ptrdiff_t>(size));
            size += bytes.size();
        };
        if (entry.batch) {
            if (!rule.takes_batches || !crypto::is_post_quantum(key.kind)) return false;
            const auto root = root_of(*entry.batch);
            if (!root) return false;
            std::array<std::uint8_t, 8> leaves{};
            store_be(leaves.data(), entry.batch->size);
            put(batch_prefix);
            put(leaves);
            put(*root);
        } else if (crypto::is_post_quantum(key.kind)) {
            put(tap21_prefix);
            put(file_.sha512);
        } else {
            put(file_.sha256);
        }
        const auto signature = read_hex(entry.value, room_);
        return signature && !signature->empty() && signature->size() <= crypto::signature_size_bytes(key.kind) &&
               crypto_.verify(key.kind, key.spki, View(message).first(size), *signature);
    }

private:
    std::optional<merkle::Node> root_of(const BatchPlace& place) {
        const auto path = read_hex(place.path, Room(room_).first(path_size_bytes_max));
        if (!path) return std::nullopt;
        PortHasher hasher(crypto_);
        return merkle::root_from_path(hasher, merkle::leaf_of(hasher, file_.sha512), place.index, place.size, *path);
    }

    const SignedFile& file_;
    crypto::Verifier& crypto_;
    SignatureRoom& room_;
};

}  // namespace

Sha256Digest KeySet::digest_of(View spki) const {
    Sha256Digest digest{};
    crypto_.start(crypto::DigestKind::sha256);
    crypto_.update(spki);
    crypto_.finish(digest);
    return digest;
}

bool KeySet::contains(View spki) const {
    const auto end = digests_.begin() + static_cast<std::ptrdiff_t>(size_);
    return std::find(digests_.begin(), end, digest_of(spki)) != end;
}

bool KeySet::insert(const FoundKey& key) {
    if (size_ == digests_.size() || contains(key.spki)) return false;
    digests_[size_++] = digest_of(key.spki);
    if (crypto::is_post_quantum(key.kind)) ++post_quantum_;
    return true;
}

Result<void> check_signatures(const SignedFile& file, const KeySource& keys, KeyRole role, crypto::Verifier& crypto,
                              SignatureRoom& room) {
    const RoleRule rule = keys.rule(role);
    KeySet signers(crypto);
    SignatureCheck check(file, crypto, room);
    for (json_text::Items items(file.signatures); items.next();) {
        const auto entry = read_entry(items.value());
        if (!entry) return fail(faults::bad_member, "a signature");
        const auto key = keys.find(role, entry->keyid);
        if (!key || signers.contains(key->spki)) continue;
        if (check.is_good(*entry, *key, rule)) signers.insert(*key);
    }
    if (signers.classical() < rule.classical) return fail(faults::classical_missing, to_string(role));
    if (signers.post_quantum() < rule.post_quantum) return fail(faults::post_quantum_missing, to_string(role));
    if (!signers.reaches(rule)) return fail(faults::threshold_not_reached, to_string(role));
    return {};
}

}  // namespace pitstop::uptane
