#include "core/flash/metadata_intake.h"

#include "core/flash/faults.h"
#include "core/flash/opening_refusal.h"
#include "core/flash/routine_status.h"

#include <algorithm>

namespace pitstop::flash {
namespace {

using uds::Nrc;
using uds::Outcome;

constexpr Nrc wrong_length = Nrc::incorrect_message_length_or_invalid_format;

// A judgement is one long step. The server says 0x78 after half of P2 (50 ms), and then has P2* (5 s).
constexpr std::chrono::milliseconds until_pending_is_said{30};

constexpr std::size_t nonce_size_bytes = 16;

}  // namespace

TrustStandingBytes to_bytes(const TrustStanding& standing) {
    TrustStandingBytes bytes{};
    std::ranges::copy(standing.nonce, bytes.begin());
    store_be(&bytes[nonce_size_bytes], standing.director_root_version);
    store_be(&bytes[nonce_size_bytes + 4], standing.director_targets_version);
    store_be(&bytes[nonce_size_bytes + 8], standing.image_root_version);
    bytes.back() = static_cast<std::uint8_t>(standing.verification);
    return bytes;
}

Result<TrustStanding> parse_trust_standing(View bytes) {
    if (bytes.size() != trust_standing_size_bytes) return fail(faults::strange_answer, "begin trust cycle");
    TrustStanding standing;
    std::ranges::copy(bytes.first(nonce_size_bytes), standing.nonce.begin());
    standing.director_root_version = load_be<std::uint32_t>(&bytes[nonce_size_bytes]);
    standing.director_targets_version = load_be<std::uint32_t>(&bytes[nonce_size_bytes + 4]);
    standing.image_root_version = load_be<std::uint32_t>(&bytes[nonce_size_bytes + 8]);
    standing.verification = static_cast<Verification>(bytes.back());
    if (standing.verification != Verification::partial && standing.verification != Verification::full)
        return fail(faults::strange_answer, "a verification that nobody knows");
    return standing;
}

// What was received in full stays; the rest is over.
void MetadataIntake::session_changed(uds::Session session) {
    session_ = session;
    if (work_ != Work::received) work_ = Work::none;
}

Outcome MetadataIntake::start_routine(std::uint16_t rid, View option, uds::Reply& out) {
    if (judge_ == nullptr || session_ != uds::Session::extended) return Nrc::request_out_of_range;
    if (!option.empty()) return wrong_length;
    return rid == uds::rid::begin_trust_cycle ? begin_cycle(out) : begin_judging(out);
}

Outcome MetadataIntake::conclude(std::string_view what, const Result<void>& result, uds::Reply& out) {
    if (result) {
        observer_.did(what);
        out.put_u8(routine_succeeded);
    } else {
        observer_.refused(what, result.error());
        out.put_u8(status_byte(result.error()));
    }
    return Nrc::positive_response;
}

Outcome MetadataIntake::begin_cycle(uds::Reply& out) {
    const auto standing = judge_->begin();
    cycle_begun_ = standing.has_value();
    if (!standing) return conclude("begin trust cycle", fail(standing.error()), out);
    conclude("begin trust cycle", {}, out);
    out.put(to_bytes(*standing));
    return Nrc::positive_response;
}

Outcome MetadataIntake::begin_judging(uds::Reply& out) {
    if (!cycle_begun_) return conclude("judge metadata", fail(faults::no_trust_cycle), out);
    if (work_ != Work::received) return Nrc::request_sequence_error;
    work_ = Work::judging;
    return Outcome::pending(until_pending_is_said);
}

Outcome MetadataIntake::continue_pending(uds::Reply& out) {
    if (work_ != Work::judging) return Nrc::general_reject;
    work_ = Work::none;
    const auto image = judge_->judge(memory_.storage.first(stored_bytes_));
    if (!image) return conclude("judge metadata", fail(image.error()), out);
    approved_ = *image;
    return conclude(approved_ ? "judge metadata: an image is approved" : "judge metadata: nothing to install", {}, out);
}

bool MetadataIntake::takes(const Form& form) const {
    return form.is_plain() || (form == Form{.compression = Compression::gzip} && !memory_.unpacking.empty());
}

std::expected<std::uint32_t, Nrc> MetadataIntake::request_download(const uds::Download& download) {
    const auto form = form_of_data_format(download.data_format());
    // The service is there in both sessions; each has its own addresses (ISO 14229-1, 0x34: requestOutOfRange).
    if (judge_ == nullptr || session_ != uds::Session::extended || !form || !takes(*form))
        return std::unexpected(Nrc::request_out_of_range);
    if (download.size_bytes > memory_.storage.size()) return std::unexpected(Nrc::upload_download_not_accepted);
    work_ = Work::receiving;
    announced_bytes_ = static_cast<std::size_t>(download.size_bytes);
    stored_bytes_ = 0;
    unpacking_.reset();
    if (!form->is_plain())
        unpacking_.emplace(memory_.unpacking, compress::OutputLimit{announced_bytes_}, static_cast<ByteSink&>(*this),
                           window_bytes);
    return block_size_bytes_max_;
}

Outcome MetadataIntake::refuse(const Error& error) {
    work_ = Work::none;
    observer_.refused("transfer of metadata", error);
    return refusal_of(error);
}

Outcome MetadataIntake::transfer_data(View data) {
    if (unpacking_) {
        const auto unpacked = unpacking_->push(data);
        return unpacked ? Outcome(Nrc::positive_response) : refuse(unpacked.error());
    }
    if (data.size() > announced_bytes_ - stored_bytes_) return Nrc::transfer_data_suspended;
    (void)push(data);
    return Nrc::positive_response;
}

// Nobody gives it more than was announced: transfer_data does not, nor does the reader.
Result<void> MetadataIntake::push(View piece) {
    std::ranges::copy(piece, memory_.storage.begin() + static_cast<std::ptrdiff_t>(stored_bytes_));
    stored_bytes_ += piece.size();
    return {};
}

Outcome MetadataIntake::transfer_exit(View parameters) {
    if (!parameters.empty()) return wrong_length;
    if (unpacking_)
        if (const auto unpacked = unpacking_->finish(); !unpacked) return refuse(unpacked.error());
    work_ = Work::received;
    return Nrc::positive_response;
}

Result<void> MetadataIntake::allows_size(std::uint32_t size_bytes) const {
    if (approved_ && approved_->size_bytes == size_bytes) return {};
    return fail(faults::not_approved, approved_ ? "another size" : "none is approved");
}

Result<void> MetadataIntake::allows(const ImageRecord& image) const {
    if (approved_ && *approved_ == image) return {};
    return fail(faults::not_approved, approved_ ? "another record" : "none is approved");
}

}  // namespace pitstop::flash
