// core/doip: discovery over UDP, where anybody may send anything to anybody. The input is one datagram.
#include "core/doip/discovery.h"
#include "fuzz/property.h"

using namespace pitstop;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const View datagram(data, size);
    const doip::DiscoveryState state{.identity = doip::Identity::of("PITSTOP0000000001", 0x0091),
                                     .status = {.sockets_max = 8, .data_size_bytes_max = doip::data_size_bytes_max}};
    if (const auto answer = doip::answer_datagram(datagram, state)) {
        must(size >= doip::header_size_bytes, "half a header gets no answer");
        must(answer->view().size() <= doip::Packet::size_bytes_max, "an answer is short");
        must(!doip::answer_datagram(answer->view(), state),
             "an answer is never answered: two entities do not talk for ever");
    }
    if (const auto heard = doip::read_answer(datagram))
        must(!doip::answer_datagram(datagram, state), "what is an answer to a tester is no request to an entity");
    if (const auto heard = doip::read_announcement(datagram)) {
        const auto packet = heard->encode(doip::version_2019);
        const auto again = doip::read_announcement(packet.view());
        must(again.has_value(), "what was announced can be announced again");
        must(again->identity.vin == heard->identity.vin && again->identity.address == heard->identity.address &&
                 again->identity.eid == heard->identity.eid && again->identity.gid == heard->identity.gid &&
                 again->further_action == heard->further_action && again->synchronisation == heard->synchronisation,
             "and says the same");
    }
    return 0;
}
