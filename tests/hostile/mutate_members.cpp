// Members of the four roles with values that must not be believed, one row each; and the listings' promises.
#include "tests/hostile/mutation.h"

namespace pitstop::hostile {
namespace {

struct Row {
    const char* name;
    const char* files;  // as Scene::file
    const char* pointer;
    const char* value;  // as set_member
    Alone alone;
};

constexpr auto refused = Alone::refused, accepted = Alone::accepted, either = Alone::either;

constexpr Row rows[] = {
    {"version.zero", "rtsggd", "/version", "0", refused},
    {"version.negative", "rtsggd", "/version", "-1", refused},
    {"version.float", "rtsggd", "/version", "1.5", refused},
    {"version.float-that-is-whole", "rtsggd", "/version", "2.0", refused},
    {"version.text", "rtsggd", "/version", "\"2\"", refused},
    {"version.true", "rtsggd", "/version", "true", refused},
    {"version.null", "rtsggd", "/version", "null", refused},
    {"version.missing", "rtsggd", "/version", "<absent>", refused},
    {"version.list", "rtsggd", "/version", "[2]", refused},
    {"version.2^32", "rtsggd", "/version", "4294967296", refused},
    {"version.2^64", "rtsggd", "/version", "18446744073709551616", refused},
    {"version.not-as-promised-higher", "rsggd", "/version", "<add 1>", refused},
    {"version.not-as-promised-lower", "rsggd", "/version", "<subtract 1>", refused},
    {"date.past", "tsggd", "/expires", "\"2020-01-01T00:00:00Z\"", refused},
    {"date.year-9999", "rtsggd", "/expires", "\"9999-12-31T23:59:59Z\"", accepted},
    {"date.year-10000", "rtsggd", "/expires", "\"10000-01-01T00:00:00Z\"", refused},
    {"date.garbage", "rtsggd", "/expires", "\"zzzz-zz-zzTzz:zz:zzZ\"", refused},
    {"date.words", "rtsggd", "/expires", "\"next year\"", refused},
    {"date.empty", "rtsggd", "/expires", "\"\"", refused},
    {"date.offset", "rtsggd", "/expires", "\"2030-01-01T00:00:00+00:00\"", refused},
    {"date.fraction", "rtsggd", "/expires", "\"2030-01-01T00:00:00.5Z\"", refused},
    {"date.small-z", "rtsggd", "/expires", "\"2030-01-01T00:00:00z\"", refused},
    {"date.no-zone", "rtsggd", "/expires", "\"2030-01-01T00:00:00\"", refused},
    {"date.february-30", "rtsggd", "/expires", "\"2030-02-30T00:00:00Z\"", refused},
    {"date.no-leap-year", "rtsggd", "/expires", "\"2100-02-29T00:00:00Z\"", refused},
    {"date.leap-year", "rtsggd", "/expires", "\"2400-02-29T00:00:00Z\"", accepted},
    {"date.month-13", "rtsggd", "/expires", "\"2030-13-01T00:00:00Z\"", refused},
    {"date.hour-24", "rtsggd", "/expires", "\"2030-01-01T24:00:00Z\"", refused},
    {"date.leap-second", "rtsggd", "/expires", "\"2030-12-31T23:59:60Z\"", refused},
    {"date.number", "rtsggd", "/expires", "1893456000", refused},
    {"date.missing", "rtsggd", "/expires", "<absent>", refused},
    {"date.other-calendar", "rtsggd", "/expires", "\"1448-01-01T00:00:00Z\"", either},
    {"type.other-role", "rtsggd", "/_type", "\"mirrors\"", refused},
    {"type.capital", "rtsggd", "/_type", "\"Root\"", refused},
    {"type.missing", "rtsggd", "/_type", "<absent>", refused},
    {"type.number", "rtsggd", "/_type", "1", refused},
    {"spec.2.0", "rtsggd", "/spec_version", "\"2.0.0\"", refused},
    {"spec.1.1", "rtsggd", "/spec_version", "\"1.1.0\"", refused},
    {"spec.1.0", "rtsggd", "/spec_version", "\"1.0\"", accepted},
    {"spec.1.0.99", "rtsggd", "/spec_version", "\"1.0.99\"", accepted},
    {"spec.1.0.", "rtsggd", "/spec_version", "\"1.0.\"", refused},
    {"spec.tail", "rtsggd", "/spec_version", "\"1.0.31-evil\"", refused},
    {"spec.missing", "rtsggd", "/spec_version", "<absent>", refused},
    {"extra.member", "rtsggd", "/x-new-in-1.1", "{\"a\":[1,2,{\"b\":null}]}", accepted},
    {"extra.float", "rtsggd", "/x-factor", "1.5", refused},
    {"extra.null-delegations", "gg", "/delegations", "null", either},
    {"extra.unicode", "rtsggd", "/x-name", "\"B\\u00fcrstner \\ud83d\\ude97 \\\"\\\\ \\u0001\"", accepted},
    // What Timestamp says of Snapshot.
    {"timestamp.sha256-wrong", "t", "/meta/snapshot.json/hashes/sha256", "<flip>", refused},
    {"timestamp.sha512-wrong", "t", "/meta/snapshot.json/hashes/sha512", "<flip>", refused},
    {"timestamp.sha256-upper-case", "t", "/meta/snapshot.json/hashes/sha256", "<upper>", accepted},
    {"timestamp.sha256-alone", "t", "/meta/snapshot.json/hashes/sha512", "<absent>", accepted},
    {"timestamp.sha512-alone", "t", "/meta/snapshot.json/hashes/sha256", "<absent>", accepted},
    {"timestamp.unknown-digest-beside", "t", "/meta/snapshot.json/hashes/md5", "\"00000000000000000000000000000000\"",
     refused},
    {"timestamp.no-digest", "t", "/meta/snapshot.json/hashes", "{}", refused},
    {"timestamp.hashes-missing", "t", "/meta/snapshot.json/hashes", "<absent>", refused},
    {"timestamp.sha256-short", "t", "/meta/snapshot.json/hashes/sha256", "\"abcd\"", refused},
    {"timestamp.sha256-number", "t", "/meta/snapshot.json/hashes/sha256", "7", refused},
    {"timestamp.length-longer", "t", "/meta/snapshot.json/length", "<add 1>", refused},
    {"timestamp.length-shorter", "t", "/meta/snapshot.json/length", "<subtract 1>", refused},
    {"timestamp.length-missing", "t", "/meta/snapshot.json/length", "<absent>", refused},
    {"timestamp.length-zero", "t", "/meta/snapshot.json/length", "0", refused},
    {"timestamp.length-negative", "t", "/meta/snapshot.json/length", "-1", refused},
    {"timestamp.length-huge", "t", "/meta/snapshot.json/length", "18446744073709551615", refused},
    {"timestamp.version-of-snapshot-zero", "t", "/meta/snapshot.json/version", "0", refused},
    {"timestamp.version-of-snapshot-missing", "t", "/meta/snapshot.json/version", "<absent>", refused},
    {"timestamp.version-of-snapshot-higher", "t", "/meta/snapshot.json/version", "<add 1>", refused},
    {"timestamp.version-of-snapshot-lower", "t", "/meta/snapshot.json/version", "<subtract 1>", refused},
    {"timestamp.lists-two-files", "t", "/meta/root.json", "{\"version\":1}", refused},
    {"timestamp.lists-nothing", "t", "/meta", "{}", refused},
    {"timestamp.meta-missing", "t", "/meta", "<absent>", refused},
    // What Snapshot says of Targets.
    {"snapshot.sha256-wrong", "s", "/meta/targets.json/hashes/sha256", "<flip>", refused},
    {"snapshot.sha512-wrong", "s", "/meta/targets.json/hashes/sha512", "<flip>", refused},
    {"snapshot.unknown-digest-beside", "s", "/meta/targets.json/hashes/crc32", "\"00\"", refused},
    {"snapshot.hashes-missing", "s", "/meta/targets.json/hashes", "<absent>", accepted},
    {"snapshot.length-missing", "s", "/meta/targets.json/length", "<absent>", accepted},
    {"snapshot.length-longer", "s", "/meta/targets.json/length", "<add 1>", refused},
    {"snapshot.length-shorter", "s", "/meta/targets.json/length", "<subtract 1>", refused},
    {"snapshot.length-over-cap", "s", "/meta/targets.json/length", "8388609", refused},
    {"snapshot.length-text", "s", "/meta/targets.json/length", "\"1000\"", refused},
    {"snapshot.targets-dropped", "s", "/meta/targets.json", "<absent>", refused},
    {"snapshot.targets-lowered", "s", "/meta/targets.json/version", "<subtract 1>", refused},
    {"snapshot.targets-raised", "s", "/meta/targets.json/version", "<add 1>", refused},
    {"snapshot.targets-is-number", "s", "/meta/targets.json", "7", refused},
    {"snapshot.lists-unknown-role", "s", "/meta/somebody.json", "{\"version\":1}", accepted},
    {"snapshot.lists-broken-entry", "s", "/meta/somebody.json", "{\"length\":5}", refused},
    {"snapshot.name-with-slash", "s", "/meta/..~1x.json", "{\"version\":1}", refused},
    {"snapshot.name-hidden", "s", "/meta/.x.json", "{\"version\":1}", refused},
    {"snapshot.name-empty", "s", "/meta/", "{\"version\":1}", refused},
};

Mutation of_row(const Row& row) {
    return {row.name, row.alone, [&row](Scene& scene) {
                scene.file(row.files).before_signing.emplace_back(
                    [&row](json::value& body) { set_member(body, row.pointer, row.value); });
                return true;
            }};
}

// The listing roles agree with it: only the car's memory, or nothing at all, speaks against it.
bool renumber(Scene& scene, Draft& draft, std::uint64_t version) {
    if (version == 0 || version > 0xFFFF'FFFF || version == draft.version) return false;
    draft.version = version;
    draft.before_signing.emplace_back([version](json::value& body) { body.as_object()["version"] = version; });
    static_cast<void>(scene);
    return true;
}

void add_versions(std::vector<Mutation>& table) {
    // Signed and listed as it should be, but older than what the car knows (or a car fresh from the factory takes it).
    table.push_back({"version.rolled-back", either, [](Scene& scene) {
                         Draft& draft = scene.file("tsggd");
                         return renumber(scene, draft, draft.version - 1 - scene.rng.below(2));
                     }});
    table.push_back({"version.fast-forward", accepted, [](Scene& scene) {
                         return renumber(scene, scene.file("tsggd"), 0xFFFF'FFFF - scene.rng.below(3));
                     }});
    table.push_back({"version.skips-some", accepted, [](Scene& scene) {
                         Draft& draft = scene.file("tsggd");
                         return renumber(scene, draft, draft.version + 1 + scene.rng.below(1000));
                     }});
    table.push_back({"version.same-other-bytes", either, [](Scene& scene) {
                         Draft& draft = scene.file("tsggd");
                         draft.before_signing.emplace_back([](json::value& body) { body.as_object()["x-other"] = 1; });
                         return draft.version > 1 && renumber(scene, draft, draft.version - 1);
                     }});
    table.push_back({"date.this-second", refused, [](Scene& scene) {
                         const std::string now = scene.car.now;
                         scene.file("tsggd").before_signing.emplace_back(
                             [now](json::value& body) { body.as_object()["expires"] = now; });
                         return true;
                     }});
    table.push_back({"date.one-second-left", accepted, [](Scene& scene) {
                         std::string soon = scene.car.now;
                         if (soon[18] == '9') return false;
                         ++soon[18];
                         scene.file("tsggd").before_signing.emplace_back(
                             [soon](json::value& body) { body.as_object()["expires"] = soon; });
                         return true;
                     }});
}

}  // namespace

void add_member_mutations(std::vector<Mutation>& table) {
    for (const Row& row : rows) table.push_back(of_row(row));
    add_versions(table);
}

}  // namespace pitstop::hostile
