// core/doip: a tester and what an entity may say to it. Input: how large the cuts are (one byte), then the stream.
#include "core/doip/faults.h"
#include "core/doip/tester.h"
#include "fuzz/property.h"

using namespace pitstop;
using fuzz::must;

namespace {

constexpr std::uint16_t our_address = 0x0E80;

// false: the connection is to be closed.
bool hear(const doip::Tester& tester, const doip::Item& item) {
    const doip::Heard heard = tester.on_item(item);
    if (const auto* broken = std::get_if<doip::Broken>(&heard)) {
        must(!broken->error.detail().empty() || broken->error.is(doip::faults::not_doip), "an end has a reason");
        return false;
    }
    if (const auto* said = std::get_if<doip::Said>(&heard)) must(!said->uds.empty(), "an ECU says something");
    if (const auto* reply = std::get_if<doip::Reply>(&heard))
        must(std::ranges::equal(reply->packet.view(),
                                doip::alive_check_response(doip::version_2019, our_address).view()),
             "the only reply is that we live");
    if (std::holds_alternative<doip::Rejected>(item))
        must(std::holds_alternative<doip::Nothing>(heard), "what was refused means nothing");
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Script script({data, size});
    const std::size_t cut = std::size_t{1} + script.u8();
    const doip::Tester tester(our_address);
    Bytes storage(512);
    doip::Reader reader(storage, doip::Listener::tester_tcp);
    while (!script.ended()) {
        const Room room = reader.prepare();
        const View piece = script.take(std::min(room.size(), cut));
        std::ranges::copy(piece, room.begin());
        reader.commit(piece.size());
        while (const auto item = reader.next())
            if (!hear(tester, *item)) return 0;
    }
    return 0;
}
