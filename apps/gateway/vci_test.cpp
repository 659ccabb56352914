#include "apps/gateway/vci.h"

#include "apps/gateway/faults.h"
#include "core/flash/bank_state.h"
#include "core/flash/faults.h"
#include "core/uds/faults.h"

#include <gtest/gtest.h>

namespace pitstop::gateway {
namespace {

EcuId ecu(std::uint32_t number) { return *EcuId::from_number(number); }

Bytes text(std::string_view words) { return {words.begin(), words.end()}; }

vehicle::Identifiers everything() {
    const auto banks = flash::to_bytes(flash::BankState{.running = flash::Bank::a, .release_counter = 7});
    return {{uds::did::software_version, text("1.2.0")},
            {uds::did::hardware_number, text("brake-2\0\0")},
            {uds::did::serial_number, text("SN-1  ")},
            {uds::did::part_number, text("PN-1")},
            {uds::did::bank_state, {banks.begin(), banks.end()}},
            {uds::did::image_digest, Bytes(32, 5)}};
}

vehicle::Entry missing(std::uint32_t number, std::string code) {
    return {ecu(number), {}, vehicle::Entry::Missing{std::move(code), "no word"}};
}

TEST(Vci, ReadsWhatAnEcuSaidOfItself) {
    vehicle::Identifiers said = everything();
    const auto plain = known_from({ecu(11), vehicle::to_bytes(said)}, vehicle::Link::can_fd);
    ASSERT_TRUE(plain) << plain.error().str();
    EXPECT_EQ(plain->report.version, (Version{1, 2, 0}));
    EXPECT_EQ(plain->report.serial, "SN-1");
    EXPECT_EQ(plain->release_counter, 7u);
    EXPECT_TRUE(plain->settled);
    EXPECT_TRUE(plain->version_report.empty()) << "it has no keys";
    EXPECT_EQ(plain->report.opens, Openings{}) << "and takes images as they are";
    said.emplace_back(uds::did::openings, text("zstd window=8192"));
    said.emplace_back(uds::did::version_report, Bytes{1});
    const auto more = known_from({ecu(11), vehicle::to_bytes(said)}, vehicle::Link::doip);
    EXPECT_EQ(more->report.opens.str(), "zstd window=8192");
    EXPECT_EQ(more->version_report, Bytes{1});
}

TEST(Vci, AnEcuThatLeavesOutWhatIsNeededIsNotKnown) {
    for (std::size_t i = 0; i < everything().size(); ++i) {
        vehicle::Identifiers said = everything();
        said.erase(said.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_TRUE(known_from({ecu(11), vehicle::to_bytes(said)}, vehicle::Link::doip)
                        .error()
                        .is(flash::faults::strange_answer))
            << i;
    }
}

TEST(Vci, AMissingEcuKeepsTheReasonThatItsZoneGives) {
    const auto silent = known_from(missing(11, "uds.no-answer"), vehicle::Link::can_fd);
    EXPECT_TRUE(silent.error().is(uds::faults::no_answer));
    EXPECT_EQ(silent.error().detail(), "no word");
    const auto other = known_from(missing(11, "zone.unreachable"), vehicle::Link::can_fd);
    EXPECT_TRUE(other.error().is(faults::ecu_missing));
    EXPECT_EQ(other.error().detail(), "zone.unreachable: no word");
}

TEST(Vci, EveryEcuThatIsNotReadyIsAReasonAndManyAreCounted) {
    using vehicle::EcuReadiness;
    std::vector<vehicle::Entry> entries{{ecu(1), vehicle::to_bytes(EcuReadiness{0, 2})},
                                        {ecu(2), vehicle::to_bytes(EcuReadiness{0x01, 2})},
                                        missing(3, "uds.no-answer")};
    std::vector<EcuId> all{ecu(1), ecu(2), ecu(3)};
    EXPECT_EQ(reasons_of(entries, all),
              (std::vector<std::string>{"ECU_002 is not ready: flash.not-ready, 2 trouble codes",
                                        "ECU_003 does not answer: uds.no-answer"}))
        << "codes alone are no reason: programming heals some of them";
    for (std::uint32_t number = 4; number <= 20; ++number) {
        entries.push_back(missing(number, "uds.no-answer"));
        all.push_back(ecu(number));
    }
    const auto many = reasons_of(entries, all);
    EXPECT_EQ(many.size(), 7u);
    EXPECT_EQ(many.back(), "13 more ECUs are not ready");
    EXPECT_EQ(reasons_of(std::vector<vehicle::Entry>{{ecu(1), {1}}}, {}).at(0),
              "ECU_001 does not say whether it is ready");
}

TEST(Vci, WhomTheUpdateIsNotForHoldsNothingUp) {
    const std::vector<vehicle::Entry> entries{{ecu(1), vehicle::to_bytes(vehicle::EcuReadiness{0x01, std::nullopt})},
                                              missing(2, "uds.no-answer"),
                                              {ecu(3), vehicle::to_bytes(vehicle::EcuReadiness{0, 0})}};
    EXPECT_EQ(reasons_of(entries, {}).size(), 1u) << "a dead ECU does not keep the others from the download";
    const std::vector<EcuId> third{ecu(3)};
    EXPECT_TRUE(reasons_of(entries, third).empty());
    const std::vector<EcuId> second{ecu(2)};
    EXPECT_EQ(reasons_of(entries, second).at(0), "ECU_002 does not answer: uds.no-answer");
}

}  // namespace
}  // namespace pitstop::gateway
