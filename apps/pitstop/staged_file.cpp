#include "apps/pitstop/staged_file.h"

#include "apps/pitstop/faults.h"
#include "apps/pitstop/role_names.h"
#include "core/crypto/digest.h"
#include "io/files/atomic_file.h"

#include <format>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t format_version = 1;
constexpr std::string_view format_member = "pitstop_ceremony";
constexpr std::size_t names_max = 1024;  // people that one repository knows

std::unexpected<Error> not_a_ceremony(const fs::path& file, std::string_view why) {
    return fail(faults::not_a_ceremony, std::format("{}: {}", file.string(), why));
}

// A file inside the file: its own text again, in the order that everything signed by us has.
Result<std::optional<Bytes>> inner_file(const json::Object& from, std::string_view name) {
    if (!json::has(from, name)) return std::nullopt;
    TRY(const json::Object* object, json::object(from, name));
    TRY(const std::string text, json::sorted(*object));
    return Bytes(text.begin(), text.end());
}

Result<Names> read_names(const json::Object& from) {
    Names names;
    if (!json::has(from, "names")) return names;
    TRY(const json::Object* list, json::object(from, "names"));
    if (list->size() > names_max) return fail(faults::not_a_ceremony, std::format("{} names", list->size()));
    for (const auto& member : *list) {
        if (!member.value().is_string()) return fail(faults::not_a_ceremony, "a name is no text");
        const std::string_view name = member.value().get_string();
        ENSURE(check_person(name));
        names.emplace(member.key(), name);
    }
    return names;
}

Result<StagedFile> read_members(const json::Object& from) {
    StagedFile staged;
    TRY(const std::string repository, json::string(from, "repository"));
    if (repository != "image" && repository != "director")
        return fail(faults::not_a_ceremony, std::format("repository '{:.40}'", repository));
    staged.repository = repository == "image" ? uptane::Repository::image : uptane::Repository::director;
    TRY(staged.role, json::string(from, "role"));
    if (staged.role != "root" && staged.role != "targets") {
        TRY([[maybe_unused]] const auto checked, delegated_role(staged.role));
    }
    TRY(const auto proposal, inner_file(from, "proposal"));
    if (!proposal) return fail(faults::not_a_ceremony, "it proposes nothing");
    TRY(uptane::Envelope envelope, uptane::open_envelope(*proposal, staged.kind()));
    staged.body = std::move(envelope.body);
    staged.signatures = std::move(envelope.signatures);
    TRY(staged.trusted, inner_file(from, "trusted"));
    TRY(staged.delegator, inner_file(from, "delegator"));
    TRY(staged.previous, inner_file(from, "previous"));
    TRY(staged.names, read_names(from));
    return staged;
}

// Files that were read before, or made by us.
json::Value parsed(View file) { return *json::parse(file, file.size()); }

}  // namespace

Result<std::uint32_t> StagedFile::version() const {
    TRY(const std::uint64_t version, json::number(body, "version", 0xFFFFFFFF));
    return static_cast<std::uint32_t>(version);
}

Result<std::string> StagedFile::file_name() const {
    TRY(const std::uint32_t number, version());
    return std::format("{}-{}.{}.json", to_string(repository), number, role);
}

std::size_t staged_size_bytes_max() {
    return 3 * uptane::size_bytes_max(uptane::Role::targets) + uptane::size_bytes_max(uptane::Role::root);
}

Result<StagedFile> read_staged(const fs::path& file) {
    TRY(const Bytes bytes, io::files::read_file(file, staged_size_bytes_max()));
    const auto document = json::parse(bytes, staged_size_bytes_max());
    if (!document || !document->is_object()) return not_a_ceremony(file, "no JSON object");
    const json::Object& object = document->get_object();
    const auto format = json::number(object, format_member, format_version);
    if (!format || *format != format_version)
        return not_a_ceremony(file, std::format("'{}' is not {}", format_member, format_version));
    auto staged = read_members(object);
    if (!staged) return fail(staged.error().fault(), std::format("{}: {}", file.string(), staged.error().detail()));
    return staged;
}

Result<Bytes> proposal_of(const StagedFile& staged) { return uptane::write_envelope(staged.body, staged.signatures); }

Result<void> write_staged(const fs::path& file, const StagedFile& staged) {
    TRY(const Bytes proposal, proposal_of(staged));
    json::Object object{{format_member, format_version},
                        {"repository", to_string(staged.repository)},
                        {"role", staged.role},
                        {"proposal", parsed(proposal)}};
    if (staged.trusted) object["trusted"] = parsed(*staged.trusted);
    if (staged.delegator) object["delegator"] = parsed(*staged.delegator);
    if (staged.previous) object["previous"] = parsed(*staged.previous);
    json::Object names;
    for (const auto& [key_id, name] : staged.names) names[key_id] = name;
    object["names"] = std::move(names);
    TRY(const std::string text, json::sorted(object));
    return io::files::write_atomically(file, view_of(text), io::files::FileMode::shared);
}

Result<std::string> digest_of(const StagedFile& staged) {
    TRY(const std::string canonical, json::canonical(staged.body));
    return to_hex(crypto::sha256(view_of(canonical)));
}

}  // namespace pitstop::cli
