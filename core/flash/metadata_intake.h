// How metadata reaches an ECU, and what it approves from then on (Uptane 2.1.0 #install_image: verify before
// installing). ECU profile.
//
// Bring a Judge (null: this ECU believes nobody, and accepts no image), storage for one bundle, and memory in which one
// that comes packed is unpacked (empty: this ECU takes plain ones). An uds::Application hands its routine, transfer and
// pending calls on where serves() or is_receiving() say so. All of it in the extended session:
//   F012 begin trust cycle   nothing → status, nonce 16, Director Root u32, Director Targets u32, Image Root u32
//                            (versions, 0: none kept), verification u8: 1 partial, 2 full
//   34 36 37                 a trust bundle to address F0000000, plain (format 00) or as gzip (10)
//   F013 judge metadata      nothing → status (routine_status.h)
// The nonce lives until the next F012 or a restart. A bundle is judged once. What it approves holds until another one
// is believed; a refused one changes nothing.
#pragma once

#include "core/compress/readers.h"
#include "core/flash/approval.h"
#include "core/flash/target.h"

#include <array>
#include <optional>

namespace pitstop::flash {

enum class Verification : std::uint8_t { partial = 1, full = 2 };

// What the gateway has to know in order to pack a bundle.
struct TrustStanding {
    std::array<std::uint8_t, 16> nonce{};
    std::uint32_t director_root_version = 0;
    std::uint32_t director_targets_version = 0;
    std::uint32_t image_root_version = 0;
    Verification verification = Verification::partial;
    bool operator==(const TrustStanding&) const = default;
};
inline constexpr std::size_t trust_standing_size_bytes = 29;
using TrustStandingBytes = std::array<std::uint8_t, trust_standing_size_bytes>;
[[nodiscard]] TrustStandingBytes to_bytes(const TrustStanding& standing);
[[nodiscard]] Result<TrustStanding> parse_trust_standing(View bytes);  // flash.strange-answer

// Port: what decides. Calls never overlap.
class Judge {
public:
    // A new cycle with a fresh nonce.
    [[nodiscard]] virtual Result<TrustStanding> begin() = 0;
    // The image that this ECU shall install; nothing: there is none for it. Saves what it trusts before it answers.
    [[nodiscard]] virtual Result<std::optional<ImageRecord>> judge(View bundle) = 0;

protected:
    Judge() = default;
    Judge(const Judge&) = default;
    Judge& operator=(const Judge&) = default;
    ~Judge() = default;
};

class MetadataIntake final : public Approval, ByteSink {
public:
    static constexpr std::uint32_t address = 0xF0000000;
    static constexpr std::uint32_t window_bytes = 1024;  // of gzip: metadata repeats itself within a few hundred bytes
    static constexpr std::size_t unpacking_bytes = compress::gzip_workspace_bytes(window_bytes);

    struct Memory {
        Room storage;         // for the largest bundle
        Room unpacking = {};  // unpacking_bytes
    };

    // `block_size_bytes_max` as Target's.
    MetadataIntake(Judge* judge, const Memory& memory, TargetObserver& observer, std::uint32_t block_size_bytes_max)
        : judge_(judge),
          memory_(memory),
          observer_(observer),
          block_size_bytes_max_(block_size_bytes_max) {}

    [[nodiscard]] static bool serves(std::uint16_t rid) {
        return rid == uds::rid::begin_trust_cycle || rid == uds::rid::judge_metadata;
    }
    [[nodiscard]] static bool serves(const uds::Download& download) { return download.address == address; }
    [[nodiscard]] bool is_receiving() const { return work_ == Work::receiving; }
    [[nodiscard]] bool is_judging() const { return work_ == Work::judging; }

    uds::Outcome start_routine(std::uint16_t rid, View option, uds::Reply& out);
    std::expected<std::uint32_t, uds::Nrc> request_download(const uds::Download& download);
    uds::Outcome transfer_data(View data);
    uds::Outcome transfer_exit(View parameters);
    uds::Outcome continue_pending(uds::Reply& out);
    void session_changed(uds::Session session);

    [[nodiscard]] Result<void> allows_size(std::uint32_t size_bytes) const override;
    [[nodiscard]] Result<void> allows(const ImageRecord& image) const override;

private:
    enum class Work : std::uint8_t { none, receiving, received, judging };

    uds::Outcome begin_cycle(uds::Reply& out);
    uds::Outcome begin_judging(uds::Reply& out);
    uds::Outcome conclude(std::string_view what, const Result<void>& result, uds::Reply& out);
    uds::Outcome refuse(const Error& error);
    [[nodiscard]] bool takes(const Form& form) const;
    Result<void> push(View piece) override;  // of the bundle, unpacked
    Result<void> finish() override { return {}; }

    Judge* judge_;
    Memory memory_;
    TargetObserver& observer_;
    std::uint32_t block_size_bytes_max_;
    uds::Session session_ = uds::Session::default_;
    Work work_ = Work::none;
    std::size_t announced_bytes_ = 0, stored_bytes_ = 0;
    std::optional<compress::GzipReader> unpacking_;
    bool cycle_begun_ = false;
    std::optional<ImageRecord> approved_;
};

}  // namespace pitstop::flash
