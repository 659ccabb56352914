// What the harnesses of both readers of core/compress promise.
//
// Input: one byte for the size of the cuts, one for how much may come out (in 64 bytes), then the compressed stream,
// which is also taken as an image and must survive the way there and back.
#pragma once

#include "core/compress/readers.h"
#include "fuzz/property.h"

#include <string>

namespace pitstop::fuzz {

class Opened final : public ByteSink {
public:
    Result<void> push(View piece) override {
        must(!piece.empty() && piece.size() <= compress::output_piece_bytes, "no piece is larger than said");
        must(!finished, "nothing comes after the end");
        bytes.insert(bytes.end(), piece.begin(), piece.end());
        return {};
    }
    Result<void> finish() override {
        must(!finished, "there is one end");
        finished = true;
        return {};
    }
    Bytes bytes;
    bool finished = false;
};

struct Opening {
    Bytes bytes;
    std::string error;
};

template <class Reader>
Opening open_in_cuts(View stream, Room workspace, compress::OutputLimit limit, std::size_t cut) {
    Opened opened;
    Reader reader(workspace, limit, opened);
    Result<void> result;
    for (View left = stream; result && !left.empty(); left = left.subspan(std::min(cut, left.size())))
        result = reader.push(left.first(std::min(cut, left.size())));
    const auto end = reader.finish();
    if (!result) must(!end && end.error().str() == result.error().str(), "after an error the same error comes again");
    must(opened.bytes.size() <= limit.output_bytes_max, "a bomb ends where it was said");
    must(opened.finished == end.has_value(), "the end is passed on when it is a good one");
    return {std::move(opened.bytes), end ? "" : end.error().str()};
}

template <class Reader, class Compress>
void check_reader(View input, std::size_t workspace_bytes, std::uint32_t window_bytes, const Compress& compress) {
    Script script(input);
    const std::size_t cut = std::size_t{1} + script.u8();
    const std::uint64_t output_bytes_max = std::uint64_t{64} * script.u8();
    const View stream = script.rest();
    Bytes workspace(workspace_bytes);
    const compress::OutputLimit limit{output_bytes_max, window_bytes};
    const Opening whole = open_in_cuts<Reader>(stream, workspace, limit, SIZE_MAX);
    const Opening cut_up = open_in_cuts<Reader>(stream, workspace, limit, cut);
    must(whole.error.empty() == cut_up.error.empty(), "cuts change no verdict");
    if (whole.error.empty()) must(whole.bytes == cut_up.bytes, "and no byte");

    const Bytes small = must_have(compress(stream), "every image can be compressed");
    const Opening back = open_in_cuts<Reader>(small, workspace, {stream.size(), window_bytes}, cut);
    must(back.error.empty() && std::ranges::equal(back.bytes, stream), "and comes back as it was");
}

}  // namespace pitstop::fuzz
