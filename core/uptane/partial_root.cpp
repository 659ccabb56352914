#include "core/uptane/partial_root.h"

#include "core/base/faults.h"
#include "core/uptane/faults.h"
#include "core/uptane/partial_text.h"

namespace pitstop::uptane {
namespace {

using crypto::SignatureKind;
using json_text::Items;
using json_text::Kind;
using json_text::Members;
using json_text::String;
using json_text::Value;

struct KeyNames {
    SignatureKind kind;
    std::string_view keytype, scheme;
};

// As in key_json.cpp, without the kinds that crypto::Verifier does not know.
constexpr std::array names{
    KeyNames{SignatureKind::ecdsa_p256, "ecdsa", "ecdsa-sha2-nistp256"},
    KeyNames{SignatureKind::ecdsa_p256, "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"},
    KeyNames{SignatureKind::ml_dsa_44, "ml-dsa", "ml-dsa-44/1"},
    KeyNames{SignatureKind::ml_dsa_65, "ml-dsa", "ml-dsa-65/1"},
    KeyNames{SignatureKind::ml_dsa_87, "ml-dsa", "ml-dsa-87/1"},
};

std::optional<SignatureKind> stated_kind(String keytype, String scheme) {
    for (const KeyNames& row : names)
        if (keytype.is(row.keytype) && scheme.is(row.scheme)) return row.kind;
    return std::nullopt;
}

Result<std::uint8_t> read_threshold(const Value& from, std::string_view name) {
    TRY(const std::uint64_t threshold, json_text::number(from, name, keys_of_a_role_max));
    if (threshold == 0) return fail(faults::bad_threshold, name);
    return static_cast<std::uint8_t>(threshold);
}

bool fits_a_keyid(String keyid) {
    std::array<char, keyid_characters_max> room{};
    const auto read = keyid.copy_to(room);
    return read && !read->empty();
}

[[gnu::noinline]] Result<RoleRule> read_rule(const Value& from) {
    RoleRule rule;
    TRY(rule.threshold, read_threshold(from, "threshold"));
    TRY(const Value families, json_text::object(from, "family_thresholds"));
    TRY(rule.classical, read_threshold(families, "classical"));
    TRY(rule.post_quantum, read_threshold(families, "post_quantum"));
    const auto batches = json_text::find(from, "batch_signatures");
    if (batches && batches->kind() != Kind::null) {
        TRY(rule.takes_batches, json_text::boolean(from, "batch_signatures"));
    }
    TRY(const Value keyids, json_text::array(from, "keyids"));
    if (json_text::count(keyids) > keys_of_a_role_max) return fail(faults::bad_member, "too many 'keyids'");
    for (Items items(keyids); items.next();) {
        const auto keyid = json_text::as_string(items.value());
        if (!keyid || !fits_a_keyid(*keyid)) return fail(faults::bad_member, "'keyids' must be texts of 1 to 128");
    }
    return rule;
}

}  // namespace

// Of its own, as read_rule: inlined, its temporaries would lie on the stack while keys are decoded.
[[gnu::noinline]] Result<RootText> RootText::read_members(const Value& body, KeyRoom& room) {
    TRY(const FileHead head, read_file_head(body, "root"));
    TRY(const bool consistent, json_text::boolean(body, "consistent_snapshot"));
    if (!consistent) return fail(faults::bad_member, "'consistent_snapshot' must be true");
    TRY(const Value keys, json_text::object(body, "keys"));
    TRY(const Value roles, json_text::object(body, "roles"));
    return RootText(keys, roles, head, room);
}

Result<RootText> RootText::read(const Value& body, crypto::Verifier& crypto, KeyRoom& room) {
    TRY(RootText root, read_members(body, room));
    for (const KeyRole role : key_roles) {
        const auto from = json_text::find(root.roles_, to_string(role));
        if (role == KeyRole::time && (!from || from->kind() == Kind::null)) continue;
        if (!from) return fail(pitstop::faults::missing_member, to_string(role));
        TRY(root.rules_[static_cast<std::size_t>(role)], read_rule(*from));
        ENSURE(root.check_reachable(role, crypto));
    }
    if (root.rule(KeyRole::root).takes_batches)
        return fail(faults::bad_member, "Root itself is never signed in batches");
    return root;
}

// A threshold that no set of different keys can reach: nobody could ever sign the next file.
Result<void> RootText::check_reachable(KeyRole role, crypto::Verifier& crypto) const {
    KeySet different(crypto);
    for (auto items = keyids(role); items && items->next();) {
        TRY(const auto found, decode(*json_text::as_string(items->value())));
        if (found) different.insert(*found);
    }
    if (!different.reaches(rule(role))) return fail(faults::bad_threshold, to_string(role));
    return {};
}

// Nothing: a kind that nobody here can check.
Result<std::optional<FoundKey>> RootText::decode(String keyid) const {
    for (Members members(keys_); members.next();) {
        if (!same(members.name(), keyid)) continue;
        const Value key = members.value();
        const auto keytype = json_text::find_string(key, "keytype"), scheme = json_text::find_string(key, "scheme");
        if (!keytype || !scheme) return fail(faults::bad_key, "it names no kind");
        const auto kind = stated_kind(*keytype, *scheme);
        if (!kind) return std::nullopt;
        const auto value = json_text::find(key, "keyval");
        const auto pem = value ? json_text::find_string(*value, "public") : std::nullopt;
        const auto spki = pem ? read_pem(*pem, *room_) : std::nullopt;
        if (!spki || crypto::kind_of(*spki) != kind) return fail(faults::bad_key, "not a key of the kind it claims");
        return FoundKey{*kind, *spki};
    }
    return fail(faults::unknown_keyid);
}

std::optional<FoundKey> RootText::key(String keyid) const {
    const auto found = decode(keyid);
    return found ? *found : std::nullopt;
}

std::optional<Items> RootText::keyids(KeyRole role) const {
    const auto from = json_text::find(roles_, to_string(role));
    if (rule(role).threshold == 0 || !from) return std::nullopt;
    const auto keyids = json_text::find(*from, "keyids");
    if (!keyids) return std::nullopt;
    return Items(*keyids);
}

std::optional<FoundKey> RootText::find(KeyRole role, String keyid) const {
    auto items = keyids(role);
    if (!items) return std::nullopt;
    while (items->next())
        if (same(*json_text::as_string(items->value()), keyid)) return key(keyid);
    return std::nullopt;
}

}  // namespace pitstop::uptane
