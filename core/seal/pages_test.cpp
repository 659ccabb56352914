// The vectors of docs/formats/sealed.md and frames.md, read from those pages.
#include "core/seal/sealed_on_the_desk_test.h"

#include <format>
#include <fstream>
#include <map>

namespace pitstop::seal {
namespace {

// The lines "name = value" of the block that starts with ``` and this word.
std::map<std::string, std::string> shown(const std::string& page, std::string_view kind) {
    std::ifstream file(page);
    std::string line;
    while (std::getline(file, line) && line != std::format("```{}", kind)) {}
    std::map<std::string, std::string> values;
    while (std::getline(file, line) && line != "```") {
        const auto at = line.find(" = ");
        values[line.substr(0, at)] = line.substr(at + 3);
    }
    EXPECT_FALSE(values.empty()) << page;
    return values;
}

template <class Array>
Array array_of(const std::string& hex) {
    Array array{};
    std::ranges::copy(*from_hex(hex), array.begin());
    return array;
}

struct SealedPage : testing::Test {
    std::map<std::string, std::string> says = shown("docs/formats/sealed.md", "vector");
    crypto::xwing::PrivateKey key = *crypto::xwing::PrivateKey::from_seed(*from_hex(says.at("seed")));
    ContentKey content_key{crypto::Secret<32>(*from_hex(says.at("content key")))};
    Order order{*CampaignId::parse(says.at("campaign")), *EcuId::parse(says.at("ecu")), small_chunk_bytes};

    [[nodiscard]] Bytes content_of_payload(View payload) const {
        Collected content;
        auto sealer = *Sealer::begin_with(array_of<Salt>(says.at("salt")), order, payload.size(), content_key, content);
        EXPECT_TRUE(sealer.push(payload));
        EXPECT_TRUE(sealer.finish());
        return content.bytes;
    }
};

TEST_F(SealedPage, ShowsTheBytesThatWeMakeAndOpen) {
    EXPECT_EQ(to_hex(key.public_key().key_id()), says.at("sha256(public key)"));
    const Bytes content = content_of_payload(view_of(says.at("payload")));
    EXPECT_EQ(to_hex(content), says.at("header") + says.at("chunk"));

    const EnvelopeInfo info = envelope_info(order.campaign.view(), order.ecu.address());
    EXPECT_EQ(to_hex(info.view()), says.at("info"));
    const Bytes wrapped =
        *crypto::hpke::seal_derand(key.public_key(), info.view(), View(content).first(header_size_bytes),
                                   content_key.view(), *from_hex(says.at("randomness")));
    EXPECT_EQ(to_hex(crypto::sha256(View(wrapped).first(1120))), says.at("sha256(enc)"));
    EXPECT_EQ(to_hex(View(wrapped).subspan(1120)), says.at("wrapped key"));

    const EnvelopesHead head = envelopes_head(1);
    Bytes sealed(head.begin(), head.end());
    const KeyHint hint = hint_of(key.public_key());
    sealed.insert(sealed.end(), hint.begin(), hint.end());
    sealed.insert(sealed.end(), wrapped.begin(), wrapped.end());
    sealed.insert(sealed.end(), content.begin(), content.end());
    EXPECT_EQ(to_hex(crypto::sha256(sealed)), says.at("sha256(sealed payload)"));

    Ecu ecu(0x11, 11, says.at("campaign"));
    ASSERT_TRUE(ecu.take(sealed));
    EXPECT_EQ(text_of(ecu.out.bytes), says.at("payload"));
}

TEST_F(SealedPage, ShowsTwoChunks) {
    Bytes payload(5000);
    for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<std::uint8_t>(i);
    EXPECT_EQ(to_hex(crypto::sha256(content_of_payload(payload))),
              says.at("sha256(content of 5000 bytes 00 01 … ff 00 …)"));
}

TEST(FramesPage, ShowsTheFrameThatWeMakeAndOpen) {
    const auto says = shown("docs/formats/frames.md", "vector");
    const MasterKey master(*from_hex(says.at("master key")));
    const FrameLink link{EcuId::parse(says.at("ecu"))->address(), Direction::from_ecu};
    OpenSslChunkCipher cipher;
    crypto::Sha256 hasher;
    const std::uint64_t counter = std::stoull(says.at("counter")), answers = std::stoull(says.at("answers"));
    FrameSealer sealer({cipher, hasher}, master, link, counter - 1);
    Bytes frame(frame_overhead_bytes + says.at("message").size());
    ASSERT_TRUE(sealer.seal(view_of(says.at("message")), answers, frame));
    EXPECT_EQ(to_hex(frame), says.at("frame"));
    FrameOpener opener({cipher, hasher}, master, link, counter - 1);
    EXPECT_EQ(text_of(*opener.open(frame, answers)), says.at("message"));
}

}  // namespace
}  // namespace pitstop::seal
