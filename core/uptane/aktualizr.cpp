#include "core/uptane/aktualizr.h"

#include "core/crypto/digest.h"
#include "core/uptane/faults.h"

#include <algorithm>
#include <format>

namespace pitstop::uptane {
namespace {

constexpr std::size_t serials_max = 100;  // all ECUs of a vehicle

Result<void> read_serials(const json::Object& custom, TargetInfo& info) {
    TRY(const json::Object* serials, json::object(custom, "ecuIdentifiers"));
    if (serials->size() > serials_max)
        return fail(faults::bad_member, std::format("{} 'ecuIdentifiers'", serials->size()));
    for (const auto& member : *serials) {
        TRY(const json::Object* object, json::as_object(member.value(), "an ECU"));
        TRY(std::string hardware, json::string(*object, "hardwareId"));
        info.ecu_serials.emplace(member.key(), std::move(hardware));
    }
    return {};
}

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

bool has_digests(View text, const FileInfo& promised) {
    return (!promised.sha256 || crypto::sha256(text) == *promised.sha256) &&
           (!promised.sha512 || crypto::sha512(text) == *promised.sha512);
}

}  // namespace

// No signature of ours is as short as to be mistaken: 64 bytes of Ed25519 end in "==" in Base64, and so do RSA's.
Bytes read_aktualizr_signature(const json::Object& from, std::string_view text) {
    constexpr std::string_view methods[] = {"ed25519", "rsassa-pss", "rsassa-pss-sha256"};
    if (json::has(from, "method")) {
        const auto method = json::string(from, "method").transform(lower);
        if (!method || std::ranges::find(methods, *method) == std::end(methods)) return {};
    }
    auto bytes = from_hex(text);
    if (!bytes) bytes = from_base64(text);
    return bytes ? *std::move(bytes) : Bytes();
}

bool keeps_aktualizr_promise(View file, const FileInfo& promised) {
    std::vector<std::string> forms{std::string(text_of(file))};
    if (const auto document = json::parse(file, file.size())) {
        if (auto text = json::canonical(*document)) forms.push_back(*std::move(text));
        if (auto text = json::sorted(*document)) forms.push_back(*std::move(text));
    }
    const bool length = !promised.length_bytes || std::ranges::any_of(forms, [&](const std::string& form) {
        return form.size() == *promised.length_bytes;
    });
    return length &&
           std::ranges::any_of(forms, [&](const std::string& form) { return has_digests(view_of(form), promised); });
}

Result<void> read_aktualizr_custom(const json::Object& target, Repository repository, TargetInfo& info) {
    if (!json::has(target, "custom")) return {};
    TRY(const json::Object* custom, json::object(target, "custom"));
    if (repository == Repository::director) return read_serials(*custom, info);
    if (!json::has(*custom, "hardwareIds")) return {};
    TRY(const json::Array* list, json::array(*custom, "hardwareIds"));
    if (list->size() > hardware_ids_max) return fail(faults::bad_member, std::format("{} 'hardwareIds'", list->size()));
    for (const json::Value& value : *list) {
        if (!value.is_string()) return fail(faults::bad_member, "'hardwareIds' must be texts");
        TRY(const HardwareId id, HardwareId::parse(value.get_string()));
        info.hardware.push_back(id);
    }
    return {};
}

}  // namespace pitstop::uptane
