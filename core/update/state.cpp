#include "core/update/state.h"

#include "core/update/faults.h"
#include "core/vehicle/limits.h"

#include <array>
#include <format>

namespace pitstop::update {
namespace {

constexpr std::array<std::string_view, 10> step_names = {"offered",     "put_off", "accepted", "trusting",
                                                         "downloading", "judging", "staging",  "activating",
                                                         "confirming",  "undoing"};
constexpr std::array<std::string_view, 3> progress_names = {"waiting", "busy", "done"};
constexpr std::array<std::string_view, 2> part_names = {"ecu", "zonal-gateway"};
constexpr std::array<std::string_view, 2> source_names = {"package", "payload"};
constexpr std::size_t refused_max = 1000;  // each of 100 ECUs a few times

template <class Enum, std::size_t N>
Result<Enum> named(const json::Object& from, std::string_view member, const std::array<std::string_view, N>& names) {
    TRY(const std::string text, json::string(from, member));
    for (std::size_t i = 0; i < N; ++i)
        if (names[i] == text) return static_cast<Enum>(i);
    return fail(faults::bad_state, std::format("'{}' cannot be '{:.40}'", member, text));
}

Result<std::uint8_t> small(const json::Object& from, std::string_view name) {
    TRY(const std::uint64_t value, json::number(from, name, 255));
    return static_cast<std::uint8_t>(value);
}

Result<std::optional<UtcTime>> optional_time(const json::Object& from, std::string_view name) {
    if (!json::has(from, name)) return std::nullopt;
    TRY(const UtcTime time, json::time(from, name));
    return time;
}

json::Value to_json(const std::optional<UtcTime>& time) {
    return time ? json::Value(time->str()) : json::Value(nullptr);
}

json::Object to_json(const Trouble& trouble) { return {{"code", trouble.code}, {"detail", trouble.detail}}; }

Result<Trouble> trouble_from(const json::Object& parent) {
    TRY(const json::Object* from, json::object(parent, "trouble"));
    Trouble trouble;
    TRY(trouble.code, json::string(*from, "code"));
    TRY(trouble.detail, json::string(*from, "detail"));
    return trouble;
}

json::Object to_json(const uptane::TrustedTarget& target) {
    json::Object object{{"ecu_id", target.ecu.str()},      {"hardware_id", target.hardware.view()},
                        {"name", target.name.view()},      {"length_bytes", target.length_bytes},
                        {"sha256", to_hex(target.sha256)}, {"sha512", to_hex(target.sha512)},
                        {"version", target.version.str()}, {"release_counter", target.release_counter}};
    if (target.delivery) object["delivery"] = uptane::to_json(*target.delivery);
    return object;
}

Result<uptane::TrustedTarget> target_from(const json::Object& parent) {
    TRY(const json::Object* from, json::object(parent, "target"));
    TRY(const EcuId ecu, json::id<EcuId>(*from, "ecu_id"));
    TRY(const HardwareId hardware, json::id<HardwareId>(*from, "hardware_id"));
    TRY(const TargetName name, json::id<TargetName>(*from, "name"));
    uptane::TrustedTarget target{ecu, hardware, name, 0, {}, {}, {}, 0};
    TRY(target.length_bytes, json::number(*from, "length_bytes", UINT64_MAX));
    TRY(target.sha256, json::sha256(*from, "sha256"));
    TRY(const std::string sha512, json::string(*from, "sha512"));
    TRY(const Bytes digest, from_hex(sha512));
    if (digest.size() != target.sha512.size()) return fail(faults::bad_state, "'sha512' has the wrong length");
    std::ranges::copy(digest, target.sha512.begin());
    TRY(target.version, json::id<Version>(*from, "version"));
    TRY(const std::uint64_t counter, json::number(*from, "release_counter", UINT32_MAX));
    target.release_counter = static_cast<std::uint32_t>(counter);
    if (from->contains("delivery")) {
        TRY(const json::Object* delivery, json::object(*from, "delivery"));
        TRY(target.delivery, uptane::delivery_from_json(*delivery));
    }
    return target;
}

json::Object to_json(const Member& member) {
    return {{"target", to_json(member.target)},
            {"part", part_names[static_cast<std::size_t>(member.part)]},
            {"offset_bytes", member.offset_bytes},
            {"stored_size_bytes", member.stored_size_bytes},
            {"source", source_names[static_cast<std::size_t>(member.source)]},
            {"progress", progress_names[static_cast<std::size_t>(member.progress)]},
            {"percent", member.percent},
            {"tries", member.tries},
            {"refusals", member.refusals},
            {"again_at", member.again_at.str()},
            {"trouble", to_json(member.trouble)}};
}

Result<Member> member_from(const json::Object& from) {
    TRY(uptane::TrustedTarget target, target_from(from));
    Member member{.target = std::move(target)};
    if (json::has(from, "part")) {  // older states know no zonal gateway as a member
        TRY(member.part, named<Part>(from, "part", part_names));
    }
    TRY(member.offset_bytes, json::number(from, "offset_bytes", UINT64_MAX));
    TRY(member.stored_size_bytes, json::number(from, "stored_size_bytes", UINT64_MAX));
    if (json::has(from, "source")) {  // older states know the package only
        TRY(member.source, named<Source>(from, "source", source_names));
    }
    TRY(member.progress, named<Progress>(from, "progress", progress_names));
    TRY(member.percent, small(from, "percent"));
    TRY(member.tries, small(from, "tries"));
    TRY(member.refusals, small(from, "refusals"));
    TRY(member.again_at, json::time(from, "again_at"));
    TRY(member.trouble, trouble_from(from));
    return member;
}

json::Value to_json(const std::optional<Package>& package) {
    if (!package) return nullptr;
    return json::Object{{"path", package->path},
                        {"size_bytes", package->size_bytes},
                        {"metadata_sha256", to_hex(package->metadata_sha256)}};
}

Result<std::optional<Package>> package_from(const json::Object& parent) {
    if (!json::has(parent, "package")) return std::nullopt;
    TRY(const json::Object* from, json::object(parent, "package"));
    Package package;
    TRY(package.path, json::string(*from, "path"));
    TRY(package.size_bytes, json::number(*from, "size_bytes", UINT64_MAX));
    TRY(package.metadata_sha256, json::sha256(*from, "metadata_sha256"));
    return package;
}

json::Array names_of(const std::vector<EcuId>& ecus) {
    json::Array names;
    for (const EcuId& ecu : ecus) names.emplace_back(ecu.str());
    return names;
}

json::Object to_json(const Job& job) {
    json::Array members;
    for (const Member& member : job.members) members.push_back(to_json(member));
    return {{"campaign_id", job.campaign.view()},
            {"title", job.title},
            {"download_bytes", job.download_bytes},
            {"step", to_string(job.step)},
            {"package", to_json(job.package)},
            {"members", std::move(members)},
            {"activated", job.activated},
            {"told_waiting", job.told_waiting},
            {"percent", job.percent},
            {"tries", job.tries},
            {"again_at", to_json(job.again_at)},
            {"trouble", to_json(job.trouble)},
            {"refused", names_of(job.refused)}};
}

// Older states have no such list.
Result<std::vector<EcuId>> ecus_from(const json::Object& from, std::string_view member) {
    std::vector<EcuId> ecus;
    if (!json::has(from, member)) return ecus;
    TRY(const json::Array* names, vehicle::list(from, member, refused_max));
    for (const json::Value& name : *names) {
        TRY(const EcuId ecu, EcuId::parse(name.is_string() ? std::string_view(name.get_string()) : ""));
        ecus.push_back(ecu);
    }
    return ecus;
}

Result<Job> job_from(const json::Object& from) {
    TRY(const CampaignId id, json::id<CampaignId>(from, "campaign_id"));
    Job job{.campaign = id};
    TRY(job.title, json::string(from, "title"));
    TRY(job.download_bytes, json::number(from, "download_bytes", UINT64_MAX));
    TRY(job.step, named<Step>(from, "step", step_names));
    TRY(job.package, package_from(from));
    TRY(const json::Array* members, vehicle::list(from, "members", vehicle::ecus_max));
    for (const json::Value& item : *members) {
        TRY(const json::Object* object, json::as_object(item, "an entry of 'members'"));
        TRY(Member member, member_from(*object));
        job.members.push_back(std::move(member));
    }
    TRY(job.activated, json::boolean(from, "activated"));
    TRY(job.told_waiting, json::boolean(from, "told_waiting"));
    TRY(job.percent, small(from, "percent"));
    TRY(job.tries, small(from, "tries"));
    TRY(job.again_at, optional_time(from, "again_at"));
    TRY(job.trouble, trouble_from(from));
    TRY(job.refused, ecus_from(from, "refused"));
    return job;
}

json::Object to_json(const Ended& ended) {
    return {{"campaign_id", ended.campaign.view()},
            {"phase", campaign::to_string(ended.phase)},
            {"trouble", to_json(ended.trouble)}};
}

Result<Ended> ended_from(const json::Object& from) {
    TRY(const CampaignId id, json::id<CampaignId>(from, "campaign_id"));
    Ended ended{.campaign = id};
    TRY(const std::string phase, json::string(from, "phase"));
    TRY(ended.phase, campaign::phase_from(phase));
    TRY(ended.trouble, trouble_from(from));
    return ended;
}

json::Object to_json(const Outgoing& message) {
    return {{"id", message.id.view()},      {"topic", message.topic},
            {"text", message.text},         {"qos", static_cast<int>(message.qos)},
            {"replaces", message.replaces}, {"sent_at", message.sent_at.str()}};
}

Result<Outgoing> outgoing_from(const json::Object& from) {
    TRY(const wire::MessageId id, json::id<wire::MessageId>(from, "id"));
    Outgoing message{.id = id};
    TRY(message.topic, json::string(from, "topic"));
    TRY(message.text, json::string(from, "text"));
    TRY(const std::uint64_t qos, json::number(from, "qos", 1));
    message.qos = static_cast<wire::Qos>(qos);
    TRY(message.replaces, json::string(from, "replaces"));
    TRY(message.sent_at, json::time(from, "sent_at"));
    return message;
}

Result<State> read_state(View file) {
    TRY(const json::Value value, json::parse(file, state_size_bytes_max));
    TRY(const json::Object* from, json::as_object(value, "the state"));
    State state;
    TRY(state.boot_id, json::string(*from, "boot_id"));
    TRY(state.boot_seq, json::number(*from, "boot_seq", UINT64_MAX));
    TRY(state.next_number, json::number(*from, "next_number", UINT64_MAX));
    TRY(state.inventory_owed, json::boolean(*from, "inventory_owed"));
    TRY(state.inventory_again_at, optional_time(*from, "inventory_again_at"));
    if (json::has(*from, "job")) {
        TRY(const json::Object* object, json::object(*from, "job"));
        TRY(state.job, job_from(*object));
    }
    if (json::has(*from, "ended")) {
        TRY(const json::Object* object, json::object(*from, "ended"));
        TRY(state.ended, ended_from(*object));
    }
    TRY(state.stuck, ecus_from(*from, "stuck"));
    TRY(const json::Array* outbox, json::array(*from, "outbox"));
    for (const json::Value& item : *outbox) {
        TRY(const json::Object* object, json::as_object(item, "an entry of 'outbox'"));
        TRY(Outgoing message, outgoing_from(*object));
        state.outbox.push_back(std::move(message));
    }
    return state;
}

}  // namespace

std::string_view to_string(Step step) { return step_names[static_cast<std::size_t>(step)]; }

State State::fresh(UtcTime now) {
    State state;
    state.next_number = static_cast<std::uint64_t>(std::max<std::int64_t>(now.seconds, 0)) * 1000 + 1;
    return state;
}

json::Object to_json(const State& state) {
    json::Array outbox;
    for (const Outgoing& message : state.outbox) outbox.push_back(to_json(message));
    return {{"boot_id", state.boot_id},
            {"boot_seq", state.boot_seq},
            {"next_number", state.next_number},
            {"inventory_owed", state.inventory_owed},
            {"inventory_again_at", to_json(state.inventory_again_at)},
            {"job", state.job ? json::Value(to_json(*state.job)) : json::Value(nullptr)},
            {"ended", state.ended ? json::Value(to_json(*state.ended)) : json::Value(nullptr)},
            {"stuck", names_of(state.stuck)},
            {"outbox", std::move(outbox)}};
}

std::optional<Trouble> why_not_to_drive(const State& state) {
    const auto because = [](const Fault& fault, std::string_view detail) {
        return Trouble{std::string(fault.code), std::string(detail)};
    };
    if (state.job && state.job->activated) return because(faults::changing_over, state.job->campaign.view());
    if (state.stuck.empty()) return std::nullopt;
    std::string names;
    for (const EcuId& ecu : state.stuck) names += (names.empty() ? "" : ", ") + ecu.str();
    return because(faults::mixed_set, names);
}

Result<State> state_from_json(View file) {
    Result<State> state = read_state(file);
    if (!state) return fail(faults::bad_state, state.error().str());
    return state;
}

}  // namespace pitstop::update
