#include "core/doip/reader.h"

#include "core/doip/payloads.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace pitstop::doip {
namespace {

Bytes diagnostic(std::size_t uds_size_bytes, std::uint8_t filler) {
    const auto prefix = diagnostic_prefix(3, 0x0E80, 0x0011, uds_size_bytes);
    Bytes bytes(prefix.begin(), prefix.end());
    bytes.resize(bytes.size() + uds_size_bytes, filler);
    return bytes;
}

struct Fed {
    std::vector<Bytes> payloads;
    std::vector<Rejected> rejected;
};

// Feeds the stream in pieces of at most `piece_bytes`, as a socket would.
Fed feed(Reader& reader, View stream, std::size_t piece_bytes) {
    Fed fed;
    while (!stream.empty()) {
        const Room room = reader.prepare();
        EXPECT_FALSE(room.empty());
        const std::size_t size = std::min({piece_bytes, room.size(), stream.size()});
        std::copy_n(stream.begin(), size, room.begin());
        reader.commit(size);
        stream = stream.subspan(size);
        while (auto item = reader.next()) {
            if (const auto* message = std::get_if<Message>(&*item))
                fed.payloads.emplace_back(message->payload.begin(), message->payload.end());
            else
                fed.rejected.push_back(std::get<Rejected>(*item));
        }
    }
    return fed;
}

TEST(Reader, SkipsWhatItDoesNotTakeHoweverLongItIs) {
    for (const std::size_t piece_bytes : {1u, 7u, 64u, 4096u}) {
        Bytes storage(64);
        Reader reader(storage, Listener::entity_tcp, 1000);
        Bytes stream{3, 0xFC, 0x77, 0x77, 0, 0, 1, 0};  // an unknown type with 256 bytes
        stream.resize(stream.size() + 256, 0x02);
        const Bytes too_large = diagnostic(2000, 0x03), no_memory = diagnostic(100, 0x04), good = diagnostic(10, 0x05);
        for (const auto* part : {&too_large, &no_memory, &good})
            stream.insert(stream.end(), part->begin(), part->end());
        const auto fed = feed(reader, stream, piece_bytes);
        ASSERT_EQ(fed.rejected.size(), 3u) << piece_bytes;
        EXPECT_EQ(fed.rejected[0].code, HeaderNack::unknown_payload_type);
        EXPECT_EQ(fed.rejected[1].code, HeaderNack::message_too_large);
        EXPECT_EQ(fed.rejected[2].code, HeaderNack::out_of_memory);
        ASSERT_EQ(fed.payloads.size(), 1u);
        EXPECT_EQ(fed.payloads[0], Bytes(good.begin() + header_size_bytes, good.end()));
    }
}

TEST(Reader, SaysNothingMoreAfterAStreamThatIsNotDoip) {
    Bytes storage(64);
    Reader reader(storage, Listener::entity_tcp);
    Bytes stream = *from_hex("474554202f20485454502f312e310d0a");  // "GET / HTTP/1.1"
    const Bytes good = diagnostic(1, 0);
    stream.insert(stream.end(), good.begin(), good.end());
    const auto fed = feed(reader, stream, 5);
    ASSERT_EQ(fed.rejected.size(), 1u);
    EXPECT_EQ(fed.rejected[0].code, HeaderNack::incorrect_pattern);
    EXPECT_TRUE(fed.rejected[0].ends_connection);
    EXPECT_TRUE(fed.payloads.empty());
}

TEST(Reader, CutsAStreamIntoMessagesHoweverItArrives) {
    Bytes stream;
    std::vector<Bytes> expected;
    for (std::uint8_t i = 0; i < 100; ++i) {
        const Bytes message = diagnostic(1 + (i * 37) % 180, i);
        expected.emplace_back(message.begin() + header_size_bytes, message.end());
        stream.insert(stream.end(), message.begin(), message.end());
    }
    for (const std::size_t piece_bytes : {1u, 2u, 3u, 8u, 13u, 100u, 191u, 192u, 4096u}) {
        Bytes storage(header_size_bytes + 4 + 180);
        Reader reader(storage, Listener::entity_tcp);
        const auto fed = feed(reader, stream, piece_bytes);
        EXPECT_TRUE(fed.rejected.empty());
        EXPECT_EQ(fed.payloads, expected) << piece_bytes;
    }
}

}  // namespace
}  // namespace pitstop::doip
