// core/uds: the diagnostic server with every service over the sample ECU of its own tests. Input: what the ECU takes
// and what its door guards (two bytes), then events.
#include "core/uds/sample_extensions_test.h"
#include "fuzz/property.h"

using namespace pitstop;
using fuzz::must;

namespace {

constexpr std::size_t reply_size = 64;

class Bench {
public:
    // `guarded` 0: the door is open; an odd one shuts it in the middle of the run.
    Bench(std::uint8_t wishes, std::uint8_t guarded) : guarded_(guarded), bench_(reply_size, &door_) {
        bench_.ecu.block_bytes = wishes & 0x3F;  // also too small for anything
        bench_.ecu.steps_per_block = (wishes & 0x40) != 0 ? 2 : 0;
        bench_.ecu.step_takes = std::chrono::milliseconds((wishes & 0x80) != 0 ? 30 : 0);
        door_.steps = wishes & 0x03;
        door_.guarded = static_cast<uds::Service>(guarded);
    }

    void run(fuzz::Script& script) {
        while (!script.ended()) {
            const std::uint8_t event = script.u8();
            if (event % 4 == 3) bench_.pass(std::chrono::milliseconds(event * 8));
            if (event == 0xFF) door_.guarded = static_cast<uds::Service>(guarded_ ^ 1);
            if (event == 0xFE) fail_a_test();
            if (event % 4 <= 1)
                ask(script.sized(), event % 4 == 0 ? uds::Addressing::physical : uds::Addressing::functional);
            hear();
        }
        come_to_rest();
    }

private:
    void fail_a_test() {
        must(bench_.parts.dtcs.report(uds::SampleExtensions::first_code, uds::DtcTest::failed, {}).has_value(), "kept");
        must(bench_.parts.dtcs.begin_cycle().has_value(), "kept");
    }

    void ask(View request, uds::Addressing addressing) {
        const bool was_busy = bench_.server.busy();
        const uds::Intake intake = bench_.server.on_request(request, addressing, bench_.now);
        if (request.empty()) must(intake == uds::Intake::dropped, "nothing is no request");
        if (intake == uds::Intake::taken) {
            must(!was_busy, "one request at a time");
            service_ = request[0];
            guarded_when_asked_ = static_cast<std::uint8_t>(door_.guarded);
        }
        if (intake == uds::Intake::refused_busy) refused_ = request[0];
    }

    void hear() {
        for (int answers = 0; answers < 4; ++answers) {
            const auto answer = bench_.server.poll(bench_.now);
            if (!answer) break;
            check(*answer);
        }
        must(bench_.ecu.memory.size() <= bench_.ecu.download_bytes_max, "no byte more than was announced");
    }

    void check(View answer) {
        must(!answer.empty() && answer.size() <= reply_size, "an answer fits the storage lent");
        if (answer[0] == uds::negative_response_sid && answer.size() == 3) {
            must(answer[1] == service_ || answer[1] == refused_, "a refusal names its service");
            must(answer[2] != 0, "and a reason");
            return;
        }
        must(answer[0] == static_cast<std::uint8_t>(service_ + uds::positive_offset), "an answer names its service");
        must(service_ != guarded_when_asked_, "nothing passes a shut door");
    }

    // Whatever was asked, a server that is left alone ends its work and its session.
    void come_to_rest() {
        constexpr int steps_max = 2000;
        for (int i = 0; i < steps_max; ++i) {
            hear();
            const auto due = bench_.server.deadline();
            if (!due) return must(bench_.server.session() == uds::Session::default_, "a session ends");
            bench_.now = std::max(bench_.now + std::chrono::microseconds(1), *due);
        }
        must(false, "a server comes to rest");
    }

    std::uint8_t guarded_;
    uds::SampleDoor door_;
    uds::FullBench bench_;
    std::uint8_t service_ = 0, refused_ = 0, guarded_when_asked_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Script script({data, size});
    const std::uint8_t wishes = script.u8();
    Bench bench(wishes, script.u8());
    bench.run(script);
    return 0;
}
