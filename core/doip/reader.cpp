#include "core/doip/reader.h"

#include <algorithm>
#include <cstring>

namespace pitstop::doip {

Reader::Reader(Room storage, Listener listener, std::uint32_t payload_bytes_max)
    : storage_(storage),
      limits_{listener, payload_bytes_max, storage.size()} {}

Room Reader::prepare() {
    if (begin_ == end_ || broken_) begin_ = end_ = 0;
    // Moved to the front only when what has begun would not fit behind itself: a block that streams in is not copied.
    std::size_t wanted_bytes = header_size_bytes;
    if (waiting_bytes() >= header_size_bytes) wanted_bytes += load_be<std::uint32_t>(&storage_[begin_ + 4]);
    if (begin_ > 0 && storage_.size() - begin_ < wanted_bytes) {
        std::memmove(storage_.data(), &storage_[begin_], waiting_bytes());
        end_ = waiting_bytes();
        begin_ = 0;
    }
    return storage_.subspan(end_);
}

void Reader::commit(std::size_t size_bytes) { end_ += std::min(size_bytes, storage_.size() - end_); }

void Reader::skip() {
    const auto skipped = static_cast<std::uint32_t>(std::min<std::size_t>(skip_bytes_, waiting_bytes()));
    begin_ += skipped;
    skip_bytes_ -= skipped;
}

std::optional<Item> Reader::next() {
    if (broken_) return std::nullopt;
    skip();
    if (skip_bytes_ > 0 || waiting_bytes() < header_size_bytes) return std::nullopt;
    const auto header =
        decode(std::span<const std::uint8_t, header_size_bytes>(&storage_[begin_], header_size_bytes), limits_);
    if (!header) {
        const RefusedHeader& refused = header.error();
        const Rejected rejected{refused.code, storage_[begin_], refused.ends_connection()};
        broken_ = rejected.ends_connection;
        begin_ += header_size_bytes;
        skip_bytes_ = refused.size_bytes;
        return rejected;
    }
    if (waiting_bytes() < header_size_bytes + header->size_bytes) return std::nullopt;
    const Message message{header->version, header->type,
                          storage_.subspan(begin_ + header_size_bytes, header->size_bytes)};
    begin_ += header_size_bytes + header->size_bytes;
    return message;
}

}  // namespace pitstop::doip
