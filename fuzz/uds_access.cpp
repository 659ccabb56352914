// core/uds: the messages of service 0x29 and the door behind it, both locks. Input: which locks (one byte), then
// events: a byte that says what happens, and a counted request.
#include "core/uds/door_on_the_desk_test.h"
#include "fuzz/property.h"

using namespace pitstop;
using fuzz::must;

namespace {

// What was read is written again as it was.
template <class Message>
void must_come_back(const Message& read, View message) {
    Bytes storage(message.size());
    uds::Reply out(storage);
    write(read, out);
    must(out.fits() && out.size() == message.size(), "a message that was read is as long when it is written");
    storage[1] = static_cast<std::uint8_t>(storage[1] | (message[1] & uds::suppress_positive_bit));
    must(std::ranges::equal(storage, message), "and the same");
}

void read_all(View message) {
    if (message.size() < 2) return;
    Bytes request(message.begin(), message.end()), answer = request;
    request[0] = 0x29;
    answer[0] = 0x69;
    request[1] = static_cast<std::uint8_t>(1 + request[1] % 2);
    if (const auto read = uds::read_verify_certificate(request)) must_come_back(*read, request);
    request[1] = 3;
    if (const auto read = uds::read_proof_of_ownership(request)) must_come_back(*read, request);
    request[1] = 4;
    if (const auto read = uds::read_transmit_certificate(request)) must_come_back(*read, request);
    request[1] = 5;
    if (const auto read = uds::read_request_challenge(request)) must_come_back(*read, request);
    request[1] = 6;
    if (const auto read = uds::read_proof_for_challenge(request)) must_come_back(*read, request);
    if (const auto read = uds::read_given_challenge(answer)) must_come_back(*read, answer);
    if (const auto read = uds::read_challenge_result(answer)) must_come_back(*read, answer);
    if (const auto read = uds::read_server_challenge(answer)) must_come_back(*read, answer);
    if (const auto read = uds::read_proof_result(answer)) must_come_back(*read, answer);
}

void check(View request, View answer, std::size_t size_max) {
    must(answer.size() >= 2 && answer.size() <= size_max, "there is an answer");
    if (answer[0] == uds::negative_response_sid)
        must(answer.size() == 3 && answer[1] == request[0] && answer[2] != 0, "a refusal names its service and reason");
    else
        must(answer[0] == request[0] + uds::positive_offset, "an answer names its service");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Script script({data, size});
    const std::uint8_t which = script.u8();
    uds::desk::DoorOnTheDesk door(
        {.certificates = (which & 1) == 0,
         .security = (which & 2) == 0,
         .tickets = (which & 8) != 0,
         .checking = (which & 4) == 0 ? uds::CheckingTakes::less_than_p2 : uds::CheckingTakes::longer_than_p2});
    const bool has_a_lock = (which & 3) != 3;
    if ((which & 16) != 0)
        door.ticket.kept = uds::ReturnTicket{
            .expects = {1, 2, 3}, .returns_left = 2, .roles = crypto::Role::programming, .until = door.time};
    while (!script.ended()) {
        const std::uint8_t event = script.u8();
        if (event % 8 == 7) door.access->session_changed(static_cast<uds::Session>(1 + event / 8 % 3));
        if (event % 8 == 6) door.now = door.now + std::chrono::seconds(event / 8);
        const View message = script.sized();
        read_all(message);
        if (message.empty()) continue;
        Bytes request(message.begin(), message.end());
        request[0] = event % 2 == 0 ? 0x29 : 0x27;
        check(request, door.ask(request), 16384);
        must(!has_a_lock || !door.allows({0x34, 0x00}), "nobody gets in without a key");
    }
    return 0;
}
