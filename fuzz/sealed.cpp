// core/seal: sealed payloads as an ECU receives them, in one piece and in arbitrary cuts.
//
// Input: one byte of wishes (bit 0: make the commitment right, so that the way behind it is reached; bit 1: the input
// is the whole stream; bit 2: continue at a chunk once the header is there), one byte for the size of the cuts, one for
// the chunk to continue at. Then, where it is not the whole stream, the envelopes: their number, and for each one byte
// (0: ours) and one that stands first in its wrapped key (0xFF: does not open); then header and chunks.
//
// The ports stand in for cryptography: any envelope for us holds a key of zeros, and a chunk whose tag ends with 0xFF
// is not authentic. What the tags themselves are worth is told by core/seal/open_test.cpp.
#include "core/crypto/digest.h"
#include "core/seal/open.h"
#include "fuzz/property.h"

#include <string>

using namespace pitstop;
using fuzz::must;

namespace {

constexpr std::size_t chunk_bytes = 8192;  // larger ones are refused
constexpr std::uint8_t bad = 0xFF;
constexpr seal::KeyHint our_hint{};

struct AnyKey final : seal::KeyOpener {
    [[nodiscard]] seal::KeyHint hint() const override { return our_hint; }
    [[nodiscard]] bool open(View info, View header, View wrapped_key, Room content_key) override {
        must(info.size() > 28 && header.size() == seal::header_size_bytes, "what the envelope is bound to is whole");
        must(wrapped_key.size() == seal::wrapped_key_size_bytes && content_key.size() == 32, "and so is the envelope");
        std::ranges::fill(content_key, std::uint8_t{0});
        return wrapped_key.front() != bad;
    }
};

struct AnyChunk final : seal::ChunkOpener {
    [[nodiscard]] bool set_key(View key) override { return key.size() == 32; }
    [[nodiscard]] bool open(const seal::Nonce& nonce, View context, Room sealed) override {
        must(has_ended == 0, "nothing is opened behind the last chunk");
        must(context.size() == 32 && sealed.size() >= seal::tag_size_bytes, "a chunk has its tag");
        has_ended = nonce[11];
        return sealed.back() != bad;
    }
    std::uint8_t has_ended = 0;
};

struct Sink final : ByteSink {
    Result<void> push(View piece) override {
        must(!is_finished && piece.size() <= chunk_bytes, "never more than a chunk at once");
        bytes.insert(bytes.end(), piece.begin(), piece.end());
        return {};
    }
    Result<void> finish() override {
        is_finished = true;
        return {};
    }
    Bytes bytes;
    bool is_finished = false;
};

struct Plan {
    std::size_t cut = SIZE_MAX;
    bool continues = false;
    std::uint32_t chunk = 0;
};

struct Reading {
    Bytes bytes;
    std::string error;
    bool operator==(const Reading&) const = default;
};

Reading read(View stream, std::size_t header_end, const Plan& plan) {
    AnyKey key;
    AnyChunk chunks;
    crypto::Sha256 hasher;
    Bytes room(seal::Unsealer::room_size_bytes(chunk_bytes));
    Sink sink;
    seal::Unsealer unsealer({key, chunks, hasher}, {0x0011, 0x0011, {}}, room, sink);
    const auto push = [&](View part) {
        Result<void> pushed;
        for (; pushed && !part.empty(); part = part.subspan(std::min(plan.cut, part.size())))
            pushed = unsealer.push(part.first(std::min(plan.cut, part.size())));
        return pushed;
    };
    const std::size_t first = std::min(header_end, stream.size());
    Result<void> result = push(stream.first(first));
    must(sink.bytes.empty(), "nothing goes on before the chunks");
    if (result && plan.continues) result = unsealer.continue_at(plan.chunk);
    if (result) result = push(stream.subspan(first));
    const auto end = unsealer.finish();
    must(end.has_value() == sink.is_finished, "the next stage ends when all was good, and only then");
    if (end) must(chunks.has_ended == 1, "there is no good end without the last chunk");
    if (end && !plan.continues)
        must(sink.bytes.size() == unsealer.header()->payload_size_bytes, "a good end leaves nothing out");
    if (!result && result.error().code() != "seal.impossible-options")
        must(!end && !unsealer.push(stream) && end.error().str() == result.error().str(), "the same error comes again");
    return {std::move(sink.bytes), end ? "" : end.error().str()};
}

Bytes with_envelopes(fuzz::Script& script) {
    const std::uint8_t count = script.u8() % 4;
    const seal::EnvelopesHead head = seal::envelopes_head(count);
    Bytes stream(head.begin(), head.end());
    for (std::uint8_t number = 0; number < count; ++number) {
        stream.insert(stream.end(), seal::key_hint_size_bytes, script.u8());
        stream.push_back(script.u8());
        stream.insert(stream.end(), seal::wrapped_key_size_bytes - 1, 0);
    }
    return stream;
}

void commit(Room header) {
    crypto::Sha256 hasher;
    seal::Salt salt;
    std::ranges::copy(header.subspan(24, 32), salt.begin());
    const auto commitment = seal::commitment_to(hasher, Bytes(32), salt, header.first(seal::committed_size_bytes));
    std::ranges::copy(commitment, header.last(32).begin());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Script script({data, size});
    const std::uint8_t wishes = script.u8();
    Plan plan{.cut = std::size_t{1} + script.u8(), .continues = (wishes & 4) != 0, .chunk = script.u8()};
    Bytes stream = (wishes & 2) != 0 ? Bytes() : with_envelopes(script);
    const View rest = script.rest();
    stream.insert(stream.end(), rest.begin(), rest.end());

    std::size_t header_end = SIZE_MAX;
    if (stream.size() >= seal::envelopes_head_size_bytes)
        if (const auto count = seal::recipients_in(View(stream).first(seal::envelopes_head_size_bytes)))
            header_end = seal::envelopes_size_bytes(*count) + seal::header_size_bytes;
    if ((wishes & 1) != 0 && header_end <= stream.size())
        commit(Room(stream).subspan(header_end - seal::header_size_bytes, seal::header_size_bytes));
    const Reading cut_up = read(stream, header_end, plan);
    plan.cut = SIZE_MAX;
    must(read(stream, header_end, plan) == cut_up, "cuts change nothing");
    return 0;
}
