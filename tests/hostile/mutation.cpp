#include "tests/hostile/mutation.h"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace pitstop::hostile {

Draft& Scene::root(Side of) {
    if (plans[of].roots.empty()) honest[of].add_root(plans[of], dates);
    return rng.pick(plans[of].roots);
}

Draft& Scene::file(std::string_view letters) {
    const Side of = side();
    Plan& plan = plans[of];
    switch (letters[rng.below(letters.size())]) {
        case 'r': return root(of);
        case 't': return plan.timestamp;
        case 's': return plan.snapshot;
        case 'd':
            if (plans[image].delegated.empty()) return plan.targets;
            certain = false;
            return rng.pick(plans[image].delegated).second;
        default: return plan.targets;
    }
}

Scene::Target Scene::target(Side of) {
    const json::object& assigned = plans[director].targets.body.at("targets").as_object();
    if (assigned.empty()) return {};
    const std::string name(std::next(assigned.begin(), static_cast<std::ptrdiff_t>(rng.below(assigned.size())))->key());
    const std::string role = honest[of].holder(name);
    Draft& draft = role == "targets" ? plans[of].targets : plans[of].delegated.at(role);
    return {&draft, name};
}

Draft* Scene::delegator() {
    std::vector<Draft*> found;
    Plan& plan = plans[image];
    if (plan.targets.body.as_object().contains("delegations")) found.push_back(&plan.targets);
    for (auto& [role, draft] : plan.delegated)
        if (draft.body.as_object().contains("delegations")) found.push_back(&draft);
    if (found.empty()) return nullptr;
    return rng.percent(70) ? found.front() : rng.pick(found);
}

std::string escaped(std::string_view name) {
    std::string made;
    for (const char c : name) made += c == '/' ? "~1" : c == '~' ? "~0" : std::string(1, c);
    return made;
}

void set_member(json::value& body, const std::string& pointer, const std::string& value) {
    boost::system::error_code problem;
    const auto slash = pointer.rfind('/');
    json::value* parent = slash == 0 ? &body : body.find_pointer(pointer.substr(0, slash), problem);
    if (!parent || !parent->is_object()) return;  // another mutation was here before
    std::string name = pointer.substr(slash + 1);
    for (auto at = name.find("~1"); at != name.npos; at = name.find("~1")) name.replace(at, 2, "/");
    json::object& object = parent->get_object();
    json::value* member = object.if_contains(name);
    if (value == "<absent>") {
        object.erase(name);
    } else if (value == "<flip>" || value == "<upper>") {
        if (!member || !member->is_string() || member->get_string().empty()) return;
        json::string& text = member->get_string();
        if (value == "<flip>")
            text.back() = text.back() == '0' ? '1' : '0';
        else
            std::ranges::transform(text, text.begin(),
                                   [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
    } else if (value.starts_with("<add ") || value.starts_with("<subtract ")) {
        boost::system::error_code no_number;
        const auto number = member ? member->to_number<std::int64_t>(no_number) : 0;
        const auto by = std::stoll(value.substr(value.find(' ')));
        if (member && !no_number) *member = value[1] == 'a' ? number + by : number - by;
    } else {
        object[name] = json::parse(value);
    }
}

std::vector<Mutation> all_mutations() {
    std::vector<Mutation> table;
    add_signature_mutations(table);
    add_member_mutations(table);
    add_target_mutations(table);
    add_root_mutations(table);
    add_delegation_mutations(table);
    add_text_mutations(table);
    add_network_mutations(table);
    return table;
}

}  // namespace pitstop::hostile
