#include "core/uptane/partial_state.h"

#include "core/uptane/faults.h"

#include <algorithm>

namespace pitstop::uptane {
namespace {

constexpr std::uint32_t magic = 0x50545331;  // "PTS1"
constexpr std::size_t root_version_at = 4, root_expires_at = 8, targets_version_at = 16, targets_digest_at = 20;
constexpr std::size_t attested_at = 52, confirmed_at = 60, rules_at = 68, rule_size_bytes = 4;
constexpr std::size_t label_count_at = 80, key_count_at = 81, zeros_at = 82;
// Inside a label: 0 what stands for the keyid, u64 · 8 role · 9 index of the key
constexpr std::size_t label_role_at = 8, label_key_at = 9;
// 0000-01-01 to 9999-12-31, as far as the text form goes.
constexpr std::int64_t earliest_s = -62'167'219'200, latest_s = 253'402'300'799;

static_assert(rules_at + key_roles.size() * rule_size_bytes == label_count_at);
static_assert(zeros_at + 2 == PartialState::head_size_bytes);

// FNV-1a. A keyid only says which key to try, so nothing depends on whether two of them could share this number.
std::uint64_t label_of(json_text::String keyid) {
    std::uint64_t hash = 0xCBF29CE484222325;
    for (json_text::Characters characters(keyid); const auto c = characters.next();) hash = (hash ^ *c) * 0x100000001B3;
    return hash;
}

UtcTime time_at(View bytes, std::size_t at) {
    return {static_cast<std::int64_t>(load_be<std::uint64_t>(bytes.data() + at))};
}
void put_time(Room bytes, std::size_t at, UtcTime time) {
    store_be(bytes.data() + at, static_cast<std::uint64_t>(time.seconds));
}
bool is_in_range(UtcTime time) { return time.seconds >= earliest_s && time.seconds <= latest_s; }

std::unexpected<Error> broken(std::string_view what) { return fail(faults::broken_state, what); }

}  // namespace

Result<PartialState> PartialState::open(Room storage, std::size_t size_bytes) {
    if (size_bytes > storage.size() || size_bytes < head_size_bytes || load_be<std::uint32_t>(storage.data()) != magic)
        return broken("not a state of this version");
    const PartialState state(storage, size_bytes);
    if (storage[zeros_at] != 0 || storage[zeros_at + 1] != 0) return broken("not a state of this version");
    if (state.root_version() == 0) return broken("no root");
    const bool has_targets = state.targets_version() != 0;
    if (has_targets != (state.targets_digest() != Sha256Digest{})) return broken("targets");
    if (!is_in_range(state.root_expires()) || !is_in_range(state.attested()) || !is_in_range(state.confirmed()) ||
        state.confirmed() > state.attested())
        return broken("a time");
    ENSURE(state.check_keys());
    ENSURE(state.check_rules());
    return state;
}

Result<void> PartialState::check_keys() const {
    if (labels() > labels_max || keys() > keys_max) return broken("too many keys");
    std::size_t at = head_size_bytes + labels() * label_size_bytes;
    for (std::size_t i = 0; i < keys(); ++i) {
        if (at >= size_ || storage_[at] > static_cast<std::uint8_t>(crypto::SignatureKind::ml_dsa_87))
            return broken("a key");
        const auto kind = static_cast<crypto::SignatureKind>(storage_[at]);
        const std::size_t size = crypto::spki_size_bytes(kind);
        if (size_ - at - 1 < size) return broken("a key is cut off");
        const View spki = View(storage_).subspan(at + 1, size);
        if (crypto::kind_of(spki) != kind) return broken("a key");
        for (std::size_t before = 0; before < i; ++before)
            if (std::ranges::equal(key_at(before).spki, spki)) return broken("a key stands twice");
        at += 1 + size;
    }
    if (at != size_) return broken("its length");
    return {};
}

Result<void> PartialState::check_rules() const {
    static_assert(keys_max <= 32);
    std::uint32_t used = 0;
    std::array<std::uint32_t, key_roles.size()> of_role{};  // a bit per key
    for (std::size_t i = 0; i < labels(); ++i) {
        const std::uint8_t* label = storage_.data() + head_size_bytes + i * label_size_bytes;
        if (label[label_role_at] >= key_roles.size() || label[label_key_at] >= keys()) return broken("a label");
        of_role[label[label_role_at]] |= 1U << label[label_key_at];
        used |= 1U << label[label_key_at];
    }
    for (const KeyRole role : key_roles) {
        const std::uint8_t* bytes = storage_.data() + rules_at + static_cast<std::size_t>(role) * rule_size_bytes;
        const RoleRule found = rule(role);
        if (bytes[3] > 1 || (role == KeyRole::root && found.takes_batches)) return broken("a rule");
        std::uint8_t classical = 0, post_quantum = 0;
        for (std::size_t i = 0; i < keys(); ++i) {
            if ((of_role[static_cast<std::size_t>(role)] >> i & 1) == 0) continue;
            ++(crypto::is_post_quantum(key_at(i).kind) ? post_quantum : classical);
        }
        const bool is_absent = role == KeyRole::time && found == RoleRule{} && classical + post_quantum == 0;
        const bool is_sound = found.threshold > 0 && found.classical > 0 && found.post_quantum > 0 &&
                              found.classical <= classical && found.post_quantum <= post_quantum &&
                              found.threshold <= classical + post_quantum;
        if (!is_absent && !is_sound) return broken("a rule");
    }
    const std::uint32_t all = static_cast<std::uint32_t>((std::uint64_t{1} << keys()) - 1);
    if (used != all) return broken("a key without a role");
    return {};
}

Result<PartialState> PartialState::empty(Room storage, UtcTime made_at) {
    if (storage.size() < head_size_bytes) return fail(faults::too_many_keys, "the storage is too small");
    std::ranges::fill(storage.first(head_size_bytes), std::uint8_t{0});
    store_be(storage.data(), magic);
    PartialState state(storage, head_size_bytes);
    state.attest(made_at, made_at);
    return state;
}

Result<void> PartialState::check_room(const RootText& root, crypto::Verifier& crypto) const {
    std::size_t size = head_size_bytes, label_count = 0;
    KeySet different(crypto);
    for (const KeyRole role : key_roles) {
        auto keyids = root.keyids(role);
        while (keyids && keyids->next()) {
            const auto key = root.key(*json_text::as_string(keyids->value()));
            if (!key) continue;
            ++label_count;
            size += label_size_bytes;
            if (different.contains(key->spki)) continue;
            if (!different.insert(*key)) return fail(faults::too_many_keys, "different ones");
            size += 1 + key->spki.size();
        }
    }
    if (label_count > labels_max) return fail(faults::too_many_keys, "keyids");
    if (size > storage_.size()) return fail(faults::too_many_keys, "the storage is too small");
    return {};
}

bool PartialState::targets_could_return(const RootText& next, crypto::Verifier& crypto) const {
    KeySet kept(crypto);
    auto keyids = next.keyids(KeyRole::targets);
    while (keyids && keyids->next()) {
        const auto key = next.key(*json_text::as_string(keyids->value()));
        if (key && has_key(KeyRole::targets, key->spki)) kept.insert(*key);
    }
    return kept.reaches(next.rule(KeyRole::targets));
}

void PartialState::adopt(const RootText& root) {
    store_be(storage_.data() + root_version_at, root.head().version);
    put_time(storage_, root_expires_at, root.head().expires);
    std::size_t label_count = 0;
    for (const KeyRole role : key_roles) {
        const RoleRule found = root.rule(role);
        std::uint8_t* bytes = storage_.data() + rules_at + static_cast<std::size_t>(role) * rule_size_bytes;
        bytes[0] = found.threshold;
        bytes[1] = found.classical;
        bytes[2] = found.post_quantum;
        bytes[3] = found.takes_batches ? 1 : 0;
        for (auto keyids = root.keyids(role); keyids && keyids->next();)
            if (root.key(*json_text::as_string(keyids->value()))) ++label_count;
    }
    storage_[label_count_at] = static_cast<std::uint8_t>(label_count);
    storage_[key_count_at] = 0;
    size_ = head_size_bytes + label_count * label_size_bytes;
    std::uint8_t* label = storage_.data() + head_size_bytes;
    for (const KeyRole role : key_roles) {
        for (auto keyids = root.keyids(role); keyids && keyids->next();) {
            const json_text::String keyid = *json_text::as_string(keyids->value());
            const auto key = root.key(keyid);
            if (!key) continue;
            store_be(label, label_of(keyid));
            label[label_role_at] = static_cast<std::uint8_t>(role);
            label[label_key_at] = place_of(*key);
            label += label_size_bytes;
        }
    }
}

// Where this key stands; behind the others, if it is new.
std::uint8_t PartialState::place_of(const FoundKey& key) {
    const std::size_t count = keys();
    for (std::size_t i = 0; i < count; ++i)
        if (std::ranges::equal(key_at(i).spki, key.spki)) return static_cast<std::uint8_t>(i);
    storage_[size_] = static_cast<std::uint8_t>(key.kind);
    std::ranges::copy(key.spki, storage_.begin() + static_cast<std::ptrdiff_t>(size_ + 1));
    size_ += 1 + key.spki.size();
    storage_[key_count_at] = static_cast<std::uint8_t>(count + 1);
    return static_cast<std::uint8_t>(count);
}

void PartialState::trust_targets(std::uint32_t version, const Sha256Digest& digest) {
    store_be(storage_.data() + targets_version_at, version);
    std::ranges::copy(digest, storage_.begin() + targets_digest_at);
}

void PartialState::attest(UtcTime last, UtcTime confirmed_time) {
    put_time(storage_, attested_at, last);
    put_time(storage_, confirmed_at, confirmed_time);
}

std::uint32_t PartialState::root_version() const { return load_be<std::uint32_t>(storage_.data() + root_version_at); }
UtcTime PartialState::root_expires() const { return time_at(storage_, root_expires_at); }
std::uint32_t PartialState::targets_version() const {
    return load_be<std::uint32_t>(storage_.data() + targets_version_at);
}
Sha256Digest PartialState::targets_digest() const {
    Sha256Digest digest{};
    std::copy_n(storage_.begin() + targets_digest_at, digest.size(), digest.begin());
    return digest;
}
UtcTime PartialState::attested() const { return time_at(storage_, attested_at); }
UtcTime PartialState::confirmed() const { return time_at(storage_, confirmed_at); }
std::size_t PartialState::labels() const { return storage_[label_count_at]; }
std::size_t PartialState::keys() const { return storage_[key_count_at]; }

RoleRule PartialState::rule(KeyRole role) const {
    const std::uint8_t* bytes = storage_.data() + rules_at + static_cast<std::size_t>(role) * rule_size_bytes;
    return {bytes[0], bytes[1], bytes[2], bytes[3] == 1};
}

FoundKey PartialState::key_at(std::size_t index) const {
    std::size_t at = head_size_bytes + labels() * label_size_bytes;
    for (;;) {
        const auto kind = static_cast<crypto::SignatureKind>(storage_[at]);
        const std::size_t size = crypto::spki_size_bytes(kind);
        if (index-- == 0) return {kind, View(storage_).subspan(at + 1, size)};
        at += 1 + size;
    }
}

std::optional<FoundKey> PartialState::find(KeyRole role, json_text::String keyid) const {
    const std::uint64_t wanted = label_of(keyid);
    for (std::size_t i = 0; i < labels(); ++i) {
        const std::uint8_t* label = storage_.data() + head_size_bytes + i * label_size_bytes;
        if (label[label_role_at] == static_cast<std::uint8_t>(role) && load_be<std::uint64_t>(label) == wanted)
            return key_at(label[label_key_at]);
    }
    return std::nullopt;
}

bool PartialState::has_key(KeyRole role, View spki) const {
    for (std::size_t i = 0; i < labels(); ++i) {
        const std::uint8_t* label = storage_.data() + head_size_bytes + i * label_size_bytes;
        if (label[label_role_at] == static_cast<std::uint8_t>(role) &&
            std::ranges::equal(key_at(label[label_key_at]).spki, spki))
            return true;
    }
    return false;
}

}  // namespace pitstop::uptane
