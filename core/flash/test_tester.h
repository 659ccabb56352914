// For tests of what survives a cut: an ECU in process without its diagnostic server, and a tester that speaks with its
// programming routines directly. core/flash/test_ecu.h has the whole way.
#pragma once

#include "core/crypto/digest.h"
#include "core/flash/image_opening.h"
#include "core/flash/resume.h"
#include "core/flash/target.h"
#include "core/uds/services.h"

#include <expected>
#include <string>

namespace pitstop::flash::test {

// What stays the same over all lives of an ECU; memory that is lent once.
struct EcuParts {
    Layout layout;
    std::string hardware_id;
    Openings openings{};
    std::optional<ImageOpening::Key> key{};
    std::uint32_t block_size_bytes_max = 514;
    crypto::Sha256 hasher{}, opening_hasher{};
    Bytes storage = Bytes(ImageOpening::storage_bytes(openings));
    Bytes blocks = Bytes(TargetSettings::room_bytes(block_size_bytes_max, 2));
};

// From one power-on to the next.
class BareEcu final : Approval, TargetObserver {
public:
    BareEcu(FlashDevice& flash, EcuParts& parts)
        : slots_(flash, parts.layout, parts.hasher, parts.hardware_id),
          opening_(parts.openings, slots_, parts.opening_hasher, parts.storage, parts.key),
          target_(slots_, *this, &opening_, *this, {parts.block_size_bytes_max, {}, parts.blocks}) {}

    [[nodiscard]] Slots& slots() { return slots_; }
    [[nodiscard]] Target& target() { return target_; }
    [[nodiscard]] const std::string& last_refusal() const { return last_refusal_; }

private:
    [[nodiscard]] Result<void> allows_size(std::uint32_t) const override { return {}; }
    [[nodiscard]] Result<void> allows(const ImageRecord&) const override { return {}; }
    void did(std::string_view) override {}
    void refused(std::string_view what, const Error& why) override {
        last_refusal_ = std::string(what) + ": " + std::string(why.code());
    }

    Slots slots_;
    ImageOpening opening_;
    Target target_;
    std::string last_refusal_;
};

// One image, and how it travels.
struct Delivery {
    ImageRecord record;
    Form form{};
    Bytes payload;
    Transfer transfer{};

    Delivery(const ImageRecord& image, const Form& how, Bytes bytes)
        : record(image),
          form(how),
          payload(std::move(bytes)) {
        crypto::Sha256 hasher;
        transfer = name_transfer(record, data_format_of(form), static_cast<std::uint32_t>(payload.size()),
                                 crypto::sha256(payload), hasher);
    }
};

enum class Erase : std::uint8_t { long_form, short_form };

// What the ECU said no to, and with which code.
struct Refused {
    std::string_view step;
    int code = 0;
};
using Said = std::expected<void, Refused>;

class BareTester {
public:
    explicit BareTester(BareEcu& ecu) : ecu_(ecu) {}

    [[nodiscard]] std::uint64_t sent_bytes() const { return sent_bytes_; }

    Said stage(const Delivery& delivery, Erase erase = Erase::long_form) {
        target().session_changed(uds::Session::programming);
        const auto size_bytes = static_cast<std::uint32_t>(delivery.record.size_bytes);
        const LongEraseOption option = erase_option(size_bytes, delivery.transfer);
        const std::size_t option_bytes = erase == Erase::long_form ? option.size() : Target::erase_option_size_bytes;
        if (auto said = routine(uds::rid::erase, View(option).first(option_bytes), "erase"); !said) return said;
        if (auto said = transfer(delivery); !said) return said;
        return routine(uds::rid::check_memory, to_bytes(delivery.record), "check memory");
    }
    // Without a restart: that is the caller's.
    Said activate() { return routine(uds::rid::activate, std::array{Target::activate_at_reset}, "activate"); }
    Said commit() {
        target().session_changed(uds::Session::extended);
        return routine(uds::rid::activate, std::array{Target::commit_running}, "commit");
    }
    Said roll_back() {
        target().session_changed(uds::Session::extended);
        return routine(uds::rid::roll_back, {}, "roll back");
    }

    Said routine(std::uint16_t rid, View option, std::string_view step) {
        uds::Reply out(reply_);
        const uds::Nrc nrc = ended(target().start_routine(rid, option, out), out);
        if (nrc != uds::Nrc::positive_response) return std::unexpected(Refused{step, static_cast<int>(nrc)});
        if (out.written().empty() || out.written()[0] != 0)
            return std::unexpected(Refused{step, out.written().empty() ? -1 : out.written()[0]});
        return {};
    }

private:
    [[nodiscard]] Target& target() { return ecu_.target(); }

    uds::Nrc ended(uds::Outcome outcome, uds::Reply& out) {
        while (outcome.is_pending()) outcome = target().continue_pending(out);
        return outcome.nrc();
    }

    Said transfer(const Delivery& delivery) {
        const ResumeState state = ecu_.slots().resume_state();
        const ResumePoint from = state.standing == ResumeState::Standing::goes_on ? state.point : ResumePoint{};
        const std::uint8_t format = data_format_of(delivery.form);
        const auto block_bytes =
            target().request_download({.compression = static_cast<std::uint8_t>(format >> 4),
                                       .encryption = static_cast<std::uint8_t>(format & 0x0F),
                                       .address = from.payload_offset,
                                       .size_bytes = delivery.record.size_bytes - from.image_offset});
        if (!block_bytes) return std::unexpected(Refused{"request download", static_cast<int>(block_bytes.error())});
        const View payload = delivery.payload;
        if (auto said = send(payload.first(from.again_bytes), *block_bytes - 2); !said) return said;
        if (auto said = send(payload.subspan(from.payload_offset), *block_bytes - 2); !said) return said;
        uds::Reply out(reply_);
        const uds::Nrc nrc = ended(target().transfer_exit({}), out);
        if (nrc != uds::Nrc::positive_response) return std::unexpected(Refused{"transfer exit", static_cast<int>(nrc)});
        return {};
    }

    Said send(View bytes, std::uint32_t block_bytes) {
        while (!bytes.empty()) {
            const View block = bytes.first(std::min<std::size_t>(block_bytes, bytes.size()));
            uds::Reply out(reply_);
            const uds::Nrc nrc = ended(target().transfer_data(block), out);
            if (nrc != uds::Nrc::positive_response)
                return std::unexpected(Refused{"transfer data", static_cast<int>(nrc)});
            sent_bytes_ += block.size();
            bytes = bytes.subspan(block.size());
        }
        return {};
    }

    BareEcu& ecu_;
    std::array<std::uint8_t, 64> reply_{};
    std::uint64_t sent_bytes_ = 0;
};

}  // namespace pitstop::flash::test
