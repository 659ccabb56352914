#include "apps/gateway/vci.h"

#include "apps/gateway/faults.h"
#include "core/flash/bank_state.h"
#include "core/flash/faults.h"
#include "core/flash/routine_status.h"
#include "core/uds/faults.h"
#include "io/ethernet/faults.h"
#include "io/runtime/all.h"
#include "io/survey/faults.h"

#include <algorithm>
#include <format>
#include <map>
#include <optional>

namespace pitstop::gateway {
namespace {

using io::survey::What;
using Entries = std::map<EcuId, vehicle::Entry>;

constexpr std::size_t reasons_named_max = 6;  // more are counted: with the vehicle's own, reasons_max holds them

vehicle::Entry missing(EcuId ecu, const Error& why) {
    return {ecu, {}, vehicle::Entry::Missing{std::string(why.code()), std::string(why.detail())}};
}

Error error_of(const vehicle::Entry& entry) {
    constexpr const Fault* known[] = {&uds::faults::no_answer, &uds::faults::pending_too_long, &uds::faults::refused,
                                      &io::ethernet::faults::connect_failed, &io::ethernet::faults::connection_lost};
    for (const Fault* fault : known)
        if (fault->code == entry.missing->code) return Error(*fault, entry.missing->detail);
    return Error(faults::ecu_missing, std::format("{}: {}", entry.missing->code, entry.missing->detail));
}

// Whether it is ready nobody asks an ECU that is being programmed: that would end its session.
bool must_be_left_alone(const Car& car, EcuId ecu, What what) {
    return what == What::readiness && car.is_worked_on(ecu);
}

io::Task<void> ask_directly(Car& car, EcuId ecu, What what, Entries& into) {
    const Result<Car::Way> way = car.way_to(ecu);
    if (!way || must_be_left_alone(car, ecu, what)) {
        into.insert_or_assign(ecu, missing(ecu, way ? Error(io::survey::faults::busy) : way.error()));
        co_return Result<void>{};
    }
    const Car::Turn held = co_await car.turn(ecu);
    auto entries = co_await io::survey::ask_all({{ecu, way->link}}, what);
    into.insert_or_assign(ecu, std::move(entries.front()));
    co_return Result<void>{};
}

// What the zone leaves out is missing, for that reason: it does not know the ECU. A zone that cannot be asked makes all
// its ECUs missing; one that knows no collection only costs time.
io::Task<void> ask_zone(Car& car, EcuId gateway, std::vector<EcuId> behind, What what, Entries& into) {
    for (const EcuId ecu : behind) into.insert_or_assign(ecu, missing(ecu, Error(io::survey::faults::busy)));
    if (std::ranges::any_of(behind, [&](EcuId ecu) { return must_be_left_alone(car, ecu, what); }))
        co_return Result<void>{};
    const Result<Car::Way> way = car.way_to(gateway);
    auto collected = way ? co_await io::survey::ask_zone({gateway, way->link}, what)
                         : Result<std::vector<vehicle::Entry>>(fail(way.error()));
    if (!collected && collected.error().is(uds::faults::refused)) {
        std::vector<io::Task<void>> tasks;
        for (const EcuId ecu : behind) tasks.push_back(ask_directly(car, ecu, what, into));
        co_await io::all(std::move(tasks));
        co_return Result<void>{};
    }
    const Error why = collected ? Error(faults::ecu_missing, gateway.str() + " does not know it") : collected.error();
    for (const EcuId ecu : behind) into.insert_or_assign(ecu, missing(ecu, why));
    if (collected)
        for (vehicle::Entry& entry : *collected)
            if (std::ranges::contains(behind, entry.ecu)) into.insert_or_assign(entry.ecu, std::move(entry));
    co_return Result<void>{};
}

std::string text_from(View data) {
    std::string text(text_of(data));
    while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.pop_back();  // fixed lengths are padded
    return text;
}

const Bytes* find(const vehicle::Identifiers& said, std::uint16_t identifier) {
    const auto found = std::ranges::find(said, identifier, [](const auto& each) { return each.first; });
    return found == said.end() ? nullptr : &found->second;
}

Result<Bytes> needed(const vehicle::Identifiers& said, std::uint16_t identifier) {
    const Bytes* data = find(said, identifier);
    if (data == nullptr) return fail(flash::faults::strange_answer, std::format("identifier {:04X}", identifier));
    return *data;
}

std::optional<std::string> reason_of(const vehicle::Entry& entry) {
    const std::string ecu = entry.ecu.str();
    if (entry.missing) return std::format("{} does not answer: {}", ecu, entry.missing->code);
    const auto said = vehicle::readiness_from(entry.said);
    if (!said) return ecu + " does not say whether it is ready";
    if (said->preconditions == flash::routine_succeeded) return std::nullopt;
    const Fault& fault = flash::fault_of_status(said->preconditions);
    if (fault.code == flash::faults::trial_running.code) return std::nullopt;
    const std::string codes =
        said->confirmed_dtcs.value_or(0) > 0 ? std::format(", {} trouble codes", *said->confirmed_dtcs) : "";
    return std::format("{} is not ready: {}{}", ecu, fault.code, codes);
}

}  // namespace

boost::asio::awaitable<std::vector<vehicle::Entry>> collect(Car& car, What what) {
    std::map<EcuId, std::vector<EcuId>> zones;
    std::vector<EcuId> alone;
    for (const vehicle::EcuDescription& described : car.vehicle().ecus) {
        const auto zone = car.zone_before(described.ecu);
        if (zone && *zone)
            zones[**zone].push_back(described.ecu);
        else
            alone.push_back(described.ecu);
    }
    Entries entries;
    std::vector<io::Task<void>> tasks;
    for (auto& [gateway, behind] : zones) tasks.push_back(ask_zone(car, gateway, std::move(behind), what, entries));
    for (const EcuId ecu : alone) tasks.push_back(ask_directly(car, ecu, what, entries));
    co_await io::all(std::move(tasks));
    std::vector<vehicle::Entry> in_order;
    for (const vehicle::EcuDescription& described : car.vehicle().ecus) {
        const auto found = entries.find(described.ecu);
        in_order.push_back(found != entries.end() ? std::move(found->second)
                                                  : missing(described.ecu, Error(faults::ecu_missing, "not asked")));
    }
    co_return in_order;
}

Result<KnownEcu> known_from(const vehicle::Entry& entry, vehicle::Link link) {
    if (entry.missing) return fail(error_of(entry));
    TRY(const vehicle::Identifiers said, vehicle::identifiers_from(entry.said));
    TRY(const Bytes version_text, needed(said, uds::did::software_version));
    TRY(const Version version, Version::parse(text_from(version_text)));
    TRY(const Bytes hardware_text, needed(said, uds::did::hardware_number));
    TRY(const HardwareId hardware, HardwareId::parse(text_from(hardware_text)));
    TRY(const Bytes serial, needed(said, uds::did::serial_number));
    TRY(const Bytes part_number, needed(said, uds::did::part_number));
    TRY(const Bytes banks, needed(said, uds::did::bank_state));
    TRY(const flash::BankState state, flash::parse_bank_state(banks));
    TRY(const Bytes digest, needed(said, uds::did::image_digest));
    Sha256Digest image{};
    if (digest.size() != image.size()) return fail(flash::faults::strange_answer, "image digest");
    std::ranges::copy(digest, image.begin());
    // An ECU that does not know these two, or says words that nobody knows yet, takes images as they are and signs
    // nothing.
    const Bytes* opens = find(said, uds::did::openings);
    const Bytes* report = find(said, uds::did::version_report);
    return KnownEcu{{entry.ecu, hardware, version, text_from(serial), text_from(part_number),
                     std::string(flash::to_string(state.phase)), image, link,
                     opens ? Openings::parse(text_of(*opens)).value_or(Openings{}) : Openings{}},
                    state.release_counter,
                    state.phase == flash::Phase::settled,
                    report ? *report : Bytes{}};
}

std::vector<std::string> reasons_of(std::span<const vehicle::Entry> entries, std::span<const EcuId> members) {
    std::vector<std::string> reasons;
    std::size_t unnamed = 0;
    for (const vehicle::Entry& entry : entries) {
        if (!members.empty() && !std::ranges::contains(members, entry.ecu)) continue;
        if (members.empty() && entry.missing) continue;
        const std::optional<std::string> reason = reason_of(entry);
        if (!reason) continue;
        if (reasons.size() < reasons_named_max)
            reasons.push_back(*reason);
        else
            ++unnamed;
    }
    if (unnamed > 0) reasons.push_back(std::format("{} more ECUs are not ready", unnamed));
    return reasons;
}

}  // namespace pitstop::gateway
