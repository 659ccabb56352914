// What one ECU does when a diagnostic request has passed the protocol's own checks. The port of uds::Server. ECU
// profile.
//
// Bring: an object that outlives the server. Views and replies live only for the call: keep what you need.
// Comes back: Nrc::positive_response, or the negative response code to send. Work that takes longer than a few
// milliseconds returns Outcome::pending() and goes on in steps, each well below P2 (50 ms): the server calls
// continue_pending() until it is done and tells the tester to wait (0x78) meanwhile.
#pragma once

#include "core/base/bytes.h"
#include "core/uds/services.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <expected>

namespace pitstop::uds {

// Writes an answer into storage that someone lent. What does not fit is remembered, and the server answers 0x14.
class Reply {
public:
    explicit Reply(Room room) : room_(room) {}

    void put(View bytes) {
        if (bytes.size() > room_.size() - size_) {
            fits_ = false;
            return;
        }
        std::copy(bytes.begin(), bytes.end(), room_.begin() + static_cast<std::ptrdiff_t>(size_));
        size_ += bytes.size();
    }
    void put_u8(std::uint8_t value) { put({&value, 1}); }
    void put_u16(std::uint16_t value) { put_be(value); }
    void put_u32(std::uint32_t value) { put_be(value); }
    void put_text(std::string_view text) { put(view_of(text)); }
    // So many bytes for somebody else to write, counted as written; none at all when they do not fit.
    [[nodiscard]] Room extend(std::size_t size) {
        if (size > room_.size() - size_) {
            fits_ = false;
            return {};
        }
        size_ += size;
        return room_.subspan(size_ - size, size);
    }

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool fits() const { return fits_; }
    [[nodiscard]] View written() const { return room_.first(size_); }
    void cut_back_to(std::size_t size) { size_ = std::min(size, size_); }

private:
    template <class T>
    void put_be(T value) {
        std::array<std::uint8_t, sizeof(T)> bytes{};
        store_be(bytes.data(), value);
        put(bytes);
    }

    Room room_;
    std::size_t size_ = 0;
    bool fits_ = true;
};

// Done (well or with a refusal), or to be continued.
class Outcome {
public:
    Outcome(Nrc nrc) : nrc_(nrc) {}  // implicit: `return Nrc::positive_response;` reads as it should
    // `next_step_in`: nothing will have happened before then (a flash that is erasing); zero means as soon as possible.
    static Outcome pending(std::chrono::microseconds next_step_in = {}) {
        Outcome outcome(Nrc::request_correctly_received_response_pending);
        outcome.next_step_in_ = next_step_in;
        return outcome;
    }

    [[nodiscard]] bool is_pending() const { return nrc_ == Nrc::request_correctly_received_response_pending; }
    [[nodiscard]] Nrc nrc() const { return nrc_; }
    [[nodiscard]] std::chrono::microseconds next_step_in() const { return next_step_in_; }

private:
    Nrc nrc_;
    std::chrono::microseconds next_step_in_{};
};

// RequestDownload's parameters, checked: size > 0, address + size does not overflow.
struct Download {
    // What may come beyond the memory's size where packing only makes it larger: what zstd and gzip add to random bytes
    // and sealing to each chunk is below a sixteenth; the rest holds the envelopes of all recipients of a sealed image.
    static constexpr std::uint64_t packing_bytes_max = std::uint64_t{320} * 1024;

    std::uint8_t compression = 0;  // high nibble of dataFormatIdentifier, 0 = none
    std::uint8_t encryption = 0;   // low nibble, 0 = none
    std::uint64_t address = 0;
    std::uint64_t size_bytes = 0;  // of the memory that is written, also where other bytes are transferred

    [[nodiscard]] std::uint8_t data_format() const { return static_cast<std::uint8_t>(compression << 4 | encryption); }
    [[nodiscard]] bool is_plain() const { return data_format() == 0; }
    // Plain: exactly so many are transferred. Otherwise not more; when it is the end, the application knows.
    [[nodiscard]] std::uint64_t transfer_bytes_max() const {
        const std::uint64_t more = is_plain() ? 0 : size_bytes / 16 + packing_bytes_max;
        return std::min(size_bytes, UINT64_MAX - more) + more;
    }
};

class Application {
public:
    virtual ~Application() = default;

    // Appends the data of one identifier (not the identifier itself). request_out_of_range: not known here or in this
    // session.
    virtual Nrc read_data(std::uint16_t did, Reply& out) = 0;

    // `option` is what follows the routine identifier; `out` takes what follows it in the answer.
    virtual Outcome start_routine(std::uint16_t rid, View option, Reply& out) = 0;
    // An unknown routine is request_out_of_range; one that runs to its end in its own request cannot be stopped.
    virtual Nrc stop_routine(std::uint16_t, View, Reply&) { return Nrc::sub_function_not_supported; }
    virtual Nrc routine_results(std::uint16_t, View, Reply&) { return Nrc::sub_function_not_supported; }

    // The longest TransferData request that is welcome, service and counter bytes included. Asked in every session but
    // the default one.
    virtual std::expected<std::uint32_t, Nrc> request_download(const Download& download) = 0;
    // The next bytes of the download, in order, each once; never more than Download::transfer_bytes_max(). After a
    // refusal the same bytes may come again.
    virtual Outcome transfer_data(View data) = 0;
    // Of a plain download when all of it has come. Otherwise whenever the tester says that it is the end: whether all
    // has come is for the application to judge. The download is over with this, also when it is refused.
    virtual Outcome transfer_exit(View parameters, Reply& out) = 0;

    // One more step of what returned pending; `out` stands where the first call left it.
    virtual Outcome continue_pending(Reply& out) = 0;

    // What goes on after its request was answered (a block that is programmed while the next one comes), in steps as
    // above. The server takes them while it has nothing to answer; a request's own steps wait until the last one's time
    // has passed.
    [[nodiscard]] virtual bool has_background_work() const { return false; }
    // One step. Comes back: how long it lasts; nothing will have happened before then.
    virtual std::chrono::microseconds work_in_background() { return {}; }

    // May the session be entered? Called before session_changed().
    virtual Nrc check_session(Session) { return Nrc::positive_response; }
    // A session was entered, left by S3's time-out, or entered again. An unfinished download is over. In the default
    // session communication and DTC setting are as after power-on: forget what services 28 and 85 asked for.
    virtual void session_changed(Session session) = 0;

    // Accepted means: restart as soon as the answer has been sent.
    virtual Nrc reset(ResetType type) = 0;
    // `type`: communicationType of ISO 14229-1 annex B.1, checked to name normal and/or network management messages.
    virtual Nrc communication_control(Communication wanted, std::uint8_t type) = 0;
    virtual Nrc control_dtc_setting(DtcSetting wanted) = 0;
    // The fault memory was cleared (14), or takes up faults again (85 01): report once more what lasts.
    virtual void test_for_faults() {}
};

}  // namespace pitstop::uds
