// An ECU for this room's tests: a few identifiers, a routine that takes three steps, and a memory of 1000 bytes.
#pragma once

#include "core/uds/server.h"

#include <array>
#include <initializer_list>
#include <vector>

namespace pitstop::uds {

class SampleEcu : public Application {
public:
    Nrc read_data(std::uint16_t identifier, Reply& out) override {
        if (identifier == did::vin) return out.put_text("PITSTOP0000000001"), Nrc::positive_response;
        if (identifier == did::software_version) return out.put_text("1.2.3"), Nrc::positive_response;
        if (identifier == did::serial_number) return Nrc::security_access_denied;
        return Nrc::request_out_of_range;
    }
    Outcome start_routine(std::uint16_t routine, View option, Reply& out) override {
        if (routine == rid::check_preconditions) return out.put_u8(0x00), Nrc::positive_response;
        if (routine != rid::erase) return Nrc::request_out_of_range;
        steps_left = option.empty() ? 3 : option[0];
        return Outcome::pending(step_takes);
    }
    std::expected<std::uint32_t, Nrc> request_download(const Download& download) override {
        if (!download.is_plain() && !takes_other_forms) return std::unexpected(Nrc::request_out_of_range);
        if (download.size_bytes > download_bytes_max) return std::unexpected(Nrc::upload_download_not_accepted);
        memory.clear();
        return block_bytes;
    }
    Outcome transfer_data(View data) override {
        if (write_fails) return Nrc::general_programming_failure;
        memory.insert(memory.end(), data.begin(), data.end());
        steps_left = steps_per_block;
        return steps_left > 0 ? Outcome::pending() : Nrc::positive_response;
    }
    Outcome transfer_exit(View, Reply&) override { return at_the_exit; }
    Nrc stop_routine(std::uint16_t routine, View, Reply&) override {
        return routine == rid::erase ? Nrc::sub_function_not_supported : Nrc::request_out_of_range;
    }
    Nrc routine_results(std::uint16_t routine, View, Reply& out) override {
        if (routine != rid::erase) return Nrc::request_out_of_range;
        return out.put_u8(0x5A), Nrc::positive_response;
    }
    Outcome continue_pending(Reply& out) override {
        if (--steps_left > 0) return Outcome::pending(step_takes);
        if (steps_per_block == 0) out.put_u8(0x5A);
        return at_the_end;
    }
    bool has_background_work() const override { return background_steps_left > 0; }
    std::chrono::microseconds work_in_background() override {
        --background_steps_left;
        return step_takes;
    }
    Nrc check_session(Session) override { return may_enter; }
    void session_changed(Session session) override { sessions.push_back(session); }
    Nrc reset(ResetType type) override { return resets.push_back(type), Nrc::positive_response; }
    Nrc communication_control(Communication, std::uint8_t) override { return Nrc::positive_response; }
    Nrc control_dtc_setting(DtcSetting) override { return Nrc::positive_response; }
    void test_for_faults() override { ++fault_tests; }
    int fault_tests = 0;

    std::vector<Session> sessions;
    std::vector<ResetType> resets;
    Bytes memory;
    Nrc may_enter = Nrc::positive_response;
    Nrc at_the_end = Nrc::positive_response;
    Nrc at_the_exit = Nrc::positive_response;
    bool takes_other_forms = false;
    bool write_fails = false;
    std::uint32_t block_bytes = 102;
    std::uint64_t download_bytes_max = 1000;
    int steps_left = 0, steps_per_block = 0, background_steps_left = 0;
    std::chrono::microseconds step_takes{};
};

// The ECU behind its server, and a clock that the test moves.
struct Bench {
    explicit Bench(std::size_t reply_size_bytes = 256, Access* access = nullptr, const Extensions& extensions = {})
        : storage(reply_size_bytes),
          server(ecu, Timings{}, storage, access, extensions) {}

    // The first thing said to this request; empty when nothing is.
    Bytes ask(std::initializer_list<std::uint8_t> request, Addressing addressing = Addressing::physical) {
        return ask_bytes(Bytes(request), addressing);
    }
    Bytes ask_bytes(const Bytes& request, Addressing addressing = Addressing::physical) {
        server.on_request(request, addressing, now);
        return said();
    }
    Bytes said() {
        const auto answer = server.poll(now);
        return answer ? Bytes(answer->begin(), answer->end()) : Bytes{};
    }
    void pass(std::chrono::milliseconds time) { now = now + time; }

    SampleEcu ecu;
    Bytes storage;
    Tick now{1'000'000};
    Server server;
};

}  // namespace pitstop::uds
