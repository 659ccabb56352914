#include "apps/pitstop/ecu_reading.h"

#include "apps/pitstop/faults.h"
#include "core/flash/bank_state.h"

#include <algorithm>
#include <array>
#include <format>
#include <ostream>

namespace pitstop::cli {
namespace {

struct KnownDid {
    std::uint16_t did;
    std::string_view member;  // in JSON, as in a VCI report
    std::string_view title;   // for people
};

constexpr KnownDid known_dids[] = {
    {uds::did::vin, "vin", "VIN"},
    {uds::did::system_name, "name", "name"},
    {uds::did::software_version, "version", "software version"},
    {uds::did::serial_number, "serial", "serial number"},
    {uds::did::part_number, "part_number", "part number"},
    {uds::did::hardware_number, "hardware_id", "hardware"},
    {uds::did::bank_state, "bank_state", "banks"},
    {uds::did::image_digest, "image_sha256", "image SHA-256"},
    {uds::did::boot_software, "boot_software", "boot software"},
    {uds::did::active_session, "session", "session"},
    {uds::did::software_number, "software_number", "software number"},
    {uds::did::hardware_version, "hardware_version", "hardware version"},
    {uds::did::supplier_software_version, "supplier_version", "supplier's version"},
    {uds::did::rxswin, "rxswin", "RXSWIN"},
};

constexpr std::array usual{uds::did::vin,           uds::did::system_name, uds::did::software_version,
                           uds::did::serial_number, uds::did::part_number, uds::did::hardware_number,
                           uds::did::bank_state,    uds::did::image_digest};

const KnownDid* find(std::uint16_t did) {
    const auto* const found = std::ranges::find(known_dids, did, &KnownDid::did);
    return found == std::end(known_dids) ? nullptr : found;
}

std::string number_of(std::uint16_t did) { return std::format("{:04X}", did); }

bool holds_a_digest(std::uint16_t did) { return did == uds::did::image_digest; }

std::string in_words(const flash::BankState& state) {
    return std::format("{} runs, {} committed, {}, release counter {}, last change: {}",
                       state.running ? to_string(*state.running) : "boot loader", to_string(state.committed),
                       to_string(state.phase), state.release_counter, to_string(state.last_change));
}

// Records of fixed length are filled up with zeros or spaces.
View without_filling(View data) {
    while (!data.empty() && (data.back() == 0x00 || data.back() == ' ')) data = data.first(data.size() - 1);
    return data;
}

bool is_printable(View data) {
    return std::ranges::all_of(data, [](std::uint8_t byte) { return byte >= 0x20 && byte < 0x7F; });
}

}  // namespace

Result<std::uint16_t> parse_did(std::string_view text) {
    const auto bytes = from_hex(text);
    if (!bytes || bytes->size() != 2) return fail(faults::bad_did, text);
    return load_be<std::uint16_t>(bytes->data());
}

std::span<const std::uint16_t> usual_dids() { return usual; }

std::string readable(std::uint16_t did, View data) {
    if (did == uds::did::bank_state)
        if (const auto state = flash::parse_bank_state(data)) return in_words(*state);
    const View text = without_filling(data);
    const bool as_text = !holds_a_digest(did) && !text.empty() && is_printable(text);
    return as_text ? std::string(text_of(text)) : to_hex(data);
}

void print_reading(EcuId ecu, std::span<const DidValue> values, std::ostream& out) {
    out << ecu.str() << '\n';
    for (const DidValue& value : values) {
        const KnownDid* const known = find(value.did);
        const std::string said = value.refused()
                                     ? std::format("- refused: {} (0x{:02X}), {}", to_string(value.refusal),
                                                   static_cast<unsigned>(value.refusal), clear_text(value.refusal))
                                     : readable(value.did, value.data);
        out << std::format("  {}  {:<18}  {}\n", number_of(value.did), known != nullptr ? known->title : "", said);
    }
}

json::Object to_json(EcuId ecu, std::span<const DidValue> values) {
    json::Object object{{"ecu_id", ecu.str()}};
    json::Object refused;
    for (const DidValue& value : values) {
        const KnownDid* const known = find(value.did);
        const std::string member = known != nullptr ? std::string(known->member) : number_of(value.did);
        if (value.refused())
            refused[member] = to_string(value.refusal);
        else
            object[member] = readable(value.did, value.data);
    }
    if (!refused.empty()) object["refused"] = std::move(refused);
    return object;
}

}  // namespace pitstop::cli
