#include "core/uptane/registered_keys.h"

#include "core/uptane/faults.h"

#include <format>
#include <set>

namespace pitstop::uptane {
namespace {

using crypto::Family;
using crypto::PublicKey;

bool has_family(std::span<const PublicKey> keys, Family family) {
    return std::ranges::any_of(keys, [&](const PublicKey& key) { return crypto::family(key.type()) == family; });
}

Result<std::vector<PublicKey>> read_keys(const json::Array& from, std::string_view whose, std::set<std::string>& ids) {
    if (from.empty() || from.size() > registered_keys_max)
        return fail(faults::bad_registration,
                    std::format("{}: {} keys, allowed are 1 to {}", whose, from.size(), registered_keys_max));
    std::vector<PublicKey> keys;
    for (const json::Value& value : from) {
        if (!value.is_string()) return fail(faults::bad_registration, std::format("{}: a key must be PEM text", whose));
        TRY(PublicKey key, PublicKey::from_pem(value.get_string()));
        if (!ids.insert(key.key_id()).second)
            return fail(faults::bad_registration, std::format("{}: key {:.16} stands twice", whose, key.key_id()));
        keys.push_back(std::move(key));
    }
    if (!has_family(keys, Family::classical))
        return fail(faults::bad_registration, std::format("{}: no classical key", whose));
    return keys;
}

json::Array pems(std::span<const PublicKey> keys) {
    json::Array list;
    for (const PublicKey& key : keys) list.emplace_back(key.pem());
    return list;
}

}  // namespace

Result<RegisteredKeys> registered_keys_from_json(const json::Object& from) {
    RegisteredKeys keys;
    std::set<std::string> ids;
    TRY(const json::Array* primary, json::array(from, "primary"));
    TRY(keys.primary, read_keys(*primary, "primary", ids));
    if (!has_family(keys.primary, Family::post_quantum))
        return fail(faults::bad_registration, "primary: no ML-DSA key");
    TRY(const json::Object* ecus, json::object(from, "ecus"));
    if (ecus->size() > vehicle_ecus_max)
        return fail(faults::bad_registration, std::format("{} ECUs, allowed are {}", ecus->size(), vehicle_ecus_max));
    for (const auto& member : *ecus) {
        TRY(const EcuId ecu, EcuId::parse(member.key()));
        if (!member.value().is_array())
            return fail(faults::bad_registration, std::format("{}: must be a list of PEM", ecu.str()));
        TRY(auto of_ecu, read_keys(member.value().get_array(), ecu.str(), ids));
        keys.ecus.emplace(ecu, std::move(of_ecu));
    }
    return keys;
}

json::Object to_json(const RegisteredKeys& keys) {
    json::Object ecus;
    for (const auto& [ecu, of_ecu] : keys.ecus) ecus[ecu.str()] = pems(of_ecu);
    return {{"primary", pems(keys.primary)}, {"ecus", std::move(ecus)}};
}

Result<void> check_registered(const Envelope& envelope, std::span<const PublicKey> keys, std::string_view sender) {
    if (keys.empty()) return fail(faults::unregistered, sender);
    std::set<Family> signed_by;
    for (const Signature& signature : envelope.signatures) {
        const auto key = std::ranges::find(keys, signature.keyid, &PublicKey::key_id);
        if (key == keys.end() || signed_by.contains(crypto::family(key->type()))) continue;
        if (crypto::verify(*key, signed_message(key->type(), envelope.canonical), signature.value))
            signed_by.insert(crypto::family(key->type()));
    }
    if (signed_by.empty()) return fail(faults::foreign_key, sender);
    for (const Family family : {Family::classical, Family::post_quantum})
        if (has_family(keys, family) && !signed_by.contains(family))
            return fail(faults::family_missing, std::format("{}: no {} signature", sender, crypto::to_string(family)));
    return {};
}

}  // namespace pitstop::uptane
