#include "apps/gateway/diagnostics_memory.h"

#include "apps/gateway/faults.h"
#include "core/wire/envelope.h"
#include "io/files/atomic_file.h"
#include "io/log/log.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <format>
#include <random>

namespace pitstop::gateway {
namespace {

namespace fs = std::filesystem;
namespace log = io::log;

// Random, because a server remembers the ids that it has seen: a number that starts anew would be taken for a
// repetition.
wire::MessageId new_message_id() {
    std::random_device chance;
    std::array<std::uint8_t, 16> bytes{};
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(chance());
    return wire::MessageId::from_bytes(bytes);
}

update::Outgoing outgoing(const wire::Envelope& envelope, UtcTime sent_at) {
    return {.id = envelope.id,
            .topic = envelope.topic(),
            .text = std::string(text_of(wire::to_bytes(envelope))),
            .qos = wire::find_row(envelope.type(), envelope.source)->qos,
            .replaces = {},
            .sent_at = sent_at};
}

std::optional<std::uint64_t> number_of(const fs::path& file) {
    if (file.extension() != ".json") return std::nullopt;
    const std::string stem = file.stem().string();
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(stem.data(), stem.data() + stem.size(), number);
    if (problem != std::errc() || end != stem.data() + stem.size()) return std::nullopt;
    return number;
}

}  // namespace

Result<DiagnosticMemory> DiagnosticMemory::open(fs::path folder, Vin vin) {
    std::error_code problem;
    fs::create_directories(folder / "reports", problem);
    if (problem) return fail(faults::cannot_store, std::format("{}: {}", folder.string(), problem.message()));
    DiagnosticMemory memory(std::move(folder), vin);
    ENSURE(memory.load());
    return memory;
}

Result<void> DiagnosticMemory::load() {
    TRY(const auto saved, io::files::read_if_there(folder_ / "jobs.json", diagnosis::ledger_bytes_max));
    if (saved) {
        TRY(const json::Value document, json::parse(*saved, diagnosis::ledger_bytes_max));
        TRY(const json::Object* object, json::as_object(document, "jobs.json"));
        TRY(ledger_, diagnosis::ledger_from_json(*object));
    }
    std::vector<std::uint64_t> numbers;
    std::error_code problem;
    for (fs::directory_iterator at(folder_ / "reports", problem), end; !problem && at != end; at.increment(problem))
        if (const auto number = number_of(at->path())) numbers.push_back(*number);
    if (problem) return fail(faults::cannot_store, std::format("{}: {}", folder_.string(), problem.message()));
    std::ranges::sort(numbers);
    const std::string topic = wire::topic_for(vin_, wire::MessageType::diagnostic_response, wire::Entity::vehicle);
    for (const std::uint64_t number : numbers) {
        TRY(const Bytes file, io::files::read_file(file_of(number), wire::message_size_bytes_max));
        TRY(const wire::Envelope envelope, wire::from_bytes(file, topic));
        unsent_.push_back({number, outgoing(envelope, {})});
        next_number_ = number + 1;
    }
    return {};
}

fs::path DiagnosticMemory::file_of(std::uint64_t number) const {
    return folder_ / "reports" / std::format("{}.json", number);
}

Result<void> DiagnosticMemory::keep(diagnosis::Ledger next) {
    const std::string text = boost::json::serialize(diagnosis::to_json(next));
    ENSURE(io::files::write_atomically(folder_ / "jobs.json", view_of(text), io::files::FileMode::private_));
    ledger_ = std::move(next);
    return {};
}

Result<update::Outgoing> DiagnosticMemory::put(const diagnosis::Report& report, UtcTime now) {
    if (unsent_.size() >= reports_max) {
        log::warning("diagnostics: {} reports are not acknowledged, the oldest gives way", unsent_.size());
        forget(unsent_.front().number);
        unsent_.pop_front();
    }
    const wire::Envelope envelope{new_message_id(),      std::nullopt, now,
                                  wire::Entity::vehicle, vin_,         wire::DiagnosticResponse{to_json(report)}};
    Unsent one{next_number_, outgoing(envelope, now)};
    ENSURE(io::files::write_atomically(file_of(one.number), view_of(one.message.text), io::files::FileMode::private_));
    ++next_number_;
    unsent_.push_back(one);
    return one.message;
}

void DiagnosticMemory::acknowledge(const wire::MessageId& id) {
    const auto found = std::ranges::find_if(unsent_, [&](const Unsent& one) { return one.message.id == id; });
    if (found == unsent_.end()) return;
    forget(found->number);
    unsent_.erase(found);
}

// One that comes back after a crash is said once more, which has no effect.
void DiagnosticMemory::forget(std::uint64_t number) const {
    std::error_code problem;
    fs::remove(file_of(number), problem);
    if (problem) log::warning("{}: {}", file_of(number).string(), problem.message());
}

std::vector<update::Outgoing> DiagnosticMemory::take_unsent_since(UtcTime before, UtcTime now) {
    std::vector<update::Outgoing> due;
    for (Unsent& one : unsent_) {
        if (one.message.sent_at > before) continue;
        one.message.sent_at = now;
        due.push_back(one.message);
    }
    return due;
}

}  // namespace pitstop::gateway
