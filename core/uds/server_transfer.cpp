// The upload and download functional unit of ISO 14229-1:2020 in uds::Server: RequestDownload, RequestUpload,
// RequestFileTransfer, TransferData, RequestTransferExit.
#include "core/uds/server.h"

#include <algorithm>

namespace pitstop::uds {

namespace {

constexpr Nrc accepted = Nrc::positive_response;
constexpr Nrc wrong_length = Nrc::incorrect_message_length_or_invalid_format;
constexpr std::uint32_t block_overhead_bytes = 2;  // service and counter
constexpr std::uint8_t four_bytes_follow = 0x40;   // lengthFormatIdentifier of 34 and 35

}  // namespace

Outcome Server::request_download(View request) {
    const auto wanted = parse_memory_range(request.subspan(2), Behind::nothing);
    if (!wanted) return wanted.error();
    if (transfer_) return Nrc::conditions_not_correct;

    const Download download{.compression = static_cast<std::uint8_t>(request[1] >> 4),
                            .encryption = static_cast<std::uint8_t>(request[1] & 0x0F),
                            .address = wanted->range.address,
                            .size_bytes = wanted->range.size_bytes};
    const auto block_size_max = application_.request_download(download);
    if (!block_size_max) return block_size_max.error();
    if (*block_size_max <= block_overhead_bytes) return Nrc::upload_download_not_accepted;
    transfer_ = Transfer{
        .bytes_max = download.transfer_bytes_max(), .is_exact = download.is_plain(), .block_size_max = *block_size_max};
    reply_.put_u8(four_bytes_follow);
    reply_.put_u32(*block_size_max);
    return accepted;
}

Outcome Server::request_upload(View request) {
    const auto wanted = parse_memory_range(request.subspan(2), Behind::nothing);
    if (!wanted) return wanted.error();
    if (transfer_) return Nrc::conditions_not_correct;
    const auto size_bytes = extensions_.readout->open_memory(wanted->range, request[1]);
    if (!size_bytes) return size_bytes.error();
    begin_upload(*size_bytes);
    reply_.put_u8(four_bytes_follow);
    reply_.put_u32(transfer_->block_size_max);
    return accepted;
}

void Server::begin_upload(std::uint64_t size_bytes) {
    const std::size_t block_bytes = std::min<std::size_t>(storage_.size(), extensions_.readout->block_size_bytes_max());
    transfer_ = Transfer{.direction = Direction::upload,
                         .bytes_max = size_bytes,
                         .block_size_max = static_cast<std::uint32_t>(block_bytes)};
}

// Files are read and deleted; nothing is stored (annex G: modeOfOperation, the name with its length, then what the mode
// needs).
Outcome Server::request_file_transfer(View request) {
    const auto operation = static_cast<FileOperation>(request[1]);
    if (operation != FileOperation::read_file && operation != FileOperation::delete_file)
        return Nrc::request_out_of_range;
    const auto name_bytes = load_be<std::uint16_t>(&request[2]);
    const View rest = request.subspan(4);
    const std::size_t parameter_bytes = operation == FileOperation::read_file ? 1 : 0;
    if (name_bytes == 0 || rest.size() != name_bytes + parameter_bytes) return wrong_length;
    const auto name = text_of(rest.first(name_bytes));
    reply_.put_u8(request[1]);
    return operation == FileOperation::read_file ? read_file(name, rest.subspan(name_bytes)) : delete_file(name);
}

Outcome Server::delete_file(std::string_view name) {
    if (transfer_) return Nrc::conditions_not_correct;  // it may be the one that is being read
    return extensions_.readout->delete_file(name);
}

Outcome Server::read_file(std::string_view name, View parameters) {
    const std::uint8_t data_format = parameters[0];
    if (data_format != 0) return Nrc::request_out_of_range;
    if (transfer_) return Nrc::conditions_not_correct;
    const auto size_bytes = extensions_.readout->open_file(name);
    if (!size_bytes) return size_bytes.error();
    begin_upload(*size_bytes);
    reply_.put_u8(sizeof(std::uint32_t));  // here the identifier is the plain length
    reply_.put_u32(transfer_->block_size_max);
    reply_.put_u8(data_format);
    reply_.put_u16(sizeof(std::uint32_t));
    reply_.put_u32(static_cast<std::uint32_t>(*size_bytes));  // uncompressed
    reply_.put_u32(static_cast<std::uint32_t>(*size_bytes));  // compressed
    return accepted;
}

Outcome Server::transfer_data(View request) {
    if (!transfer_) return Nrc::request_sequence_error;
    return transfer_->direction == Direction::download ? take_block(request) : give_block(request);
}

// A repeat of the last block means that our answer got lost: it is confirmed, not written twice (ISO 14229-1, service
// 0x36).
Outcome Server::take_block(View request) {
    if (request.size() <= block_overhead_bytes || request.size() > transfer_->block_size_max) return wrong_length;
    const std::uint8_t counter = request[1];
    transfer_->current_bytes = 0;
    reply_.put_u8(counter);
    if (transfer_->repeats_last(counter)) return accepted;
    const std::uint64_t missing_bytes = transfer_->bytes_max - transfer_->done_bytes;
    if (missing_bytes == 0) return Nrc::request_sequence_error;
    if (counter != transfer_->next_counter) return Nrc::wrong_block_sequence_counter;
    const View data = request.subspan(block_overhead_bytes);
    if (data.size() > missing_bytes) return Nrc::transfer_data_suspended;
    transfer_->current_bytes = static_cast<std::uint32_t>(data.size());
    return application_.transfer_data(data);
}

// The same piece again when its answer got lost.
Outcome Server::give_block(View request) {
    if (request.size() != block_overhead_bytes) return wrong_length;
    const std::uint8_t counter = request[1];
    reply_.put_u8(counter);
    if (transfer_->repeats_last(counter)) {
        const Room again = reply_.extend(transfer_->current_bytes);
        return extensions_.readout->read(transfer_->done_bytes - again.size(), again);
    }
    const std::uint64_t left_bytes = transfer_->bytes_max - transfer_->done_bytes;
    if (left_bytes == 0) return Nrc::request_sequence_error;
    if (counter != transfer_->next_counter) return Nrc::wrong_block_sequence_counter;
    const std::uint64_t block_bytes = transfer_->block_size_max - block_overhead_bytes;
    const Room piece = reply_.extend(static_cast<std::size_t>(std::min(left_bytes, block_bytes)));
    const Nrc nrc = extensions_.readout->read(transfer_->done_bytes, piece);
    if (nrc != accepted) return nrc;
    transfer_->current_bytes = static_cast<std::uint32_t>(piece.size());
    transfer_->done_bytes += piece.size();
    ++transfer_->next_counter;
    return accepted;
}

Outcome Server::transfer_exit(View request) {
    if (!transfer_ || !transfer_->may_end()) return Nrc::request_sequence_error;
    const View parameters = request.subspan(1);
    if (transfer_->direction == Direction::download) return application_.transfer_exit(parameters, reply_);
    return parameters.empty() ? accepted : wrong_length;
}

// A block counts only when the application has it: after a refusal the tester may send the same block again.
// A refused exit ends the download all the same once it was asked of the application: only a new one can mend it. One
// of the wrong length changes nothing.
void Server::conclude_transfer(Nrc nrc) {
    if (!transfer_) return;
    const auto service = static_cast<Service>(service_);
    if (service == Service::transfer_data && transfer_->direction == Direction::download && nrc == accepted &&
        transfer_->current_bytes > 0) {
        transfer_->done_bytes += transfer_->current_bytes;
        transfer_->current_bytes = 0;
        ++transfer_->next_counter;
    }
    if (service == Service::request_transfer_exit && transfer_->may_end() && nrc != wrong_length) transfer_.reset();
}

}  // namespace pitstop::uds
