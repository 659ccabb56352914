#include "tests/hostile/oracle_roles.h"

#include <algorithm>

namespace pitstop::hostile::oracle {
namespace {

// --- TUF §4.5, with what DESIGN §6 makes mandatory
std::vector<int> read_version(const std::string& text) {
    std::vector<int> parts;
    std::string part;
    for (const char c : text + ".") {
        if (c != '.') {
            must(c >= '0' && c <= '9', "a version");
            part += c;
            continue;
        }
        must(!part.empty() && part.size() <= 5 && (part.size() == 1 || part[0] != '0') && std::stoi(part) <= 65535,
             "a version");
        parts.push_back(std::stoi(part));
        part.clear();
    }
    must(parts.size() == 3 || parts.size() == 4, "a version");
    parts.resize(4);
    return parts;
}

bool is_ecu(const std::string& text) {
    return text.size() == 7 && text.starts_with("ECU_") && text.find_first_not_of("0123456789", 4) == text.npos &&
           std::stoi(text.substr(4)) >= 1 && std::stoi(text.substr(4)) <= 100;
}

// "ECU_012>=1.1.0<2.0.0"; both ends may be left out, and some version must lie between them.
void read_range(const std::string& range) {
    must(is_ecu(range.substr(0, 7)), "a related ECU");
    const std::string rest = range.size() > 7 ? range.substr(7) : "";
    const std::size_t less = rest.find('<');
    const std::string from = rest.substr(0, less);
    must(from.empty() || from.starts_with(">="), "a range");
    std::vector<int> low{0, 0, 0, 0};
    if (!from.empty()) low = read_version(from.substr(2));
    if (less != rest.npos) must(low < read_version(rest.substr(less + 1)), "a range that is not empty");
}

void read_related(const json::object& custom, const char* name) {
    if (!has(custom, name)) return;
    must(array(custom, name).size() <= 32, "related ECUs");
    for (const json::value& value : array(custom, name)) {
        must(value.is_string(), "a related ECU");
        read_range(std::string(value.get_string()));
    }
}

// docs/formats/metadata.md "Deliveries"
void read_delivery(const json::object& from) {
    static const std::set<std::string> forms{"gzip",      "zstd",      "delta",     "plain+hpke",
                                             "gzip+hpke", "zstd+hpke", "delta+hpke"};
    const std::string form = text(from, "form");
    must(forms.contains(form), "a delivery's form");
    static_cast<void>(number(from, "length", 1, length_max));
    std::string bytes;
    must(unhex(text(from, "sha256"), bytes) && bytes.size() == 32, "a delivery's digest");
    const bool is_delta = form.starts_with("delta");
    must(is_delta == (from.if_contains("base") != nullptr), "a base for a delta, and for nothing else");
    if (is_delta) must(unhex(text(from, "base"), bytes) && bytes.size() == 32, "a delta's base");
}

void read_target(const std::string& name, const json::value& from, Side side) {
    must(!name.empty() && name.size() <= 200, "a target's name");
    for (std::size_t at = 0; at <= name.size();) {
        const std::size_t end = std::min(name.find('/', at), name.size());
        must(is_name(std::string_view(name).substr(at, end - at)), "a target's name");
        at = end + 1;
    }
    must(from.is_object(), "a target");
    const json::object& target = from.get_object();
    static_cast<void>(number(target, "length", 1, length_max));
    const Digests digests = read_digests(object(target, "hashes"));
    must(digests.sha256 && digests.sha512, "DESIGN 6: both digests");
    const json::object& custom = object(target, "custom");
    const auto hardware = texts(custom, "hardwareIds", 64);
    must(!hardware.empty() && std::ranges::all_of(hardware, is_name), "hardwareIds");
    static_cast<void>(read_version(text(custom, "version")));
    static_cast<void>(number(custom, "releaseCounter", 0, 0xFFFF'FFFF));
    read_related(custom, "dependencies");
    read_related(custom, "conflicts");
    if (side != director) return;
    must(is_ecu(text(custom, "ecuIdentifier")), "ecuIdentifier");
    if (custom.contains("delivery")) read_delivery(object(custom, "delivery"));
}

std::string read_role_name(const json::object& from, const char* member) {
    const std::string name = text(from, member);
    const bool top = name == "root" || name == "timestamp" || name == "snapshot" || name == "targets";
    must(is_name(name) && !top, "a delegated role's name");
    return name;
}

Delegation read_delegation(const json::value& from, const KeyBook& book) {
    must(from.is_object(), "a delegation");
    const json::object& object = from.get_object();
    Delegation one{read_role_name(object, "name"), read_role(object, book), false, {}, {}, {}};
    const json::value* terminating = object.if_contains("terminating");
    must(terminating && terminating->is_bool(), "terminating");
    one.terminating = terminating->get_bool();
    must(has(object, "paths") != has(object, "path_hash_prefixes"), "TUF 4.5: paths or prefixes");
    auto& list = has(object, "paths") ? one.paths : one.prefixes;
    list = texts(object, has(object, "paths") ? "paths" : "path_hash_prefixes", 1024);
    must(std::ranges::all_of(list, [](const auto& each) { return each.size() <= 1024; }), "a pattern's size");
    if (!has(object, "hardware_ids")) return one;
    one.hardware = texts(object, "hardware_ids", 1024);
    must(!one.hardware.empty() && std::ranges::all_of(one.hardware, is_name), "hardware_ids");
    return one;
}

Delegations read_delegations(const Keyring& keys, const json::object& from) {
    Delegations made;
    made.keys = read_keys(keys, object(from, "keys"), 128);
    if (has(from, "succinct_roles")) {
        must(!has(from, "roles"), "TAP 15: instead of roles");
        const json::object& bins = object(from, "succinct_roles");
        made.bin_prefix = read_role_name(bins, "name_prefix");
        made.bin_bits = number(bins, "bit_length", 1, 14);  // delegation.h: what one Snapshot can list
        made.bin_keys = read_role(bins, made.keys);
        return made;
    }
    must(array(from, "roles").size() <= 256, "256 delegated roles");
    std::set<std::string> names;
    for (const json::value& value : array(from, "roles")) {
        made.roles.push_back(read_delegation(value, made.keys));
        must(names.insert(made.roles.back().role).second, "a role delegated to twice");
    }
    return made;
}

}  // namespace

// --- TUF §4.3
Root read_root(const Keyring& keys, const File& file) {
    Root root{read_head(file.body, "root"), file.body, {}, {}};
    const json::value* consistent = file.body.if_contains("consistent_snapshot");
    must(consistent && consistent->is_bool() && consistent->get_bool(), "DESIGN 6: consistent snapshots");
    root.keys = read_keys(keys, object(file.body, "keys"), 160);
    const json::object& roles = object(file.body, "roles");
    for (const char* role : {"root", "timestamp", "snapshot", "targets"})
        root.roles[role] = read_role(object(roles, role), root.keys);
    if (has(roles, "time")) root.roles["time"] = read_role(object(roles, "time"), root.keys);
    must(!root.roles["root"].batches, "batch.md: never Root");
    return root;
}

Targets read_targets(const Keyring& keys, const File& file, Side side) {
    Targets made{read_head(file.body, "targets"), file.body, {}};
    if (side == director) {
        must(!has(file.body, "delegations"), "Uptane #check_targets: the Director does not delegate");
    } else if (has(file.body, "delegations")) {
        made.delegations = read_delegations(keys, object(file.body, "delegations"));
    }
    std::set<std::string> ecus;
    for (const auto& member : object(file.body, "targets")) {
        read_target(std::string(member.key()), member.value(), side);
        if (side == director)
            must(ecus.insert(text(object(member.value().get_object(), "custom"), "ecuIdentifier")).second,
                 "Uptane #check_targets: one image for one ECU");
    }
    return made;
}

}  // namespace pitstop::hostile::oracle
