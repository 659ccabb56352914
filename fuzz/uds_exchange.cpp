// core/uds: a tester's request and what an ECU may say to it. Input: a counted request, then counted answers, each with
// a byte of time before it.
#include "core/uds/exchange.h"
#include "fuzz/property.h"

using namespace pitstop;
using fuzz::must;

namespace {

void check_answer(const uds::Answered& answered, View request, View said) {
    must(answered.positive.data() == said.data() && answered.positive.size() == said.size(),
         "an answer is what was said");
    must(said[0] == static_cast<std::uint8_t>(request[0] + uds::positive_offset), "and belongs to the request");
    const auto result = uds::positive_or_error({Bytes(said.begin(), said.end()), {}}, request);
    must(result && result->size() == said.size(), "a positive answer is no error");
}

void check_refusal(const uds::Refused& refused, View request, View said) {
    must(said.size() == 3 && said[0] == uds::negative_response_sid && said[1] == request[0],
         "a refusal names its service");
    must(refused.nrc != uds::Nrc::request_correctly_received_response_pending, "pending is no end");
    must(!uds::to_error(request[0], refused.nrc).detail().empty(), "every code can be explained");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Script script({data, size});
    const View request = script.sized();
    const Tick start{1'000'000};
    const uds::TesterTimings timings{.pending_count_max = 5};
    uds::Exchange exchange(request, timings, start);
    Tick now = start;
    int pending = 0;
    while (!script.ended()) {
        now = now + std::chrono::milliseconds(script.u8() * 64);
        if (now >= exchange.deadline()) break;
        const View said = script.sized();
        const uds::Progress progress = exchange.on_response(said, now);
        must(exchange.deadline() <= start + timings.total, "no ECU can hold a tester for ever");
        if (std::holds_alternative<Error>(progress)) return 0;
        if (request.empty()) continue;
        if (const auto* answered = std::get_if<uds::Answered>(&progress))
            return check_answer(*answered, request, said), 0;
        if (const auto* refused = std::get_if<uds::Refused>(&progress))
            return check_refusal(*refused, request, said), 0;
        if (said.size() == 3 && said[0] == 0x7F && said[1] == request[0] && said[2] == 0x78) ++pending;
        must(pending <= 5, "nor by saying for ever that it is busy");
    }
    must(std::holds_alternative<Error>(exchange.on_deadline(exchange.deadline())), "silence ends with an error");
    return 0;
}
