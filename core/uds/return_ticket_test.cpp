#include "core/uds/return_ticket.h"

#include "core/uds/door_on_the_desk_test.h"

#include <gtest/gtest.h>

namespace pitstop::uds {
namespace {

using namespace desk;

const Bytes programs{0x34, 0x00, 0x44, 0, 0, 0, 0, 0, 0, 1, 0};

Nrc nrc_of(const Bytes& answer) {
    return answer[0] == negative_response_sid ? static_cast<Nrc>(answer[2]) : Nrc::positive_response;
}

class ReturnTicketTest : public testing::Test {
protected:
    ReturnTicketTest() { gateway.comes_back = true; }

    bool may_program() { return ecu.access->judge(programs, Session::programming) == Nrc::positive_response; }
    Result<WayIn::Through> visit() {
        ecu.access->session_changed(Session::default_);
        EXPECT_FALSE(may_program());
        ecu.access->session_changed(Session::extended);
        return enter(ecu, gateway);
    }
    Bytes expected_link() {
        const Bytes answer = ecu.ask(message_of(RequestChallenge{.algorithm = sha256_chain}));
        const auto read = read_given_challenge(answer);
        return read ? Bytes(read->challenge.begin(), read->challenge.end()) : Bytes{};
    }
    Nrc show(View link) { return nrc_of(ecu.ask(message_of(ProofForChallenge{sha256_chain, link}))); }

    DoorOnTheDesk ecu{{.tickets = true}};
    DeskTester gateway{{}};
};

TEST_F(ReturnTicketTest, WhoProvedItselfOnceComesBackWithoutCertificates) {
    EXPECT_EQ(visit(), WayIn::Through::certificates);
    for (int i = 0; i < returns_max; ++i) {
        EXPECT_EQ(visit(), WayIn::Through::return_ticket) << i;
        EXPECT_TRUE(may_program());
    }
    EXPECT_EQ(visit(), WayIn::Through::certificates) << "the ticket is used up";
    EXPECT_EQ(visit(), WayIn::Through::return_ticket) << "and there is a new one";
}

TEST_F(ReturnTicketTest, ComesBackWithTheRolesThatWereProved) {
    DeskTester reader{{.units = {"role=diagnostic"}}};
    reader.comes_back = true;
    for (const auto through : {WayIn::Through::certificates, WayIn::Through::return_ticket}) {
        ecu.access->session_changed(Session::default_);
        ecu.access->session_changed(Session::extended);
        EXPECT_EQ(enter(ecu, reader), through);
        EXPECT_FALSE(may_program());
        EXPECT_TRUE(ecu.allows({0x2F, 0x01, 0x00, 0x03}));
    }
}

TEST_F(ReturnTicketTest, ALinkOpensOnce) {
    ASSERT_TRUE(visit());
    const auto link = *gateway.chain_of_links.link_before(expected_link(), door_of(0x0011));
    ASSERT_EQ(show(link), Nrc::positive_response);
    EXPECT_TRUE(may_program());
    EXPECT_EQ(expected_link(), Bytes(link.begin(), link.end())) << "what was shown is what the next has to lead to";
    EXPECT_FALSE(may_program()) << "whoever asks anew is out";
    EXPECT_EQ(show(link), Nrc::ownership_verification_failed) << "what a listener heard";
    EXPECT_EQ(show(link), Nrc::request_sequence_error) << "one proof for each challenge";
    EXPECT_FALSE(may_program());
}

TEST_F(ReturnTicketTest, ATicketBegetsNoOther) {
    ASSERT_TRUE(visit());
    ASSERT_EQ(visit(), WayIn::Through::return_ticket);
    const ReturnLink mine{1};
    const Bytes leaves = message_of(TransmitCertificate{return_ticket_evaluation, mine});
    EXPECT_EQ(nrc_of(ecu.ask(leaves)), Nrc::authentication_required);
    EXPECT_EQ(visit(), WayIn::Through::return_ticket);
}

TEST_F(ReturnTicketTest, NobodyLeavesATicketWhoIsNotIn) {
    const ReturnLink mine{1};
    EXPECT_EQ(nrc_of(ecu.ask(message_of(TransmitCertificate{return_ticket_evaluation, mine}))),
              Nrc::authentication_required);
    EXPECT_EQ(expected_link(), Bytes{});
    EXPECT_EQ(nrc_of(ecu.ask(message_of(RequestChallenge{.algorithm = sha256_chain}))), Nrc::request_sequence_error);
}

TEST_F(ReturnTicketTest, EndsWithTheCertificates) {
    ASSERT_TRUE(visit());
    ecu.time = ecu.ticket.kept->until;
    EXPECT_EQ(visit(), WayIn::Through::return_ticket);
    ecu.time = ecu.time + std::chrono::seconds(1);
    const auto link = *gateway.chain_of_links.link_before(expected_link(), door_of(0x0011));
    EXPECT_EQ(show(link), Nrc::certificate_invalid_time_period);
    EXPECT_FALSE(may_program());
}

TEST_F(ReturnTicketTest, EndsWhenWhoIsInLeavesForGood) {
    ASSERT_TRUE(visit());
    ecu.access->session_changed(Session::default_);
    EXPECT_EQ(nrc_of(ecu.ask(Bytes{0x29, 0x00})), Nrc::positive_response);
    EXPECT_TRUE(ecu.ticket.kept) << "somebody who is not in takes nobody's ticket away";
    ASSERT_EQ(visit(), WayIn::Through::return_ticket);
    EXPECT_EQ(nrc_of(ecu.ask(Bytes{0x29, 0x00})), Nrc::positive_response);
    EXPECT_FALSE(ecu.ticket.kept);
    EXPECT_EQ(visit(), WayIn::Through::certificates);
}

TEST_F(ReturnTicketTest, AnEcuThatCannotKeepItTakesNoneAndOpensToNone) {
    ecu.ticket.fails = true;
    EXPECT_EQ(visit(), WayIn::Through::certificates);
    EXPECT_EQ(visit(), WayIn::Through::certificates);
    ecu.ticket.fails = false;
    ASSERT_EQ(visit(), WayIn::Through::certificates);
    ecu.ticket.fails = true;
    const auto link = *gateway.chain_of_links.link_before(expected_link(), door_of(0x0011));
    EXPECT_EQ(show(link), Nrc::conditions_not_correct) << "a link that could be shown again opens nothing";
    EXPECT_FALSE(may_program());
}

TEST_F(ReturnTicketTest, AnEcuThatLostItsTicketTakesCertificates) {
    ASSERT_TRUE(visit());
    ecu.ticket.kept.reset();
    EXPECT_EQ(visit(), WayIn::Through::certificates);
    ecu.ticket.kept->expects = {5};
    EXPECT_EQ(visit(), WayIn::Through::certificates) << "somebody else's";
}

TEST_F(ReturnTicketTest, AnAnswerThatGotLostCostsOneReturn) {
    ASSERT_TRUE(visit());
    const auto link = *gateway.chain_of_links.link_before(expected_link(), door_of(0x0011));
    ASSERT_EQ(show(link), Nrc::positive_response);
    EXPECT_EQ(visit(), WayIn::Through::return_ticket);
    EXPECT_EQ(ecu.ticket.kept->returns_left, returns_max - 2);
}

TEST_F(ReturnTicketTest, AnEcuWithoutMemoryDoesNotKnowThem) {
    DoorOnTheDesk without;
    EXPECT_EQ(enter(without, gateway), WayIn::Through::certificates);
    EXPECT_FALSE(gateway.chain_of_links.is_there());
    for (const std::uint8_t task : {std::uint8_t{4}, std::uint8_t{5}, std::uint8_t{6}})
        EXPECT_EQ(without.ask(Bytes{0x29, task}), (Bytes{0x7F, 0x29, 0x12}));
}

TEST_F(ReturnTicketTest, RefusesWhatTheMessageShouldNotSay) {
    for (const std::uint8_t task : {std::uint8_t{4}, std::uint8_t{5}, std::uint8_t{6}})
        EXPECT_EQ(nrc_of(ecu.ask(Bytes{0x29, task})), Nrc::incorrect_message_length_or_invalid_format);
    ASSERT_TRUE(visit());
    const ReturnLink mine{1};
    EXPECT_EQ(nrc_of(ecu.ask(message_of(TransmitCertificate{2, mine}))), Nrc::certificate_invalid_type);
    EXPECT_EQ(nrc_of(ecu.ask(message_of(TransmitCertificate{return_ticket_evaluation, Bytes(31)}))),
              Nrc::certificate_invalid_format);
    const Algorithm another{0x06, 0x01, 0x01};
    EXPECT_EQ(nrc_of(ecu.ask(message_of(RequestChallenge{.algorithm = another}))),
              Nrc::configuration_data_usage_failed);
    EXPECT_EQ(nrc_of(ecu.ask(message_of(RequestChallenge{1, sha256_chain}))), Nrc::configuration_data_usage_failed);
    ASSERT_FALSE(expected_link().empty());
    EXPECT_EQ(nrc_of(ecu.ask(message_of(ProofForChallenge{another, mine}))), Nrc::configuration_data_usage_failed);
    ASSERT_FALSE(expected_link().empty());
    EXPECT_EQ(show(Bytes(31)), Nrc::ownership_verification_failed);
    ecu.access->session_changed(Session::default_);
    EXPECT_EQ(nrc_of(ecu.ask(message_of(RequestChallenge{.algorithm = sha256_chain}))),
              Nrc::sub_function_not_supported_in_active_session);
}

TEST(ReturnTicketBytes, ComeBackAsTheyWere) {
    const ReturnTicket ticket{{1, 2, 3}, 7, crypto::Role::programming | crypto::Role::diagnostic, {1'800'000'000}};
    EXPECT_EQ(ReturnTicket::parse(ticket.bytes()), ticket);
    EXPECT_FALSE(ReturnTicket::parse({}));
    auto wrong = ticket.bytes();
    wrong[32] = returns_max + 1;
    EXPECT_FALSE(ReturnTicket::parse(wrong));
    wrong[32] = 0;
    EXPECT_FALSE(ReturnTicket::parse(wrong));
    wrong[32] = 1;
    wrong[33] = 0xF8;
    EXPECT_FALSE(ReturnTicket::parse(wrong)) << "no role that is known";
}

// The vector of docs/formats/access.md.
TEST(ReturnLinks, AreThoseOfThePage) {
    crypto::Sha256 hasher;
    const Door door{0x0011, Text<17>("TESTCAR1")};
    ReturnLink link{};
    for (std::uint8_t i = 0; i < 32; ++i) link[i] = i;
    link = link_after(link, door, hasher);
    EXPECT_EQ(to_hex(link), "ac33ea97cdf9ac112c3a0a9dd0ca1ef43ca0a3b574779b9d82ce6b6dcc01733e");
    EXPECT_NE(link_after(link, door, hasher), link_after(link, {0x0012, door.vin}, hasher));
    EXPECT_NE(link_after(link, door, hasher), link_after(link, {0x0011, Text<17>("TESTCAR2")}, hasher));
}

}  // namespace
}  // namespace pitstop::uds
