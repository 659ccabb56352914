#include "io/survey/survey.h"

#include "io/runtime/all.h"
#include "io/runtime/loop.h"
#include "io/survey/faults.h"

#include <array>

namespace pitstop::io::survey {
namespace {

using uds::Service;

constexpr int attempts_max = 3;  // an ECU that was just reset needs a moment
constexpr std::chrono::milliseconds pause_between_attempts{700};
constexpr std::chrono::milliseconds collecting_pause{50};
constexpr int collecting_pauses_max = 600;  // half a minute: three attempts of every time-out, and some
constexpr std::size_t head_bytes = 4;       // of a routine's answer, before what the routine says

constexpr std::uint8_t low(std::uint16_t value) { return static_cast<std::uint8_t>(value); }
constexpr std::uint8_t high(std::uint16_t value) { return static_cast<std::uint8_t>(value >> 8); }

constexpr auto routine_control = static_cast<std::uint8_t>(Service::routine_control);

Bytes routine(std::uint16_t rid, std::initializer_list<std::uint8_t> option = {}) {
    Bytes request{routine_control, uds::start_routine, high(rid), low(rid)};
    request.insert(request.end(), option);
    return request;
}

Task<Bytes> ask_configuration(Member member) {
    vehicle::Identifiers known;
    for (const std::uint16_t identifier : identifiers) {
        const std::array<std::uint8_t, 3> request{static_cast<std::uint8_t>(Service::read_data_by_identifier),
                                                  high(identifier), low(identifier)};
        CO_TRY(const uds::Answer answer, co_await member.link.ask(member.ecu.address(), request, {}));
        if (answer.refusal == uds::Nrc::busy_repeat_request)
            co_return fail(faults::busy, member.ecu.str());  // somebody else asks it just now
        if (answer.refused() || answer.positive.size() < request.size()) continue;
        known.emplace_back(identifier, Bytes(answer.positive.begin() + request.size(), answer.positive.end()));
    }
    co_return vehicle::to_bytes(known);
}

// How many codes are confirmed; an ECU without fault memory refuses the service.
Task<std::optional<std::uint16_t>> confirmed_dtcs(Member member) {
    constexpr std::uint8_t number_by_mask = 0x01, confirmed = 0x08;
    constexpr std::size_t count_at = 4;
    const std::array<std::uint8_t, 3> request{static_cast<std::uint8_t>(Service::read_dtc_information), number_by_mask,
                                              confirmed};
    CO_TRY(const uds::Answer answer, co_await member.link.ask(member.ecu.address(), request, {}));
    if (answer.refused() || answer.positive.size() < count_at + 2) co_return std::nullopt;
    co_return load_be<std::uint16_t>(&answer.positive[count_at]);
}

// Whoever wants it asked in the extended session only gets that, and its session back.
Task<uds::Answer> ask_preconditions(Member member) {
    const Bytes question = routine(uds::rid::check_preconditions);
    const std::uint16_t target = member.ecu.address();
    CO_TRY(uds::Answer answer, co_await member.link.ask(target, question, {}));
    if (answer.refusal != uds::Nrc::service_not_supported_in_active_session) co_return answer;
    static constexpr auto extended = uds::request_for(uds::Session::extended);
    static constexpr auto back = uds::request_for(uds::Session::default_);
    CO_ENSURE((co_await member.link.request(target, extended)).transform([](const Bytes&) {}));
    auto asked_again = co_await member.link.ask(target, question, {});
    CO_ENSURE((co_await member.link.request(target, back)).transform([](const Bytes&) {}));
    co_return asked_again;
}

Task<Bytes> ask_readiness(Member member) {
    CO_TRY(const uds::Answer checked, co_await ask_preconditions(member));
    if (checked.refusal == uds::Nrc::busy_repeat_request) co_return fail(faults::busy, member.ecu.str());
    if (checked.refused()) co_return fail(uds::to_error(routine_control, checked.refusal));
    if (checked.positive.size() <= head_bytes)
        co_return fail(faults::strange_answer, member.ecu.str() + ": preconditions");
    CO_TRY(const auto dtcs, co_await confirmed_dtcs(member));
    co_return vehicle::to_bytes(vehicle::EcuReadiness{checked.positive[head_bytes], dtcs});
}

Task<void> fill(Member member, What what, vehicle::Entry& into) {
    for (int attempt = 1;; ++attempt) {
        auto said = co_await ask(member, what);
        if (said) {
            into.said = *std::move(said);
            co_return Result<void>{};
        }
        if (attempt == attempts_max || said.error().remedy() != Remedy::retry) {
            into.missing = {std::string(said.error().code()), std::string(said.error().detail())};
            co_return Result<void>{};
        }
        co_await pause(pause_between_attempts);
    }
}

// The next part, as soon as there is one.
Task<Bytes> part(Member zone, std::uint16_t rid, std::uint32_t offset) {
    const Bytes request =
        routine(rid, {static_cast<std::uint8_t>(offset >> 24), static_cast<std::uint8_t>(offset >> 16),
                      static_cast<std::uint8_t>(offset >> 8), static_cast<std::uint8_t>(offset)});
    for (int waited = 0;; ++waited) {
        CO_TRY(const Bytes answer, co_await zone.link.request(zone.ecu.address(), request));
        if (answer.size() < head_bytes) co_return fail(faults::strange_answer, zone.ecu.str());
        const View said = View(answer).subspan(head_bytes);
        CO_TRY(const vehicle::Part part, vehicle::part_from(said));
        if (part.status == vehicle::PartStatus::there) co_return Bytes(said.begin(), said.end());
        if (part.status != vehicle::PartStatus::collecting || waited == collecting_pauses_max)
            co_return fail(faults::strange_answer, zone.ecu.str() + " does not finish its collection");
        co_await pause(collecting_pause);
    }
}

}  // namespace

Task<Bytes> ask(Member member, What what) {
    return what == What::configuration ? ask_configuration(member) : ask_readiness(member);
}

boost::asio::awaitable<std::vector<vehicle::Entry>> ask_all(std::vector<Member> members, What what) {
    std::vector<vehicle::Entry> outcome;
    outcome.reserve(members.size());
    std::vector<Task<void>> tasks;
    for (const Member& member : members) {
        outcome.push_back({member.ecu});
        tasks.push_back(fill(member, what, outcome.back()));
    }
    co_await all(std::move(tasks));
    co_return outcome;
}

Task<std::vector<vehicle::Entry>> ask_zone(Member zone, What what) {
    const bool configuration = what == What::configuration;
    const Bytes begin = routine(configuration ? uds::rid::start_vci : uds::rid::start_readiness);
    CO_ENSURE((co_await zone.link.request(zone.ecu.address(), begin)).transform([](const Bytes&) {}));
    Bytes whole;
    for (;;) {
        CO_TRY(const Bytes answer, co_await part(zone, configuration ? uds::rid::send_vci : uds::rid::send_readiness,
                                                 static_cast<std::uint32_t>(whole.size())));
        CO_TRY(const vehicle::Part piece, vehicle::part_from(answer));
        whole.insert(whole.end(), piece.bytes.begin(), piece.bytes.end());
        if (whole.size() >= piece.total_bytes) break;
        if (piece.bytes.empty()) co_return fail(faults::strange_answer, zone.ecu.str() + " sends empty parts");
    }
    co_return vehicle::collection_from(whole);
}

}  // namespace pitstop::io::survey
