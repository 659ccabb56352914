// core/wire: messages between vehicle and server, both forms. Input: the topic in the first line, then the message.
#include "core/wire/envelope.h"
#include "fuzz/property.h"

using namespace pitstop;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [topic, message] = fuzz::titled({data, size});
    const auto envelope = wire::from_bytes(message, topic);
    fuzz::must_repeat(envelope, wire::from_bytes(message, topic));
    if (!envelope) return 0;
    must(wire::vin_of_topic(topic) == envelope->vin, "a message speaks for the VIN of its topic");
    must(envelope->topic() == topic, "and came on the topic of its type");
    const Bytes written = wire::to_bytes(*envelope);
    if (written.size() > wire::message_size_bytes_max) return 0;
    const auto again = fuzz::must_have(wire::from_bytes(written, topic), "what was accepted can be said again");
    must(again == *envelope, "and means the same");
    return 0;
}
