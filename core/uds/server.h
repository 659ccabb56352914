// The diagnostic server of one ECU: ISO 14229-1:2020 (application layer) and 14229-2 (session layer, timings). ECU
// profile.
//
// Bring: the Application (what this ECU does), timings, and storage for the longest answer (at least 16 bytes).
// Services 10 11 22 28 31 34 36 37 3E 85; with an Access 27 and 29; with extensions 14 19 23 2E 2F 35 38 3D. Requests
// are judged in the standard's order (service_rules.h), so that a tester can tell from the code how far its request
// came.
//
//     server.on_request(bytes, Addressing::physical, now);
//     while (auto answer = server.poll(now)) send(*answer);    // the View lives until the next call
//     wait_until(server.deadline());                           // then poll again
//
// The answer is there as soon as it is known: 0x78 is sent only when it is not. What the application does in the
// background begins after the answer was sent, and never while a request is worked on. One request at a time: a second
// one meanwhile is refused with 0x21 (a TesterPresent without answer is let through, ISO 14229-2).
#pragma once

#include "core/base/bytes.h"
#include "core/base/time.h"
#include "core/uds/access.h"
#include "core/uds/application.h"
#include "core/uds/extensions.h"
#include "core/uds/service_rules.h"
#include "core/uds/services.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace pitstop::uds {

struct Timings {
    std::chrono::milliseconds p2{50};         // an answer, or 0x78, comes within this
    std::chrono::milliseconds p2_star{5000};  // and after a 0x78 within this
    std::chrono::milliseconds s3{5000};       // a session other than the default ends after this silence
};

// DIDs in one request; ten is what testers commonly ask for at most, and bounds the work of one request.
inline constexpr std::size_t dids_per_request_max = 10;

enum class Intake : std::uint8_t {
    taken,         // poll() has its answer, now or later
    refused_busy,  // poll() returns the 0x21 for this request first
    dropped,       // nothing will be said: empty, or TesterPresent without answer while busy
};

class Server {
public:
    // `access` null: the ECU is open.
    Server(Application& application, Timings timings, Room reply_storage, Access* access = nullptr,
           const Extensions& extensions = {});

    Intake on_request(View request, Addressing addressing, Tick now);
    // A request of several frames has begun to come: S3 stands still until on_request() or on_request_lost(), from
    // which it begins anew (ISO 14229-2:2013, 7.5).
    void on_request_begins(Tick now);
    void on_request_lost(Tick now);
    // What to send now: the answer or 0x78. Does one step of pending work, or of the background's where nothing is to
    // be answered; ends the session when S3 has passed.
    [[nodiscard]] std::optional<View> poll(Tick now);
    // When poll() has something to do; none while nothing is going on.
    [[nodiscard]] std::optional<Tick> deadline() const;

    [[nodiscard]] Session session() const { return session_; }
    [[nodiscard]] bool busy() const { return state_ != State::idle; }
    [[nodiscard]] bool is_request_coming() const { return request_comes_; }

private:
    enum class State : std::uint8_t { idle, working, answer_ready };

    enum class Worker : std::uint8_t { application, access };
    enum class Direction : std::uint8_t { download, upload };

    struct Transfer {
        Direction direction = Direction::download;
        std::uint64_t bytes_max = 0, done_bytes = 0;
        bool is_exact = true;  // then bytes_max is what has to come or to go
        std::uint32_t block_size_max = 0;
        std::uint8_t next_counter = 1;
        std::uint32_t current_bytes = 0;  // of the block that is under way, or was last

        [[nodiscard]] bool may_end() const { return is_exact ? done_bytes == bytes_max : done_bytes > 0; }
        [[nodiscard]] bool repeats_last(std::uint8_t counter) const {
            return done_bytes > 0 && counter == static_cast<std::uint8_t>(next_counter - 1);
        }
    };

    [[nodiscard]] bool is_offered(Service service) const;
    Outcome judge(View request);
    Outcome dispatch(View request);
    Outcome dispatch_extension(View request);
    Outcome session_control(View request);
    Outcome ecu_reset(View request);
    Outcome clear_dtcs(View request);
    Outcome read_dtcs(View request);
    Outcome read_data(View request);
    Outcome read_memory(View request);
    Outcome ask_access(View request);
    Outcome communication_control(View request);
    Outcome write_data(View request);
    Outcome control_input_output(View request);
    Outcome routine_control(View request);
    Outcome write_memory(View request);
    Outcome tester_present(View request);
    Outcome control_dtc_setting(View request);

    Outcome request_download(View request);
    Outcome request_upload(View request);
    Outcome request_file_transfer(View request);
    Outcome delete_file(std::string_view name);
    Outcome read_file(std::string_view name, View parameters);
    Outcome transfer_data(View request);
    Outcome take_block(View request);
    Outcome give_block(View request);
    Outcome transfer_exit(View request);
    void begin_upload(std::uint64_t size_bytes);

    void proceed(const Outcome& outcome, Tick now);
    View short_answer(Nrc nrc, std::uint8_t service);
    void finish(Nrc nrc, Tick now);
    void conclude_transfer(Nrc nrc);
    void work_in_background(Tick now);
    void enter(Session session);
    void expire_session(Tick now);
    [[nodiscard]] bool stays_silent(Nrc nrc) const;

    Application& application_;
    Timings timings_;
    Room storage_;
    Access* access_;
    Extensions extensions_;
    Reply reply_;
    State state_ = State::idle;
    Session session_ = Session::default_;
    std::optional<Transfer> transfer_;

    std::uint8_t service_ = 0;  // of the request that is being worked on
    Tick now_{};                // when it came
    Worker worker_ = Worker::application;
    Addressing addressing_ = Addressing::physical;
    bool suppress_positive_ = false;
    bool told_pending_ = false;  // then an answer must follow, whatever it is
    Tick step_due_{}, pending_due_{}, session_due_{}, background_due_{};
    bool has_just_answered_ = false;
    bool request_comes_ = false;                  // its first frame has
    std::array<std::uint8_t, 3> short_answer_{};  // 0x78 and 0x21: the reply's storage may be half written
    bool busy_answer_ready_ = false;
};

}  // namespace pitstop::uds
