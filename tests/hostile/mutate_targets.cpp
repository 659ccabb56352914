// What the repositories say of one image, and to whom.
#include "tests/hostile/mutation.h"

#include <boost/json/parse.hpp>

namespace pitstop::hostile {
namespace {

constexpr auto refused = Alone::refused, accepted = Alone::accepted, either = Alone::either;

struct Row {
    const char* name;
    const char* sides;    // d Director, i Image, b both (they agree)
    const char* pointer;  // below the target
    const char* value;
    Alone alone;
};

#define PITSTOP_DIGEST "\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\""

constexpr Row rows[] = {
    {"target.length-longer", "dib", "/length", "<add 1>", refused},
    {"target.length-shorter", "dib", "/length", "<subtract 1>", refused},
    {"target.length-zero", "dib", "/length", "0", refused},
    {"target.length-2^32", "dib", "/length", "4294967296", refused},
    {"target.length-negative", "dib", "/length", "-5", refused},
    {"target.length-text", "dib", "/length", "\"12\"", refused},
    {"target.length-missing", "dib", "/length", "<absent>", refused},
    {"target.sha256-wrong", "dib", "/hashes/sha256", "<flip>", refused},
    {"target.sha512-wrong", "dib", "/hashes/sha512", "<flip>", refused},
    {"target.sha256-upper-case", "dib", "/hashes/sha256", "<upper>", accepted},
    {"target.sha256-missing", "dib", "/hashes/sha256", "<absent>", refused},
    {"target.sha512-missing", "dib", "/hashes/sha512", "<absent>", refused},
    {"target.sha512-short", "dib", "/hashes/sha512", "\"00ff\"", refused},
    {"target.unknown-digest-beside", "dib", "/hashes/blake2b-256", "\"00\"", refused},
    {"target.hashes-missing", "dib", "/hashes", "<absent>", refused},
    {"target.hashes-empty", "dib", "/hashes", "{}", refused},
    {"target.custom-missing", "dib", "/custom", "<absent>", refused},
    {"target.custom-extra", "dib", "/custom/x-colour", "\"red\"", accepted},
    {"target.hardware-other", "dib", "/custom/hardwareIds", "[\"OTHER-9\"]", refused},
    {"target.hardware-empty", "dib", "/custom/hardwareIds", "[]", refused},
    {"target.hardware-text", "dib", "/custom/hardwareIds", "\"BRK-2\"", refused},
    {"target.hardware-path", "dib", "/custom/hardwareIds", "[\"../BRK-2\"]", refused},
    {"target.hardware-missing", "dib", "/custom/hardwareIds", "<absent>", refused},
    {"target.counter-lower", "b", "/custom/releaseCounter", "0", either},
    {"target.counter-one-lower", "b", "/custom/releaseCounter", "<subtract 1>", either},
    {"target.counter-higher", "b", "/custom/releaseCounter", "<add 3>", accepted},
    {"target.counter-disagrees", "di", "/custom/releaseCounter", "<add 1>", refused},
    {"target.counter-2^32", "dib", "/custom/releaseCounter", "4294967296", refused},
    {"target.counter-missing", "dib", "/custom/releaseCounter", "<absent>", refused},
    {"target.counter-float", "dib", "/custom/releaseCounter", "1e3", refused},
    {"target.version-disagrees", "di", "/custom/version", "\"9.9.9\"", refused},
    {"target.version-two-parts", "dib", "/custom/version", "\"1.2\"", refused},
    {"target.version-five-parts", "dib", "/custom/version", "\"1.2.3.4.5\"", refused},
    {"target.version-leading-zero", "dib", "/custom/version", "\"1.02.3\"", refused},
    {"target.version-tail", "dib", "/custom/version", "\"1.2.3x\"", refused},
    {"target.version-65536", "dib", "/custom/version", "\"1.2.65536\"", refused},
    {"target.version-other-both", "b", "/custom/version", "\"1.2.65535.7\"", accepted},
    {"target.dependencies-broken", "dib", "/custom/dependencies", "[\"ECU_1>=1.0.0\"]", refused},
    {"target.dependencies-fine", "dib", "/custom/dependencies", "[\"ECU_012>=1.0.0<2.0.0\"]", accepted},
    {"target.conflicts-broken", "dib", "/custom/conflicts", "[\"ECU_012>=2.0.0<2.0.0\"]", refused},
    {"target.ecu-unknown", "d", "/custom/ecuIdentifier", "\"ECU_055\"", refused},
    {"target.ecu-zero", "d", "/custom/ecuIdentifier", "\"ECU_000\"", refused},
    {"target.ecu-101", "d", "/custom/ecuIdentifier", "\"ECU_101\"", refused},
    {"target.ecu-lower-case", "d", "/custom/ecuIdentifier", "\"ecu_011\"", refused},
    {"target.ecu-missing", "d", "/custom/ecuIdentifier", "<absent>", refused},
    {"target.delivery-delta", "d", "/custom/delivery",
     "{\"form\":\"delta\",\"length\":9,\"sha256\":" PITSTOP_DIGEST ",\"base\":" PITSTOP_DIGEST "}", accepted},
    {"target.delivery-zstd", "d", "/custom/delivery",
     "{\"form\":\"zstd\",\"length\":4294967295,\"sha256\":" PITSTOP_DIGEST "}", accepted},
    {"target.delivery-of-no-base", "d", "/custom/delivery",
     "{\"form\":\"delta\",\"length\":9,\"sha256\":" PITSTOP_DIGEST "}", refused},
    {"target.delivery-plain", "d", "/custom/delivery",
     "{\"form\":\"plain\",\"length\":9,\"sha256\":" PITSTOP_DIGEST "}", refused},
    {"target.delivery-unknown-form", "d", "/custom/delivery",
     "{\"form\":\"zstd+rot13\",\"length\":9,\"sha256\":" PITSTOP_DIGEST "}", refused},
    {"target.delivery-2^32", "d", "/custom/delivery",
     "{\"form\":\"zstd\",\"length\":4294967296,\"sha256\":" PITSTOP_DIGEST "}", refused},
    {"target.delivery-short-digest", "d", "/custom/delivery", "{\"form\":\"zstd\",\"length\":9,\"sha256\":\"00ff\"}",
     refused},
    {"target.delivery-null", "d", "/custom/delivery", "null", refused},
    {"target.delivery-in-image-repository", "i", "/custom/delivery", "\"nonsense\"", accepted},
    {"target.ecu-in-image-repository", "i", "/custom/ecuIdentifier", "\"ECU_099\"", accepted},
};

void change(Draft& draft, const std::string& name, const Row& row) {
    draft.before_signing.emplace_back(
        [name, &row](json::value& body) { set_member(body, "/targets/" + escaped(name) + row.pointer, row.value); });
}

Mutation of_row(const Row& row) {
    return {row.name, row.alone, [&row](Scene& scene) {
                const std::string_view sides = row.sides;
                const char where = sides[scene.rng.below(sides.size())];
                const auto ordered = scene.target(director);
                if (!ordered.draft) return false;
                if (where != 'i') change(*ordered.draft, ordered.name, row);
                if (where == 'd') return true;
                const std::string holder = scene.honest[image].holder(ordered.name);
                Plan& plan = scene.plans[image];
                change(holder == "targets" ? plan.targets : plan.delegated.at(holder), ordered.name, row);
                return true;
            }};
}

// One assigned image under another name, in both repositories: only the name itself can be the reason to refuse.
Mutation renamed(const char* name, const char* to) {
    return {name, refused, [to](Scene& scene) {
                const auto target = scene.target(director);
                if (!target.draft) return false;
                const auto rename = [from = target.name, to](json::value& body) {
                    json::value* list = body.as_object().if_contains("targets");
                    if (!list || !list->is_object() || !list->get_object().contains(from)) return;
                    json::value moved = list->get_object().at(from);
                    list->get_object().erase(from);
                    list->get_object()[to] = std::move(moved);
                };
                target.draft->before_signing.emplace_back(rename);
                scene.plans[image].targets.before_signing.emplace_back(rename);
                if (const auto found = scene.images.find(target.name); found != scene.images.end())
                    scene.images[to] = found->second;
                return true;
            }};
}

void add_names(std::vector<Mutation>& table) {
    table.push_back(renamed("name.dot-dot", "../../etc/passwd"));
    table.push_back(renamed("name.dot-dot-inside", "brk/../x.img"));
    table.push_back(renamed("name.absolute", "/brk/x.img"));
    table.push_back(renamed("name.double-slash", "brk//x.img"));
    table.push_back(renamed("name.slash-at-end", "brk/"));
    table.push_back(renamed("name.hidden", "brk/.x.img"));
    table.push_back(renamed("name.empty", ""));
    table.push_back(renamed("name.control-character", "brk/x\n.img"));
    table.push_back(renamed("name.space", "brk/x .img"));
    table.push_back(renamed("name.back-slash", "brk\\x.img"));
    table.push_back(renamed("name.unicode", "brk/\xC3\xBC.img"));
    table.push_back(renamed("name.percent", "brk/%2e%2e/x.img"));
    table.push_back({"name.too-long", refused, [](Scene& scene) {
                         static const std::string name = "brk/" + std::string(64, 'a') + "/" + std::string(64, 'b') +
                                                         "/" + std::string(64, 'c') + "/" + std::string(64, 'd');
                         return renamed("", name.c_str()).apply(scene);
                     }});
}

void add_director(std::vector<Mutation>& table) {
    const auto add = [&table](const char* name, const char* pointer, const char* value, Alone alone) {
        table.push_back({name, alone, [=](Scene& scene) {
                             Plan& plan = scene.plans[director];
                             Draft* files[] = {&plan.targets, &plan.snapshot, &plan.timestamp};
                             const bool any = pointer == std::string_view("/vin");  // stands in all of them
                             files[any ? scene.rng.below(3) : 0]->before_signing.emplace_back(
                                 [=](json::value& body) { set_member(body, pointer, value); });
                             return true;
                         }});
    };
    add("director.other-vin", "/vin", "\"OTHERCAR1\"", refused);
    add("director.lower-case-vin", "/vin", "\"hostilecar\"", refused);
    add("director.vin-missing", "/vin", "<absent>", refused);
    add("director.vin-empty", "/vin", "\"\"", refused);
    add("director.vin-number", "/vin", "12345", refused);
    add("director.delegates", "/delegations", "{\"keys\":{},\"roles\":[]}", refused);
    add("director.nothing-to-do", "/targets", "{}", accepted);
    add("director.targets-list", "/targets", "[]", refused);
    add("director.targets-missing", "/targets", "<absent>", refused);
    table.push_back({"director.one-ecu-twice", refused, [](Scene& scene) {
                         const auto target = scene.target(director);
                         if (!target.draft) return false;
                         target.draft->before_signing.emplace_back([name = target.name](json::value& body) {
                             json::value* list = body.as_object().if_contains("targets");
                             if (!list || !list->is_object() || !list->get_object().contains(name)) return;
                             json::value copy = list->get_object().at(name);
                             list->get_object()["brk/second.img"] = std::move(copy);
                         });
                         return true;
                     }});
    table.push_back({"director.unconfirmed-image", refused, [](Scene& scene) {
                         const auto target = scene.target(image);
                         if (!target.draft) return false;
                         target.draft->before_signing.emplace_back([name = target.name](json::value& body) {
                             set_member(body, "/targets/" + escaped(name), "<absent>");
                         });
                         return true;
                     }});
    table.push_back({"director.image-for-another-ecu", refused, [](Scene& scene) {
                         const auto target = scene.target(director);
                         if (!target.draft) return false;
                         const char* other = target.name.starts_with("brk/") ? "\"ECU_012\"" : "\"ECU_011\"";
                         target.draft->before_signing.emplace_back([other, name = target.name](json::value& body) {
                             set_member(body, "/targets/" + escaped(name) + "/custom/ecuIdentifier", other);
                         });
                         return true;
                     }});
}

}  // namespace

void add_target_mutations(std::vector<Mutation>& table) {
    for (const Row& row : rows) table.push_back(of_row(row));
    add_names(table);
    add_director(table);
}

}  // namespace pitstop::hostile
