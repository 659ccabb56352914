#include "core/vehicle/collection.h"

#include "core/vehicle/faults.h"
#include "core/vehicle/limits.h"

#include <algorithm>
#include <set>

namespace pitstop::vehicle {
namespace {

constexpr std::uint8_t format = 1;
constexpr std::uint8_t is_answered = 0, is_missing = 1;
constexpr std::uint16_t no_fault_memory = 0xFFFF;
constexpr std::size_t text_bytes_max = 0xFF;

class Writer {
public:
    Writer& u8(std::size_t value) { return bytes_.push_back(static_cast<std::uint8_t>(value)), *this; }
    Writer& u16(std::size_t value) { return u8(value >> 8 & 0xFF).u8(value & 0xFF); }
    Writer& put(View view) { return bytes_.insert(bytes_.end(), view.begin(), view.end()), *this; }
    Writer& text(std::string_view text) {
        const View shown = view_of(text.substr(0, text_bytes_max));
        return u8(shown.size()).put(shown);
    }
    [[nodiscard]] Bytes take() { return std::move(bytes_); }

private:
    Bytes bytes_;
};

class Reader {
public:
    explicit Reader(View left) : left_(left) {}
    [[nodiscard]] bool at_end() const { return left_.empty(); }
    Result<View> bytes(std::size_t size) {
        if (size > left_.size()) return fail(faults::bad_collection, "it ends early");
        const View taken = left_.first(size);
        left_ = left_.subspan(size);
        return taken;
    }
    template <class T>
    Result<T> number() {
        TRY(const View taken, bytes(sizeof(T)));
        return load_be<T>(taken.data());
    }
    Result<std::string> text() {
        TRY(const auto size, number<std::uint8_t>());
        TRY(const View taken, bytes(size));
        return std::string(text_of(taken));
    }

private:
    View left_;
};

Bytes body_of(const Entry::Missing& missing) { return Writer().text(missing.code).text(missing.detail).take(); }

Result<Entry> entry_from(Reader& reader) {
    TRY(const auto address, reader.number<std::uint16_t>());
    const auto ecu = EcuId::from_address(address);
    if (!ecu) return fail(faults::bad_collection, ecu.error().str());
    TRY(const auto kind, reader.number<std::uint8_t>());
    TRY(const auto size, reader.number<std::uint16_t>());
    TRY(const View body, reader.bytes(size));
    if (kind == is_answered) return Entry{*ecu, Bytes(body.begin(), body.end())};
    if (kind != is_missing) return fail(faults::bad_collection, "an entry is neither an answer nor missing");
    Reader words(body);
    TRY(std::string code, words.text());
    TRY(std::string detail, words.text());
    if (code.size() > identifier_size_max || detail.size() > sentence_size_max || !words.at_end())
        return fail(faults::bad_collection, "why an ECU is missing");
    return Entry{*ecu, {}, Entry::Missing{std::move(code), std::move(detail)}};
}

}  // namespace

Bytes to_bytes(std::span<const Entry> collection) {
    Writer writer;
    writer.u8(format).u8(collection.size());
    for (const Entry& entry : collection) {
        const bool too_long = entry.said.size() > said_size_bytes_max;
        const bool gone = entry.missing || too_long;
        const Bytes body = !gone      ? entry.said
                           : too_long ? body_of({std::string(faults::too_much.code), "what it said is too long"})
                                      : body_of(*entry.missing);
        writer.u16(entry.ecu.address()).u8(gone ? is_missing : is_answered).u16(body.size()).put(body);
    }
    return writer.take();
}

Result<std::vector<Entry>> collection_from(View bytes) {
    Reader reader(bytes);
    TRY(const auto version, reader.number<std::uint8_t>());
    if (version != format) return fail(faults::bad_collection, "another version of the format");
    TRY(const auto count, reader.number<std::uint8_t>());
    std::vector<Entry> collection;
    std::set<EcuId> named;
    for (unsigned i = 0; i < count; ++i) {
        TRY(Entry entry, entry_from(reader));
        if (!named.insert(entry.ecu).second) return fail(faults::bad_collection, entry.ecu.str() + " stands twice");
        collection.push_back(std::move(entry));
    }
    if (!reader.at_end()) return fail(faults::bad_collection, "there is more behind its end");
    return collection;
}

Bytes to_bytes(const Identifiers& identifiers) {
    Writer writer;
    for (const auto& [identifier, data] : identifiers) writer.u16(identifier).u16(data.size()).put(data);
    return writer.take();
}

Result<Identifiers> identifiers_from(View said) {
    Reader reader(said);
    Identifiers identifiers;
    while (!reader.at_end()) {
        TRY(const auto identifier, reader.number<std::uint16_t>());
        TRY(const auto size, reader.number<std::uint16_t>());
        TRY(const View data, reader.bytes(size));
        identifiers.emplace_back(identifier, Bytes(data.begin(), data.end()));
    }
    return identifiers;
}

Bytes to_bytes(const EcuReadiness& readiness) {
    return Writer().u8(readiness.preconditions).u16(readiness.confirmed_dtcs.value_or(no_fault_memory)).take();
}

Result<EcuReadiness> readiness_from(View said) {
    Reader reader(said);
    TRY(const auto preconditions, reader.number<std::uint8_t>());
    TRY(const auto dtcs, reader.number<std::uint16_t>());
    if (!reader.at_end()) return fail(faults::bad_collection, "a readiness has three bytes");
    return EcuReadiness{preconditions, dtcs == no_fault_memory ? std::nullopt : std::optional(dtcs)};
}

Bytes part_of(PartStatus status, View whole, std::uint32_t offset, std::size_t size_bytes_max) {
    const View rest = whole.subspan(std::min<std::size_t>(offset, whole.size()));
    return Writer()
        .u8(static_cast<std::size_t>(status))
        .u16(whole.size() >> 16)
        .u16(whole.size() & 0xFFFF)
        .put(rest.first(std::min(rest.size(), size_bytes_max)))
        .take();
}

Result<Part> part_from(View answer) {
    Reader reader(answer);
    TRY(const auto status, reader.number<std::uint8_t>());
    TRY(const auto total, reader.number<std::uint32_t>());
    if (status > static_cast<std::uint8_t>(PartStatus::never_begun) || total > collection_size_bytes_max)
        return fail(faults::bad_collection, "the head of a part");
    return Part{static_cast<PartStatus>(status), total, answer.subspan(part_head_bytes)};
}

}  // namespace pitstop::vehicle
