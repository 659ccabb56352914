// What can be said of a payload that nobody here can open, because the key or the old image is elsewhere: that it
// begins as a delta or a sealed payload does, that its own sizes are those of its record, and that it was sealed for
// this ECU in this campaign.
//
// Bring the payload in any pieces. Faults: package.differs-from-metadata; those of delta/header.h and seal/format.h.
#pragma once

#include "core/base/ids.h"
#include "core/package/record_entry.h"

namespace pitstop::package {

class ClosedPayloadCheck {
public:
    // Both must outlive this object. The record's form is a delta, sealed, or both.
    ClosedPayloadCheck(const RecordEntry& record, const CampaignId& campaign);

    [[nodiscard]] Result<void> push(View piece);
    [[nodiscard]] Result<void> finish();

private:
    enum class Stage : std::uint8_t { delta_header, envelopes_head, envelopes, seal_header, rest };

    [[nodiscard]] Result<void> judge();
    [[nodiscard]] Result<void> judge_delta() const;
    [[nodiscard]] Result<void> judge_envelopes();
    [[nodiscard]] Result<void> judge_seal() const;
    [[nodiscard]] std::unexpected<Error> differs(std::string_view what) const;

    const RecordEntry& record_;
    const CampaignId& campaign_;
    Stage stage_;
    std::size_t wanted_bytes_;  // of the stage
    std::size_t envelopes_bytes_ = 0;
    Bytes collected_;
};

}  // namespace pitstop::package
