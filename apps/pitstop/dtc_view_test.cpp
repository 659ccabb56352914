#include "apps/pitstop/dtc_view.h"

#include "apps/pitstop/faults.h"
#include "core/uds/faults.h"

#include <gtest/gtest.h>

#include <sstream>

namespace pitstop::cli {
namespace {

const EcuId ecu = *EcuId::parse("ECU_011");

TEST(DtcView, ReadsCodesWithTheirStatus) {
    const auto dtcs =
        parse_dtcs(*from_hex("59027f"
                             "05621609"
                             "c1002386"));
    ASSERT_TRUE(dtcs);
    std::ostringstream out;
    print_dtcs(ecu, *dtcs, out);
    EXPECT_EQ(out.str(),
              "ECU_011: 2 trouble codes\n"
              "  P0562-16  056216  0x09  testFailed, confirmedDTC\n"
              "  U0100-23  C10023  0x86  testFailedThisOperationCycle, pendingDTC, warningIndicatorRequested\n");
    const json::Object object = dtcs_to_json(ecu, *dtcs);
    const auto& first = object.at("dtcs").as_array().at(0).as_object();
    EXPECT_EQ(*json::string(first, "dtc"), "056216");
    EXPECT_EQ(*json::string(first, "code"), "P0562-16");
    EXPECT_EQ(first.at("status_bits").as_array().size(), 2u);
}

TEST(DtcView, AnEmptyMemoryIsAnAnswerToo) {
    std::ostringstream out;
    print_dtcs(ecu, *parse_dtcs(*from_hex("59027f")), out);
    EXPECT_EQ(out.str(), "ECU_011: 0 trouble codes\n");
}

TEST(DtcView, RefusesAnAnswerThatIsCutOff) {
    for (const char* answer : {"", "5902", "59027f0562", "59027f0562160905"})
        EXPECT_TRUE(parse_dtcs(*from_hex(answer)).error().is(uds::faults::strange_answer)) << answer;
}

TEST(DtcView, NamesWhatIsToBeCleared) {
    EXPECT_EQ(*parse_dtc_group("all"), 0xFFFFFFu);
    EXPECT_EQ(*parse_dtc_group("056216"), 0x056216u);
    for (const char* text : {"", "P0562", "0562", "05621600", "every"})
        EXPECT_TRUE(parse_dtc_group(text).error().is(faults::bad_dtc)) << text;
}

}  // namespace
}  // namespace pitstop::cli
