#include "apps/server/manifest_view.h"

#include <format>

namespace pitstop::server {
namespace {

constexpr std::size_t listed_max = 8;                           // in one line
constexpr std::size_t stored_bytes_max = std::size_t{2} << 20;  // our own texts, the largest of them keys

std::string_view agreement(const uptane::VersionReport& report, const std::optional<vehicle::Inventory>& inventory) {
    const vehicle::EcuReport* const read = inventory ? inventory->find(report.ecu) : nullptr;
    if (read == nullptr) return "unknown";
    return read->version == report.installed.version && read->active_image == report.installed.sha256 ? "agrees"
                                                                                                      : "differs";
}

json::Object view_of(const uptane::JudgedEcu& ecu, const std::optional<vehicle::Inventory>& inventory) {
    json::Object view{{"ecu_id", ecu.ecu.str()}, {"verdict", to_string(ecu.verdict)}};
    if (ecu.fault) view["code"] = ecu.fault->code();
    if (ecu.fault) view["detail"] = ecu.fault->detail();
    if (!ecu.report) return view;
    const uptane::VersionReport& report = *ecu.report;
    view["hardware_id"] = report.hardware.view();
    view["counter"] = report.counter;
    view["time"] = report.time.str();
    view["installed"] = json::Object{{"version", report.installed.version.str()},
                                     {"release_counter", report.installed.release_counter},
                                     {"length", report.installed.length_bytes},
                                     {"sha256", to_hex(report.installed.sha256)}};
    view["attacks"] = report.attacks;
    view["previous_attack"] = report.previous_attack.view();
    view["inventory"] = agreement(report, inventory);
    return view;
}

// Commas between, and "…" where there are too many.
class Line {
public:
    void add(const std::string& text) {
        if (++count_ > listed_max + 1) return;
        text_ += (text_.empty() ? "" : ", ") + (count_ > listed_max ? std::string("...") : text);
    }
    [[nodiscard]] std::string str() const { return text_; }

private:
    std::string text_;
    std::size_t count_ = 0;
};

json::Object stored(const std::string& text) {
    const auto value = json::parse(pitstop::view_of(text), stored_bytes_max);
    return value && value->is_object() ? value->get_object() : json::Object{};
}

json::Value time_or_null(const std::optional<UtcTime>& time) {
    return time ? json::Value(time->str()) : json::Value(nullptr);
}

}  // namespace

json::Object content_of(const uptane::JudgedManifest& judged, const std::optional<vehicle::Inventory>& inventory) {
    json::Array ecus;
    for (const auto& ecu : judged.ecus) ecus.emplace_back(view_of(ecu, inventory));
    return {{"counter", judged.counter}, {"time", judged.time.str()}, {"ecus", std::move(ecus)}};
}

json::Object view_of_manifest(const Vin& vin, const std::optional<io::store::ManifestRow>& row,
                              std::span<const io::store::AttackRow> attacks) {
    json::Object view{{"vin", vin.view()},     {"received", nullptr},      {"counter", nullptr}, {"time", nullptr},
                      {"ecus", json::Array()}, {"attacks", json::Array()}, {"refused", nullptr}};
    for (const auto& attack : attacks)
        view["attacks"].as_array().push_back(
            json::Object{{"time", attack.at.str()},
                         {"ecu_id", attack.ecu.empty() ? json::Value(nullptr) : json::Value(attack.ecu)},
                         {"code", attack.code},
                         {"attacks", attack.attacks}});
    if (!row) return view;
    view["received"] = time_or_null(row->received);
    if (row->refused)
        view["refused"] = json::Object{
            {"time", row->refused->str()}, {"code", row->code}, {"detail", row->detail}, {"count", row->refusals}};
    const auto content = stored(row->content);
    for (const std::string_view name : {"counter", "time", "ecus"})
        if (const auto* member = content.if_contains(name)) view[name] = *member;
    return view;
}

json::Object view_of_keys(const Vin& vin, const std::optional<io::store::VehicleKeysRow>& row) {
    json::Object view{{"vin", vin.view()}, {"updated", nullptr}, {"primary", json::Array()}, {"ecus", json::Object()}};
    if (!row) return view;
    view["updated"] = row->updated.str();
    for (const auto& member : stored(row->keys)) view[member.key()] = member.value();
    return view;
}

std::string line_of(std::span<const uptane::AttackReport> attacks) {
    Line line;
    for (const auto& attack : attacks)
        line.add(std::format("{} {} x{}", attack.ecu ? attack.ecu->str() : "gateway",
                             attack.code.empty() ? "unnamed" : attack.code.view(), attack.count));
    return line.str();
}

std::string line_of_refused(std::span<const uptane::JudgedEcu> ecus) {
    Line line;
    for (const auto& ecu : ecus)
        if (ecu.fault) line.add(std::format("{} {}", ecu.ecu.str(), ecu.fault->code()));
    return line.str();
}

std::string line_of_refused(const io::store::ManifestRow& row) {
    Line line;
    const json::Object content = stored(row.content);
    const auto ecus = json::array(content, "ecus");
    if (!ecus) return {};
    for (const auto& ecu : **ecus)
        if (ecu.is_object() && json::has(ecu.get_object(), "code"))
            line.add(std::format("{} {}", json::string(ecu.get_object(), "ecu_id").value_or(""),
                                 json::string(ecu.get_object(), "code").value_or("")));
    return line.str();
}

}  // namespace pitstop::server
