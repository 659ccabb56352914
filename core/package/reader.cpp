#include "core/package/reader.h"

#include "core/package/faults.h"

#include <algorithm>

namespace pitstop::package {

Result<void> Reader::push(View bytes) {
    if (failed_) return fail(*failed_);
    while (!bytes.empty()) {
        if (auto taken = take(bytes); !taken) {
            failed_ = taken.error();
            return taken;
        }
    }
    return {};
}

Result<void> Reader::finish() {
    if (failed_) return fail(*failed_);
    if (current_) return fail(faults::truncated, "inside a payload");
    if (header_filled_ != 0) return fail(faults::truncated, "inside a header");
    if (resume_.records == 0) return fail(faults::no_records);
    return {};
}

Result<void> Reader::take(View& bytes) { return current_ ? take_payload(bytes) : take_header(bytes); }

Result<void> Reader::take_header(View& bytes) {
    if (resume_.records == limits_.records_max) return fail(faults::too_many_records);
    const std::size_t size = std::min(bytes.size(), header_size_bytes - header_filled_);
    std::copy_n(bytes.begin(), size, header_bytes_.begin() + static_cast<std::ptrdiff_t>(header_filled_));
    header_filled_ += size;
    position_ += size;
    bytes = bytes.subspan(size);
    return header_filled_ == header_size_bytes ? begin_record() : Result<void>{};
}

Result<void> Reader::begin_record() {
    TRY(const Header header, decode(header_bytes_));
    if (header.payload_size_bytes > limits_.payload_size_bytes_max) return fail(faults::record_too_large, "as stored");
    if (header.uncompressed_size_bytes > limits_.payload_size_bytes_max)
        return fail(faults::record_too_large, "after opening");
    if (resume_.last_sequence_number && header.sequence_number <= *resume_.last_sequence_number)
        return fail(faults::wrong_order);
    header_filled_ = 0;
    payload_left_bytes_ = header.payload_size_bytes;
    crc_ = {};
    current_ = header;
    return sink_.on_header(header);
}

Result<void> Reader::take_payload(View& bytes) {
    const std::size_t size = std::min<std::size_t>(bytes.size(), payload_left_bytes_);
    const View piece = bytes.first(size);
    crc_.update(piece);
    payload_left_bytes_ -= static_cast<std::uint32_t>(size);
    position_ += size;
    bytes = bytes.subspan(size);
    ENSURE(sink_.on_payload(piece));
    return payload_left_bytes_ == 0 ? end_record() : Result<void>{};
}

Result<void> Reader::end_record() {
    if (crc_.value() != current_->crc32) return fail(faults::wrong_crc);
    resume_ = {position_, resume_.records + 1, current_->sequence_number};
    current_.reset();
    return sink_.on_end();
}

}  // namespace pitstop::package
