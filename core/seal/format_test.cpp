#include "core/seal/format.h"

#include "core/seal/faults.h"

#include <gtest/gtest.h>

namespace pitstop::seal {
namespace {

Header sample() {
    Header header;
    header.chunk_log2 = 16;
    header.ecu_address = 0x0011;
    header.payload_size_bytes = 200'000;
    header.salt.fill(0x5A);
    header.campaign = Text<campaign_size_max>("C-7");
    header.commitment.fill(0xC0);
    return header;
}

TEST(SealedHeader, IsReadAsItWasWritten) {
    const HeaderBytes bytes = encode(sample());
    EXPECT_EQ(*decode(bytes), sample());
    EXPECT_EQ(to_hex(View(bytes).first(24)), "505345480101100300110000000000000000000000030d40");
}

TEST(SealedHeader, IsRefusedWithEveryImpossibleValue) {
    const auto with = [](std::size_t at, std::uint8_t value) {
        HeaderBytes bytes = encode(sample());
        bytes[at] = value;
        return decode(bytes);
    };
    EXPECT_TRUE(with(0, 'p').error().is(faults::not_this_version));
    EXPECT_TRUE(with(4, 2).error().is(faults::not_this_version));
    EXPECT_TRUE(with(5, 2).error().is(faults::not_this_version));
    EXPECT_TRUE(with(6, 11).error().is(faults::bad_header));
    EXPECT_TRUE(with(6, 21).error().is(faults::bad_header));
    EXPECT_TRUE(with(7, 0).error().is(faults::bad_header)) << "a campaign has a name";
    EXPECT_TRUE(with(7, 2).error().is(faults::bad_header)) << "a byte behind its name";
    EXPECT_TRUE(with(7, 4).error().is(faults::bad_header)) << "a name with a zero in it";
    EXPECT_TRUE(with(7, 65).error().is(faults::bad_header));
    for (std::size_t at = 10; at < 16; ++at) EXPECT_TRUE(with(at, 1).error().is(faults::bad_header)) << at;
    EXPECT_TRUE(with(19, 0x11).error().is(faults::bad_header)) << "more than 64 GiB";
    EXPECT_TRUE(with(56, '.').error().is(faults::bad_header));
    EXPECT_TRUE(with(57, '/').error().is(faults::bad_header));
    EXPECT_TRUE(with(119, 'x').error().is(faults::bad_header));
    EXPECT_TRUE(decode(View(encode(sample())).first(151)).error().is(faults::truncated));
}

TEST(SealedHeader, KnowsWhereEveryChunkLies) {
    const Header header = sample();  // three chunks of 64 KiB and 3392 bytes
    EXPECT_EQ(chunks_of(header), 4U);
    EXPECT_EQ(payload_bytes_in(header, 0), 65536U);
    EXPECT_EQ(payload_bytes_in(header, 3), 3392U);
    EXPECT_EQ(payload_bytes_in(header, 4), 0U);
    EXPECT_EQ(chunk_offset_bytes(header, 0), 152U);
    EXPECT_EQ(chunk_offset_bytes(header, 3), 152U + 3 * 65552);
    EXPECT_EQ(content_size_bytes(header), 152U + 200'000 + 4 * 16);
}

TEST(SealedHeader, CountsChunksAtTheEdges) {
    const auto sealed = [](std::uint64_t size) { return *content_size_bytes(size, 4096); };
    EXPECT_EQ(sealed(0), 152U + 16);
    EXPECT_EQ(sealed(1), 152U + 1 + 16);
    EXPECT_EQ(sealed(4095), 152U + 4095 + 16);
    EXPECT_EQ(sealed(4096), 152U + 4096 + 16);
    EXPECT_EQ(sealed(4097), 152U + 4097 + 32);
    EXPECT_EQ(sealed(payload_size_bytes_max), 152 + payload_size_bytes_max + 16 * (std::uint64_t{1} << 24));
    EXPECT_EQ(*content_size_bytes(std::uint64_t{1} << 32, 1 << 20), 152 + (std::uint64_t{1} << 32) + 16 * 4096);
    EXPECT_TRUE(content_size_bytes(payload_size_bytes_max + 1, 4096).error().is(faults::impossible_options));
    for (const std::size_t size : {0, 1, 2048, 4095, 65535, 3 << 12, 1 << 21})
        EXPECT_TRUE(content_size_bytes(1, size).error().is(faults::impossible_options)) << size;
}

TEST(Envelopes, TellHowLongTheyAre) {
    EXPECT_EQ(to_hex(envelopes_head(3)), "5053454e01000003");
    EXPECT_EQ(*recipients_in(envelopes_head(0)), 0U);
    EXPECT_EQ(*recipients_in(envelopes_head(256)), 256U);
    EXPECT_EQ(envelopes_size_bytes(1), 8U + 16 + 1120 + 32 + 16);
    EXPECT_EQ(envelopes_size_bytes(256), 303'112U);
    EXPECT_TRUE(recipients_in(envelopes_head(257)).error().is(faults::bad_header));
    EXPECT_TRUE(recipients_in(View(envelopes_head(1)).first(7)).error().is(faults::truncated));
    for (std::size_t at = 0; at < 6; ++at) {
        EnvelopesHead head = envelopes_head(1);
        head[at] ^= 1;
        EXPECT_TRUE(recipients_in(head).error().is(faults::not_this_version)) << at;
    }
}

TEST(Nonces, AreDifferentForEveryChunkAndForTheLast) {
    const NoncePrefix prefix{1, 2, 3, 4, 5, 6, 7};
    EXPECT_EQ(to_hex(nonce_of(prefix, 0x0A0B0C0D, false)), "010203040506070a0b0c0d00");
    EXPECT_EQ(to_hex(nonce_of(prefix, 0, true)), "010203040506070000000001");
}

}  // namespace
}  // namespace pitstop::seal
