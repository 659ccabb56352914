// core/package: the stream of SWPG records, in one piece and in arbitrary cuts.
//
// Input: one byte of wishes (bit 0: make every CRC right, so that the way behind it is reached; bits 1-2: what the sink
// refuses), one byte for the size of the cuts, then the stream.
#include "core/package/crc32.h"
#include "core/package/reader.h"
#include "fuzz/property.h"

#include <string>

using namespace pitstop;
using fuzz::must;

namespace {

constexpr package::ReaderLimits limits{.records_max = 4, .payload_size_bytes_max = 2048};
constexpr std::size_t crc_at = 28, payload_size_at = 8;

constexpr Fault sink_full{"fuzz.sink-full", Remedy::stop, "The sink of this harness refuses.", "It was asked to."};

// What a sink saw, and when it had to hold.
class Sink final : public package::RecordSink {
public:
    explicit Sink(unsigned refuses_at) : refuses_at_(refuses_at) {}

    Result<void> on_header(const package::Header& header) override {
        must(!inside_, "a record ends before the next begins");
        must(header.payload_size_bytes <= limits.payload_size_bytes_max, "no record is larger than its reader takes");
        inside_ = true;
        left_ = header.payload_size_bytes;
        const auto bytes = fuzz::must_have(package::encode(header), "an accepted header can be written");
        must(package::decode(bytes) == header, "and read again");
        seen.insert(seen.end(), bytes.begin(), bytes.end());
        return verdict(1);
    }
    Result<void> on_payload(View piece) override {
        must(inside_ && !piece.empty() && piece.size() <= left_, "never more payload than announced");
        left_ -= piece.size();
        seen.insert(seen.end(), piece.begin(), piece.end());
        return {};
    }
    Result<void> on_end() override {
        must(inside_ && left_ == 0, "a record ends when all of it has come");
        inside_ = false;
        ++ended;
        return verdict(2);
    }

    Bytes seen;  // every accepted byte: the stream itself
    std::uint32_t ended = 0;

private:
    Result<void> verdict(unsigned event) const { return event == refuses_at_ ? fail(sink_full) : Result<void>{}; }

    unsigned refuses_at_;
    std::size_t left_ = 0;
    bool inside_ = false;
};

struct Reading {
    Bytes seen;
    std::uint32_t records = 0;
    std::string error;
    bool operator==(const Reading&) const = default;
};

Reading read(View stream, std::size_t cut, unsigned refuses_at) {
    Sink sink(refuses_at);
    package::Reader reader(sink, limits);
    Result<void> result;
    for (View left = stream; result && !left.empty(); left = left.subspan(std::min(cut, left.size())))
        result = reader.push(left.first(std::min(cut, left.size())));
    const auto end = reader.finish();
    if (!result) must(!end && end.error().str() == result.error().str(), "after an error the same error comes again");
    if (!result) must(!reader.push(stream), "and nothing is taken any more");
    must(reader.records() <= limits.records_max && reader.position_bytes() <= stream.size(), "no more than there was");
    must(std::ranges::equal(sink.seen, stream.first(sink.seen.size())), "the sink gets what was pushed");
    if (end)
        must(sink.ended == reader.records() && sink.seen.size() == stream.size(), "a good end leaves nothing over");
    return {std::move(sink.seen), reader.records(), end ? "" : end.error().str()};
}

// Broken off anywhere and taken up at the last record's end, the stream means the same.
void resume(View stream, std::size_t cut) {
    Sink before(0), after(0);
    package::Reader broken_off(before, limits);
    const bool began_well = broken_off.push(stream.first(std::min(cut, stream.size()))).has_value();
    const package::ResumePoint from = broken_off.resume_point();
    must(from.position_bytes <= stream.size() && from.records == before.ended, "only complete records are behind it");
    package::Reader resumed(after, limits, from);
    const auto pushed = resumed.push(stream.subspan(from.position_bytes));
    const Reading whole = read(stream, SIZE_MAX, 0);
    if (began_well) {
        const auto end = pushed ? resumed.finish() : pushed;
        must((end ? "" : end.error().str()) == whole.error && resumed.records() == whole.records,
             "it ends as the whole");
    } else {
        must(!pushed, "what was wrong stays wrong");
    }
}

void mend_crcs(Bytes& stream) {
    std::size_t at = 0;
    while (stream.size() - at > package::header_size_bytes) {
        const auto size = load_le<std::uint32_t>(&stream[at + payload_size_at]);
        const std::size_t payload = at + package::header_size_bytes;
        if (size > stream.size() - payload) return;
        store_le(&stream[at + crc_at], package::crc32(View(stream).subspan(payload, size)));
        at = payload + size;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Script script({data, size});
    const std::uint8_t wishes = script.u8();
    const std::size_t cut = std::size_t{1} + script.u8();
    const View rest = script.rest();
    Bytes stream(rest.begin(), rest.end());
    if ((wishes & 1) != 0) mend_crcs(stream);
    const unsigned refuses_at = (wishes >> 1) % 3;
    const Reading whole = read(stream, SIZE_MAX, refuses_at), cut_up = read(stream, cut, refuses_at);
    must(whole.records == cut_up.records && whole.error == cut_up.error, "cuts change nothing");
    resume(stream, cut);
    return 0;
}
