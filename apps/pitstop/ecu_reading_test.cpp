#include "apps/pitstop/ecu_reading.h"

#include "apps/pitstop/faults.h"
#include "core/flash/bank_state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace pitstop::cli {
namespace {

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

TEST(EcuReading, RefusesWhatIsNoDataIdentifier) {
    for (const char* text : {"", "F1", "F18", "F18Z", "0xF189", "F189F1", "vin"}) {
        const auto did = parse_did(text);
        ASSERT_FALSE(did) << text;
        EXPECT_TRUE(did.error().is(faults::bad_did));
    }
    EXPECT_EQ(*parse_did("F189"), 0xF189);
    EXPECT_EQ(*parse_did("f1a2"), 0xF1A2);
}

TEST(EcuReading, WritesTextAsTextAndEverythingElseAsHex) {
    EXPECT_EQ(readable(uds::did::software_version, bytes_of("1.2.3")), "1.2.3");
    EXPECT_EQ(readable(uds::did::serial_number, Bytes{'S', 'N', '1', 0, 0}), "SN1");  // a record of fixed length
    EXPECT_EQ(readable(uds::did::system_name, bytes_of("\033[2J")), "1b5b324a");
    EXPECT_EQ(readable(0x0101, Bytes{0x80, 0x01}), "8001");
    EXPECT_EQ(readable(0x0101, Bytes{0x00, 0x00}), "0000");
    EXPECT_EQ(readable(0x0101, {}), "");
}

TEST(EcuReading, WritesADigestAsHexEvenWhenItLooksLikeText) {
    const Bytes digest(32, 'A');
    std::string expected;
    for (int i = 0; i < 32; ++i) expected += "41";
    EXPECT_EQ(readable(uds::did::image_digest, digest), expected);
}

TEST(EcuReading, PutsTheBankStateIntoWords) {
    const flash::BankState state{.running = flash::Bank::b, .phase = flash::Phase::trial, .release_counter = 7};
    const auto raw = to_bytes(state);
    const std::string words = readable(uds::did::bank_state, raw);
    EXPECT_TRUE(words.contains("B runs, A committed, on trial")) << words;
    EXPECT_TRUE(words.contains("counter 7")) << words;
    EXPECT_EQ(readable(uds::did::bank_state, View(raw).first(3)), to_hex(View(raw).first(3)));  // of another maker
}

TEST(EcuReading, GivesProgramsTheNamesOfAVciReport) {
    std::vector<DidValue> values;
    for (const std::uint16_t did : usual_dids()) values.push_back({did, bytes_of("1")});
    const json::Object object = to_json(*EcuId::parse("ECU_011"), values);
    for (const char* name :
         {"ecu_id", "vin", "version", "serial", "part_number", "hardware_id", "name", "bank_state", "image_sha256"})
        EXPECT_TRUE(json::has(object, name)) << name;
    EXPECT_FALSE(json::has(object, "refused"));
}

TEST(EcuReading, TellsARefusalInClearText) {
    const std::vector<DidValue> values{{0xF193, {}, uds::Nrc::request_out_of_range}, {0x0203, bytes_of("x")}};
    const EcuId ecu = *EcuId::parse("ECU_011");
    std::ostringstream out;
    print_reading(ecu, values, out);
    EXPECT_TRUE(out.str().contains("requestOutOfRange (0x31)")) << out.str();
    EXPECT_TRUE(out.str().contains(clear_text(uds::Nrc::request_out_of_range)));
    const json::Object object = to_json(ecu, values);
    EXPECT_EQ(json::string(**json::object(object, "refused"), "hardware_version").value(), "requestOutOfRange");
    EXPECT_EQ(json::string(object, "0203").value(), "x");
}

}  // namespace
}  // namespace pitstop::cli
