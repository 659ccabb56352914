// core/doip: the TCP stream, in one piece and in arbitrary cuts. Input: who listens, how large the storage is and how
// large the cuts are (one byte each), then the stream.
#include "core/doip/reader.h"
#include "fuzz/property.h"

#include <format>
#include <string>
#include <variant>
#include <vector>

using namespace pitstop;
using fuzz::must;

namespace {

constexpr std::size_t storage_size_min = 49;  // a header and the longest fixed message
constexpr std::uint32_t payload_bytes_max = 600;

std::string describe(const doip::Item& item, std::size_t storage_size) {
    if (const auto* rejected = std::get_if<doip::Rejected>(&item))
        return std::format("rejected {} v{} {}", static_cast<int>(rejected->code), rejected->version,
                           rejected->ends_connection);
    const auto& message = std::get<doip::Message>(item);
    must(message.payload.size() <= payload_bytes_max, "no message above what this side takes");
    must(message.payload.size() + doip::header_size_bytes <= storage_size, "nor above the room it was lent");
    must(message.version == doip::version_2012 || message.version == doip::version_2019 ||
             message.version == doip::version_any,
         "a version that exists");
    return std::format("{:04x} v{} {}", static_cast<int>(message.type), message.version, to_hex(message.payload));
}

std::vector<std::string> read(View stream, doip::Listener listener, std::size_t storage_size, std::size_t cut) {
    Bytes storage(storage_size);
    doip::Reader reader(storage, listener, payload_bytes_max);
    std::vector<std::string> items;
    bool ended = false;
    while (!stream.empty()) {
        const Room room = reader.prepare();
        must(!room.empty(), "there is always room for the next byte");
        const std::size_t size = std::min({room.size(), cut, stream.size()});
        std::ranges::copy(stream.first(size), room.begin());
        reader.commit(size);
        stream = stream.subspan(size);
        while (const auto item = reader.next()) {
            must(!ended, "after the end of the connection nothing is said");
            if (const auto* rejected = std::get_if<doip::Rejected>(&*item)) ended = rejected->ends_connection;
            items.push_back(describe(*item, storage_size));
        }
    }
    return items;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Script script({data, size});
    const auto listener = static_cast<doip::Listener>(script.u8() % 4);
    const std::size_t storage_size = storage_size_min + std::size_t{script.u8()} * 4;
    const std::size_t cut = std::size_t{1} + script.u8();
    const View stream = script.rest();
    const auto whole = read(stream, listener, storage_size, SIZE_MAX);
    must(whole.size() <= stream.size() / doip::header_size_bytes, "every item has a header");
    must(read(stream, listener, storage_size, cut) == whole, "cuts change nothing");
    return 0;
}
