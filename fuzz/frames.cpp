// core/seal: protected frames on a link, honest ones among lost, repeated, late, changed and made-up ones.
//
// Input: steps. Each begins with one byte, modulo 5: 0 an honest frame with what follows (a length and so many bytes)
// as its message, 1 a frame that was sent before (its number), 2 eight times so many honest frames are lost, 3 the
// newest frame with one byte changed (where, how), 4 bytes that somebody made up (a length and so many bytes).
#include "core/crypto/digest.h"
#include "core/seal/faults.h"
#include "core/seal/openssl_opener.h"
#include "fuzz/property.h"

#include <optional>
#include <set>

using namespace pitstop;
using fuzz::must;

namespace {

constexpr seal::FrameLink link_of_ecu{0x0011, seal::Direction::to_ecu};

class Line {
public:
    void step(fuzz::Script& script) {
        switch (script.u8() % 5) {
            case 0: arrives(sent(script.sized()), Kind::honest); break;
            case 1:
                if (!frames_.empty()) arrives(frames_[script.u8() % frames_.size()], Kind::sent_before);
                break;
            case 2: lose(script.u8()); break;
            case 3: change(script.u8(), script.u8()); break;
            default: {
                const View made_up = script.sized();
                arrives(Bytes(made_up.begin(), made_up.end()), Kind::made_up);
            }
        }
    }

private:
    enum class Kind : std::uint8_t { honest, sent_before, made_up };

    Bytes sent(View message) {
        Bytes frame(seal::frame_overhead_bytes + message.size());
        fuzz::must_have(sealer_->seal(message, 0, frame), "a short message fits into a frame");
        frames_.push_back(frame);
        return frame;
    }
    // As if they had been sealed: their counters are gone.
    void lose(std::uint8_t eights) {
        const std::uint64_t counter = sealer_->counter() + 8U * eights;
        sealer_.emplace(seal::FramePorts{cipher_, hasher_}, master_, link_of_ecu, counter);
    }
    void change(std::uint8_t where, std::uint8_t how) {
        if (frames_.empty() || how == 0) return;
        Bytes frame = frames_.back();
        frame[where % frame.size()] ^= how;
        arrives(std::move(frame), Kind::made_up);
    }
    void arrives(Bytes frame, Kind kind) {
        const std::uint64_t before = opener_.counter();
        const Bytes as_sent = frame;
        const auto message = opener_.open(frame, 0);
        if (!message) {
            must(opener_.counter() == before, "what is refused changes nothing");
            const bool is_far = sealer_->counter() - before > seal::frames_lost_max;
            must(kind != Kind::honest || is_far, "an honest frame arrives");
            return;
        }
        must(kind != Kind::made_up, "nobody makes up a frame");
        must(accepted_.insert(as_sent).second, "no frame arrives twice");
        must(opener_.counter() > before && opener_.counter() - before <= seal::frames_lost_max, "the counter rises");
        must(message->size() + seal::frame_overhead_bytes == as_sent.size(), "the message is what was in the frame");
    }

    const seal::MasterKey master_{Bytes(32, 0x11)};
    seal::OpenSslChunkCipher cipher_;
    crypto::Sha256 hasher_;
    std::optional<seal::FrameSealer> sealer_{std::in_place, seal::FramePorts{cipher_, hasher_}, master_, link_of_ecu,
                                             0};
    seal::FrameOpener opener_{{cipher_, hasher_}, master_, link_of_ecu, 0};
    std::vector<Bytes> frames_;
    std::set<Bytes> accepted_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Script script({data, std::min<std::size_t>(size, 96)});
    Line line;
    while (!script.ended()) line.step(script);
    return 0;
}
