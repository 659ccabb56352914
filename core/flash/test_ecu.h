// For this room's tests: a whole ECU in process, on a flash whose power can be cut, and the loop that a tester runs
// over it.
#pragma once

#include "core/crypto/digest.h"
#include "core/flash/faults.h"
#include "core/flash/image_opening.h"
#include "core/flash/metadata_intake.h"
#include "core/flash/programmer.h"
#include "core/flash/ram_flash.h"
#include "core/flash/routine_status.h"
#include "core/flash/slots.h"
#include "core/flash/target.h"
#include "core/uds/exchange.h"
#include "core/uds/faults.h"
#include "core/uds/server.h"
#include "core/uptane/faults.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace pitstop::flash::test {

inline constexpr std::string_view our_hardware = "body-controller-2";

inline Geometry even_geometry() {
    Geometry geometry;
    geometry.runs = {SectorRun{12, 512}};
    geometry.program_unit_bytes = 8;
    return geometry;
}

// Small sectors first, as many controllers have them; a wide program unit.
inline Geometry uneven_geometry() {
    Geometry geometry;
    geometry.runs = {SectorRun{4, 256}, SectorRun{1, 1024}, SectorRun{3, 2048}};
    geometry.program_unit_bytes = 32;
    return geometry;
}

inline Bytes image_of(std::size_t size_bytes, std::uint8_t seed) {
    Bytes image(size_bytes);
    for (std::size_t i = 0; i < size_bytes; ++i) image[i] = static_cast<std::uint8_t>(i * 7 + seed + i / 251);
    return image;
}

inline ImageRecord record_of(View image, std::uint32_t release_counter, std::string_view hardware_id = our_hardware) {
    ImageRecord record;
    record.size_bytes = static_cast<std::uint32_t>(image.size());
    record.sha256 = crypto::sha256(image);
    record.version = {1, static_cast<std::uint16_t>(release_counter), 0, 0};
    record.release_counter = release_counter;
    record.hardware_id = Text<ImageRecord::hardware_id_size_max>(hardware_id);
    return record;
}

// Most tests are about what follows an approval.
class OpenGate final : public Approval {
public:
    [[nodiscard]] Result<void> allows_size(std::uint32_t) const override { return {}; }
    [[nodiscard]] Result<void> allows(const ImageRecord&) const override { return {}; }
};

// Believes a bundle that is its own nonce and an image record, or the nonce alone: nothing to install. What stands in
// the metadata's place is the other rooms' business.
class NonceJudge final : public Judge {
public:
    Result<TrustStanding> begin() override {
        ++standing.nonce[0];
        return standing;
    }
    Result<std::optional<ImageRecord>> judge(View bundle) override {
        if (bundle.size() < standing.nonce.size() || !std::ranges::equal(bundle.first(16), standing.nonce))
            return fail(uptane::faults::nonce_missing);
        if (bundle.size() == standing.nonce.size()) return std::nullopt;
        TRY(const ImageRecord record, parse_image_record(bundle.subspan(16)));
        return record;
    }
    [[nodiscard]] Bytes bundle_for(const ImageRecord& record) const {
        Bytes bundle(standing.nonce.begin(), standing.nonce.end());
        const auto bytes = to_bytes(record);
        bundle.insert(bundle.end(), bytes.begin(), bytes.end());
        return bundle;
    }

    TrustStanding standing{{7}, 3, 2, 1, Verification::partial};
};

// Everything that a power cut takes away; the flash stays outside.
class TestEcu final : public uds::Application, public TargetObserver {
public:
    // Without a judge every image is welcome.
    explicit TestEcu(RamFlash& flash, Judge* judge = nullptr, const Openings& openings = {},
                     std::optional<ImageOpening::Key> key = {})
        : flash_(flash),
          judge_(judge),
          intake_(std::in_place, judge, metadata_memory(), *this, block_size_bytes_max),
          slots_(flash, *plan_layout(flash.geometry()), hasher_, our_hardware),
          opening_storage_(ImageOpening::storage_bytes(openings)),
          opening_(openings, slots_, opening_hasher_, opening_storage_, key),
          target_(slots_, judge == nullptr ? static_cast<const Approval&>(gate_) : *intake_, &opening_, *this,
                  {block_size_bytes_max, {}, block_room_}),
          server_(std::in_place, *this, uds::Timings{}, reply_storage_) {
        boots_ = slots_.boot().has_value();
    }

    // The ECU's final answer, or what a tester sees of an ECU without power.
    Result<uds::Answer> ask(View request) {
        if (!lives()) return fail(uds::faults::no_answer);
        request_log_.emplace_back(request.begin(), request.end());
        if (restart_before_ > 0 && --restart_before_ == 0) restart();
        if (silent_for_ > 0 && silent_for_-- > 0) return fail(uds::faults::no_answer);
        uds::Exchange exchange(request, {}, now_);
        server_->on_request(request, uds::Addressing::physical, now_);
        for (;;) {
            const auto said = server_->poll(now_);
            if (!lives()) return fail(uds::faults::no_answer);
            if (!said) {
                if (const auto due = server_->deadline()) now_ = std::max(now_ + std::chrono::microseconds(1), *due);
                continue;
            }
            const auto progress = exchange.on_response(*said, now_);
            uds::Answer answer;
            if (const auto* answered = std::get_if<uds::Answered>(&progress))
                answer.positive.assign(answered->positive.begin(), answered->positive.end());
            else if (const auto* refused = std::get_if<uds::Refused>(&progress))
                answer.refusal = refused->nrc;
            else
                continue;
            if (std::exchange(reset_due_, false)) restart();
            if (request_log_.size() % 2 == 0) work_in_background_for_a_while();
            return answer;
        }
    }

    // The next request does not follow at once.
    void work_in_background_for_a_while() {
        for (int i = 0; i < 3 && lives(); ++i) static_cast<void>(server_->poll(now_));
    }

    void take_plain_metadata_only() {
        unpacks_ = false;
        restart();
    }

    void restart() {
        target_.session_changed(uds::Session::default_);
        intake_.emplace(judge_, metadata_memory(), *this, block_size_bytes_max);
        server_.emplace(*this, uds::Timings{}, reply_storage_, access_);
        if (access_ != nullptr) access_->session_changed(uds::Session::default_);
        communication_ = uds::Communication::enable_rx_and_tx;
        dtc_ = uds::DtcSetting::on;
        boots_ = slots_.boot().has_value();
    }

    [[nodiscard]] bool lives() const { return boots_ && flash_.has_power(); }
    [[nodiscard]] Slots& slots() { return slots_; }
    [[nodiscard]] uds::Session session() const { return server_->session(); }
    [[nodiscard]] uds::Communication communication() const { return communication_; }
    [[nodiscard]] uds::DtcSetting dtc() const { return dtc_; }
    [[nodiscard]] std::vector<Bytes>& request_log() { return request_log_; }
    [[nodiscard]] std::size_t count(uds::Service service) const {
        return static_cast<std::size_t>(std::ranges::count_if(
            request_log_, [&](const Bytes& request) { return request[0] == static_cast<std::uint8_t>(service); }));
    }

    // From now on; outlives this.
    void lock_with(uds::Access& access) {
        access_ = &access;
        restart();
    }
    // Nobody speaks for so long.
    void pass(std::chrono::seconds time) {
        now_ = now_ + time;
        static_cast<void>(server_->poll(now_));
    }
    void be_unready() { ready_ = false; }
    void be_silent_for(int requests) { silent_for_ = requests; }
    void restart_before_request(int number) { restart_before_ = number; }  // 1 = the next
    void flip_a_bit_of_block(std::size_t block) { damaged_block_ = block; }

    uds::Nrc read_data(std::uint16_t did, uds::Reply& out) override {
        const ImageRecord* running = slots_.running_image();
        if (did == uds::did::bank_state)
            out.put(to_bytes(slots_.bank_state()));
        else if (did == uds::did::resume_state)
            out.put(to_bytes(slots_.resume_state()));
        else if (did == uds::did::image_digest)
            out.put(running != nullptr ? running->sha256 : Sha256Digest{});
        else
            return uds::Nrc::request_out_of_range;
        return uds::Nrc::positive_response;
    }
    uds::Outcome start_routine(std::uint16_t rid, View option, uds::Reply& out) override {
        if (MetadataIntake::serves(rid)) return intake_->start_routine(rid, option, out);
        if (rid != uds::rid::check_preconditions) return target_.start_routine(rid, option, out);
        out.put_u8(ready_ ? routine_succeeded : routine_not_ready);
        return uds::Nrc::positive_response;
    }
    std::expected<std::uint32_t, uds::Nrc> request_download(const uds::Download& download) override {
        return MetadataIntake::serves(download) ? intake_->request_download(download)
                                                : target_.request_download(download);
    }
    uds::Outcome transfer_data(View data) override {
        Bytes damaged(data.begin(), data.end());
        if (damaged_block_ && (*damaged_block_)-- == 0) {
            damaged[damaged.size() / 2] ^= 0x10;
            damaged_block_.reset();
        }
        return intake_->is_receiving() ? intake_->transfer_data(data) : target_.transfer_data(damaged);
    }
    uds::Outcome transfer_exit(View parameters, uds::Reply&) override {
        return intake_->is_receiving() ? intake_->transfer_exit(parameters) : target_.transfer_exit(parameters);
    }
    uds::Outcome continue_pending(uds::Reply& out) override {
        return intake_->is_judging() ? intake_->continue_pending(out) : target_.continue_pending(out);
    }
    bool has_background_work() const override { return target_.has_background_work(); }
    std::chrono::microseconds work_in_background() override { return target_.work_in_background(); }
    void session_changed(uds::Session session) override {
        intake_->session_changed(session);
        target_.session_changed(session);
        if (session != uds::Session::default_) return;
        communication_ = uds::Communication::enable_rx_and_tx;
        dtc_ = uds::DtcSetting::on;
    }
    uds::Nrc reset(uds::ResetType) override {
        reset_due_ = true;
        return uds::Nrc::positive_response;
    }
    uds::Nrc communication_control(uds::Communication wanted, std::uint8_t) override {
        communication_ = wanted;
        return uds::Nrc::positive_response;
    }
    uds::Nrc control_dtc_setting(uds::DtcSetting wanted) override {
        dtc_ = wanted;
        return uds::Nrc::positive_response;
    }

private:
    void did(std::string_view) override {}
    void refused(std::string_view, const Error&) override {}

    static constexpr std::uint32_t block_size_bytes_max = 514;

    MetadataIntake::Memory metadata_memory() { return {metadata_storage_, unpacks_ ? Room(unpacking_) : Room{}}; }

    RamFlash& flash_;
    Judge* judge_;
    OpenGate gate_;
    std::array<std::uint8_t, 1024> metadata_storage_{};
    std::array<std::uint8_t, MetadataIntake::unpacking_bytes> unpacking_{};
    bool unpacks_ = true;
    std::optional<MetadataIntake> intake_;  // at one place: the target refers to it
    crypto::Sha256 hasher_;
    Slots slots_;
    crypto::Sha256 opening_hasher_;
    Bytes opening_storage_;
    ImageOpening opening_;
    Bytes block_room_ = Bytes(TargetSettings::room_bytes(block_size_bytes_max, 2));
    Target target_;
    std::array<std::uint8_t, 256> reply_storage_{};
    uds::Access* access_ = nullptr;  // null: open
    std::optional<uds::Server> server_;
    Tick now_{};
    bool boots_ = false;
    bool reset_due_ = false;
    bool ready_ = true;
    int silent_for_ = 0;
    int restart_before_ = 0;
    std::optional<std::size_t> damaged_block_;
    uds::Communication communication_ = uds::Communication::enable_rx_and_tx;
    uds::DtcSetting dtc_ = uds::DtcSetting::on;
    std::vector<Bytes> request_log_;
};

// What a gateway does with a Programmer.
inline Result<DoneBecause> carry_out(Programmer programmer, TestEcu& ecu, View image) {
    for (;;) {
        const Action action = programmer.next();
        if (const auto* send = std::get_if<SendRequest>(&action)) {
            const auto answer = ecu.ask(send->request);
            if (!answer)
                programmer.on_error(answer.error());
            else if (answer->refused())
                programmer.on_refusal(answer->refusal);
            else
                programmer.on_answer(answer->positive);
        } else if (const auto* need = std::get_if<NeedImage>(&action)) {
            std::ranges::copy(image.subspan(need->offset, need->into.size()), need->into.begin());
            programmer.on_image();
        } else if (const auto* done = std::get_if<Done>(&action)) {
            return done->because;
        } else if (const auto* failed = std::get_if<Failed>(&action)) {
            return fail(failed->error);
        }
    }
}

// The whole way into the ECU; stops at the first plan that fails.
inline Result<void> update(TestEcu& ecu, View image, const ImageRecord& record) {
    for (const Plan plan : {Plan::stage, Plan::activate, Plan::confirm}) {
        const ProgrammerSettings settings{.block_size_bytes_max = 130, .repeats_max = 1, .boot_pauses_max = 2};
        if (auto done = carry_out(Programmer(plan, record, settings), ecu, image); !done) return fail(done.error());
    }
    return {};
}

inline bool runs(TestEcu& ecu, RamFlash& flash, View image) {
    const auto running = ecu.slots().bank_state().running;
    if (!running) return false;
    const BankRange& bank = ecu.slots().layout().bank(*running);
    return std::ranges::equal(flash.cells().subspan(bank.offset, image.size()), image);
}

}  // namespace pitstop::flash::test
