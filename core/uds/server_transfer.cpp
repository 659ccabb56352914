// RequestDownload, TransferData and RequestTransferExit of uds::Server: the upload and download functional unit of
// ISO 14229-1:2020.
#include "core/uds/server.h"

#include <limits>

namespace pitstop::uds {

namespace {

constexpr Nrc accepted = Nrc::positive_response;
constexpr Nrc wrong_length = Nrc::incorrect_message_length_or_invalid_format;
constexpr std::size_t number_bytes_max = 8;        // an address or size longer than 64 bits means nothing to anyone
constexpr std::uint32_t block_overhead_bytes = 2;  // service and counter

std::uint64_t load_number(View bytes) {
    std::uint64_t number = 0;
    for (const std::uint8_t byte : bytes) number = (number << 8) | byte;
    return number;
}

}  // namespace

Outcome Server::request_download(View request) {
    if (request.size() < 3) return wrong_length;
    const std::size_t address_bytes = request[2] & 0x0F, size_bytes = request[2] >> 4;
    const auto is_possible = [](std::size_t length) { return length >= 1 && length <= number_bytes_max; };
    if (!is_possible(address_bytes) || !is_possible(size_bytes)) return Nrc::request_out_of_range;
    if (request.size() != 3 + address_bytes + size_bytes) return wrong_length;
    if (transfer_) return Nrc::conditions_not_correct;

    Download download;
    download.compression = request[1] >> 4;
    download.encryption = request[1] & 0x0F;
    download.address = load_number(request.subspan(3, address_bytes));
    download.size_bytes = load_number(request.subspan(3 + address_bytes));
    if (download.size_bytes == 0) return Nrc::request_out_of_range;
    if (download.address > std::numeric_limits<std::uint64_t>::max() - download.size_bytes)
        return Nrc::request_out_of_range;

    const auto block_size_max = application_.request_download(download);
    if (!block_size_max) return block_size_max.error();
    if (*block_size_max <= block_overhead_bytes) return Nrc::upload_download_not_accepted;
    transfer_ = Transfer{
        .bytes_max = download.transfer_bytes_max(), .is_plain = download.is_plain(), .block_size_max = *block_size_max};
    reply_.put_u8(0x40);  // lengthFormatIdentifier: four bytes follow
    reply_.put_u32(*block_size_max);
    return accepted;
}

// A repeat of the last block means that our answer got lost: it is confirmed, not written twice (ISO 14229-1, service
// 0x36).
Outcome Server::transfer_data(View request) {
    if (request.size() <= block_overhead_bytes) return wrong_length;
    if (!transfer_) return Nrc::request_sequence_error;
    if (request.size() > transfer_->block_size_max) return wrong_length;
    const std::uint8_t counter = request[1];
    const auto last_counter = static_cast<std::uint8_t>(transfer_->next_counter - 1);
    transfer_->coming_bytes = 0;
    reply_.put_u8(counter);
    if (transfer_->received_bytes > 0 && counter == last_counter) return accepted;
    const std::uint64_t missing_bytes = transfer_->bytes_max - transfer_->received_bytes;
    if (missing_bytes == 0) return Nrc::request_sequence_error;
    if (counter != transfer_->next_counter) return Nrc::wrong_block_sequence_counter;
    const View data = request.subspan(block_overhead_bytes);
    if (data.size() > missing_bytes) return Nrc::transfer_data_suspended;
    transfer_->coming_bytes = static_cast<std::uint32_t>(data.size());
    return application_.transfer_data(data);
}

Outcome Server::transfer_exit(View request) {
    if (!transfer_ || !transfer_->may_end()) return Nrc::request_sequence_error;
    return application_.transfer_exit(request.subspan(1), reply_);
}

// A block counts only when the application has it: after a refusal the tester may send the same block again.
// A refused exit ends the download all the same once it was asked of the application: only a new one can mend it.
void Server::conclude_transfer(Nrc nrc) {
    if (!transfer_) return;
    if (service_ == static_cast<std::uint8_t>(Service::transfer_data) && nrc == accepted &&
        transfer_->coming_bytes > 0) {
        transfer_->received_bytes += transfer_->coming_bytes;
        transfer_->coming_bytes = 0;
        ++transfer_->next_counter;
    }
    const bool may_end = transfer_->may_end();
    if (service_ == static_cast<std::uint8_t>(Service::request_transfer_exit) && may_end) transfer_.reset();
}

}  // namespace pitstop::uds
