#include "tests/hostile/draft.h"

#include "tests/hostile/plain_json.h"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace pitstop::hostile {
namespace {

using Nodes = std::vector<std::string>;

// RFC 6962 §2.1
std::string tree_root(const Nodes& leaves, std::size_t from, std::size_t size) {
    if (size == 1) return leaves[from];
    std::size_t left = 1;
    while (left * 2 < size) left *= 2;
    return sha384("\x01" + tree_root(leaves, from, left) + tree_root(leaves, from + left, size - left));
}

// RFC 6962 §2.1.1
std::string tree_path(const Nodes& leaves, std::size_t index, std::size_t from, std::size_t size) {
    if (size == 1) return {};
    std::size_t left = 1;
    while (left * 2 < size) left *= 2;
    if (index < left) return tree_path(leaves, index, from, left) + tree_root(leaves, from + left, size - left);
    return tree_path(leaves, index - left, from + left, size - left) + tree_root(leaves, from, left);
}

void sort_into(std::string& out, const json::value& value) {
    if (const auto* object = value.if_object()) {
        std::vector<const json::key_value_pair*> members;
        for (const auto& member : *object) members.push_back(&member);
        std::ranges::sort(members, {}, [](const auto* member) { return std::string_view(member->key()); });
        out += '{';
        for (const auto* member : members) {
            if (member != members.front()) out += ',';
            out += json::serialize(json::string_view(member->key()));
            out += ':';
            sort_into(out, member->value());
        }
        out += '}';
    } else if (const auto* array = value.if_array()) {
        out += '[';
        for (const json::value& item : *array) {
            if (&item != &array->front()) out += ',';
            sort_into(out, item);
        }
        out += ']';
    } else {
        out += json::serialize(value);
    }
}

// Where another mutation has taken away what this one wanted to change, it changes nothing (more).
template <class Hook, class Subject>
void apply(const Hook& hook, Subject& subject) {
    try {
        hook(subject);
    } catch (const std::exception&) {}
}

std::string write(Keyring& keys, const Draft& draft, json::value body) {
    for (const auto& hook : draft.before_signing) apply(hook, body);
    const std::string text = canonical(body);
    json::array signatures;
    for (const Pen& pen : draft.pens)
        signatures.push_back(pen.write
                                 ? pen.write(keys, pen, text)
                                 : entry(pen.keyid, keys.sign(pen.key, Keyring::message_for(keys[pen.key], text))));
    json::object envelope{{"signatures", std::move(signatures)}, {"signed", std::move(body)}};
    for (const auto& hook : draft.after_signing) apply(hook, envelope);
    std::string file = sorted_text(envelope);
    for (const auto& hook : draft.as_text) hook(file);
    return file;
}

}  // namespace

json::object entry(const std::string& keyid, const std::string& signature) {
    return {{"keyid", keyid}, {"sig", hex(signature)}};
}

json::object batch_entry(Keyring& keys, const Pen& pen, const std::string& text, std::size_t index, std::size_t size) {
    Nodes leaves;
    for (std::size_t i = 0; i < size; ++i)
        leaves.push_back(
            sha384(std::string(1, '\0') + sha512(i == index ? text : "another vehicle's " + std::to_string(i))));
    std::string message = std::string("pitstop-batch\x01") + std::string(7, '\0') + static_cast<char>(size);
    message += tree_root(leaves, 0, size);
    json::object made = entry(pen.keyid, keys.sign(pen.key, message));
    made["batch"] = {{"index", index}, {"size", size}, {"path", hex(tree_path(leaves, index, 0, size))}};
    return made;
}

std::string sorted_text(const json::value& value) {
    std::string out;
    sort_into(out, value);
    return out;
}

json::object file_info(std::uint64_t version, const std::string& bytes) {
    return {{"version", version},
            {"length", bytes.size()},
            {"hashes", {{"sha256", hex(sha256(bytes))}, {"sha512", hex(sha512(bytes))}}}};
}

std::string file_name(const Draft& draft) {
    return draft.role == "timestamp" ? "timestamp.json" : std::to_string(draft.version) + "." + draft.role + ".json";
}

Shelf press(Keyring& keys, const Plan& plan) {
    Shelf shelf;
    const auto put = [&](const Draft& draft, std::string bytes) -> const std::string& {
        return (shelf[file_name(draft)] = {Kind::file, std::move(bytes)}).bytes;
    };
    for (const Draft& root : plan.roots) put(root, write(keys, root, root.body));
    json::value snapshot = plan.snapshot.body;
    json::object& listed = snapshot.as_object()["meta"].as_object();
    for (const auto& [role, draft] : plan.delegated)
        listed[role + ".json"] = file_info(draft.version, put(draft, write(keys, draft, draft.body)));
    listed["targets.json"] =
        file_info(plan.targets.version, put(plan.targets, write(keys, plan.targets, plan.targets.body)));
    const std::string& signed_snapshot = put(plan.snapshot, write(keys, plan.snapshot, std::move(snapshot)));
    json::value timestamp = plan.timestamp.body;
    timestamp.as_object()["meta"] = {{"snapshot.json", file_info(plan.snapshot.version, signed_snapshot)}};
    put(plan.timestamp, write(keys, plan.timestamp, std::move(timestamp)));
    for (const auto& hook : plan.at_the_door) hook(shelf);
    return shelf;
}

}  // namespace pitstop::hostile
