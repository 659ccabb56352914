// core/isotp: two endpoints on a bus that loses frames and brings some twice. Input: three bytes of settings, then for
// each message two bytes for its size, and a counted row of bytes that say what happens to its frames, four frames a
// byte.
#include "core/isotp/pair_test.h"
#include "fuzz/property.h"

using namespace pitstop;
using fuzz::must;
using isotp::testing::Fate;

namespace {

constexpr std::size_t message_size_max = 4500;  // above 4095 the length has another form

void apply(fuzz::Script& script, isotp::Settings& settings) {
    settings.receiving.block_size = script.u8();
    settings.receiving.separation_code = script.u8();
}

// 2 bits a frame, so that a short input says much.
class Fates {
public:
    explicit Fates(View bytes) : bytes_(bytes) {}
    Fate next() {
        const std::size_t at = count_++;
        if (at / 4 >= bytes_.size()) return Fate::arrives;
        switch (bytes_[at / 4] >> (at % 4 * 2) & 3) {
            case 2: return Fate::is_lost;
            case 3: return Fate::comes_twice;
            default: return Fate::arrives;
        }
    }

private:
    View bytes_;
    std::size_t count_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Script script({data, size});
    const bool fd = (script.u8() & 1) != 0;
    auto of_a = fd ? isotp::testing::fd(0x7E0, 0x7E8) : isotp::testing::classic(0x7E0, 0x7E8);
    auto of_b = fd ? isotp::testing::fd(0x7E8, 0x7E0) : isotp::testing::classic(0x7E8, 0x7E0);
    apply(script, of_b);
    isotp::testing::Pair pair(of_a, of_b, message_size_max);

    for (std::uint8_t round = 0; !script.ended() && round < 4; ++round) {
        const Bytes message = isotp::testing::message_of(1 + script.u8() * 256 % message_size_max + script.u8(), round);
        Fates fates(script.sized());
        pair.fate = [&](const isotp::CanFrame&) { return fates.next(); };
        const std::size_t received = pair.b.received.size(), sent = pair.a.sent, failures = pair.a.failures.size();
        must(pair.a.endpoint.send(message, pair.now).has_value(), "an endpoint at rest takes a message");
        pair.run();
        must(!pair.a.endpoint.sending(), "a sender comes to an end");
        must(pair.a.sent + pair.a.failures.size() == sent + failures + 1, "and says once how it was");
        for (std::size_t i = received; i < pair.b.received.size(); ++i)
            must(pair.b.received[i] == message, "what arrives is what was sent, whole, or nothing");
    }
    return 0;
}
