#include "core/package/closed_payload.h"

#include "core/delta/header.h"
#include "core/package/faults.h"
#include "core/seal/format.h"

#include <algorithm>
#include <format>
#include <utility>

namespace pitstop::package {

ClosedPayloadCheck::ClosedPayloadCheck(const RecordEntry& record, const CampaignId& campaign)
    : record_(record),
      campaign_(campaign),
      stage_(record.form.sealing == Sealing::none ? Stage::delta_header : Stage::envelopes_head),
      wanted_bytes_(stage_ == Stage::delta_header ? delta::header_size_bytes : seal::envelopes_head_size_bytes) {}

Result<void> ClosedPayloadCheck::push(View piece) {
    while (!piece.empty() && stage_ != Stage::rest) {
        const std::size_t size = std::min(piece.size(), wanted_bytes_);
        // Of the envelopes nothing can be said.
        if (stage_ != Stage::envelopes) collected_.insert(collected_.end(), piece.begin(), piece.begin() + size);
        wanted_bytes_ -= size;
        piece = piece.subspan(size);
        if (wanted_bytes_ == 0) ENSURE(judge());
    }
    return {};
}

Result<void> ClosedPayloadCheck::finish() {
    return stage_ == Stage::rest ? Result<void>{} : differs("its payload is too short for its form");
}

Result<void> ClosedPayloadCheck::judge() {
    const Stage stage = std::exchange(stage_, Stage::rest);
    switch (stage) {
        case Stage::delta_header: return judge_delta();
        case Stage::envelopes_head: return judge_envelopes();
        case Stage::envelopes:
            stage_ = Stage::seal_header;
            wanted_bytes_ = seal::header_size_bytes;
            return {};
        case Stage::seal_header: return judge_seal();
        case Stage::rest: break;
    }
    return {};
}

Result<void> ClosedPayloadCheck::judge_delta() const {
    TRY(const delta::Header header, delta::decode_header(collected_));
    if (header.new_size_bytes != record_.image_size_bytes) return differs("its delta makes another number of bytes");
    if (header.delta_size_bytes != record_.payload_size_bytes) return differs("its delta has another size");
    return {};
}

Result<void> ClosedPayloadCheck::judge_envelopes() {
    TRY(const std::uint16_t recipients, seal::recipients_in(collected_));
    if (recipients == 0) return differs("it is sealed for nobody");
    envelopes_bytes_ = seal::envelopes_size_bytes(recipients);
    stage_ = Stage::envelopes;
    wanted_bytes_ = envelopes_bytes_ - seal::envelopes_head_size_bytes;
    collected_.clear();
    return {};
}

Result<void> ClosedPayloadCheck::judge_seal() const {
    TRY(const seal::Header header, seal::decode(collected_));
    if (envelopes_bytes_ + seal::content_size_bytes(header) != record_.payload_size_bytes)
        return differs("what is sealed has another size");
    const bool is_image = record_.form.compression == Compression::none && record_.form.encoding == Encoding::full;
    if (is_image && header.payload_size_bytes != record_.image_size_bytes) return differs("the sealed image's size");
    if (header.ecu_address != record_.ecu.address()) return differs("it is sealed as another ECU's image");
    if (header.campaign.view() != campaign_.view()) return differs("it is sealed for another campaign");
    return {};
}

std::unexpected<Error> ClosedPayloadCheck::differs(std::string_view what) const {
    return fail(faults::differs_from_metadata, std::format("{}: {}", record_.ecu.str(), what));
}

}  // namespace pitstop::package
