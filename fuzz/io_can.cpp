// io/can: the stream between a node and the user-space bus. Input: a hello, then records.
#include "fuzz/property.h"
#include "io/can/stream_format.h"

using namespace pitstop;
using namespace pitstop::io::can;
using fuzz::must;

namespace {

void check(const RecordRead& read, View stream) {
    must(read.size_bytes >= record_head_size_bytes && read.size_bytes <= record_size_bytes_max, "a record has bounds");
    must(read.size_bytes <= stream.size(), "and takes no more than is there");
    Bytes written;
    if (const auto* frame = std::get_if<TimedFrame>(&read.record)) {
        must(isotp::check(frame->frame).has_value(), "only frames that a controller could send");
        append(written, *frame);
    } else {
        append(written, std::get<Confirmation>(read.record));
    }
    must(std::ranges::equal(written, stream.first(read.size_bytes)), "a record has one form");
    must(read_record(stream.first(read.size_bytes - 1)) && !*read_record(stream.first(read.size_bytes - 1)),
         "and is not complete without its last byte");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    View stream(data, size);
    const View hello = stream.first(std::min(size, hello_size_bytes));
    if (const auto depth = read_hello(hello))
        must(std::ranges::equal(write_hello(*depth), hello), "a hello has one form");
    stream = stream.subspan(hello.size());
    for (;;) {
        const auto read = read_record(stream);
        fuzz::must_repeat(read, read_record(stream));
        if (!read || !*read) return 0;
        check(**read, stream);
        stream = stream.subspan((*read)->size_bytes);
    }
}
