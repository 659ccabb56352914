#include "core/doip/message.h"

#include "core/doip/discovery.h"
#include "core/doip/payloads.h"

#include <gtest/gtest.h>

namespace pitstop::doip {
namespace {

HeaderBytes header(std::uint8_t version, std::uint8_t inverse, std::uint16_t type, std::uint32_t size) {
    HeaderBytes bytes{version, inverse};
    store_be(&bytes[2], type);
    store_be(&bytes[4], size);
    return bytes;
}

TEST(Header, IsRefusedInTheOrderOfTheStandard) {
    struct Row {
        const char* what;
        HeaderBytes bytes;
        Listener listener;
        HeaderNack code;
    };
    const Row rows[] = {
        {"wrong inverse before all else", header(0x02, 0xFF, 0x7777, ~0u), Listener::entity_tcp,
         HeaderNack::incorrect_pattern},
        {"version 1", header(0x01, 0xFE, 0x0005, 7), Listener::entity_tcp, HeaderNack::incorrect_pattern},
        {"version 0xFF outside identification", header(0xFF, 0x00, 0x0005, 7), Listener::entity_tcp,
         HeaderNack::incorrect_pattern},
        {"unknown type before its size", header(2, 0xFD, 0x7777, ~0u), Listener::entity_tcp,
         HeaderNack::unknown_payload_type},
        {"a type for UDP on TCP", header(3, 0xFC, 0x0001, 0), Listener::entity_tcp, HeaderNack::unknown_payload_type},
        {"a response at the entity", header(3, 0xFC, 0x0006, 9), Listener::entity_tcp,
         HeaderNack::unknown_payload_type},
        {"a request at the tester", header(3, 0xFC, 0x0005, 7), Listener::tester_tcp, HeaderNack::unknown_payload_type},
        {"too large before out of memory", header(3, 0xFC, 0x8001, 5001), Listener::entity_tcp,
         HeaderNack::message_too_large},
        {"4 GiB", header(3, 0xFC, 0x8001, ~0u), Listener::entity_tcp, HeaderNack::message_too_large},
        {"out of memory before the type's size", header(3, 0xFC, 0x0005, 4000), Listener::entity_tcp,
         HeaderNack::out_of_memory},
        {"a short activation", header(3, 0xFC, 0x0005, 6), Listener::entity_tcp, HeaderNack::invalid_payload_length},
        {"an activation between its two lengths", header(3, 0xFC, 0x0005, 8), Listener::entity_tcp,
         HeaderNack::invalid_payload_length},
        {"a diagnostic message without a service", header(3, 0xFC, 0x8001, 4), Listener::entity_tcp,
         HeaderNack::invalid_payload_length},
        {"an identification request with a payload", header(3, 0xFC, 0x0001, 1), Listener::entity_udp,
         HeaderNack::invalid_payload_length},
    };
    for (const auto& row : rows) {
        const auto decoded = decode(row.bytes, Limits{row.listener, 5000, 1000});
        ASSERT_FALSE(decoded) << row.what;
        EXPECT_EQ(decoded.error().code, row.code) << row.what;
        const bool ends = row.code == HeaderNack::incorrect_pattern || row.code == HeaderNack::invalid_payload_length;
        EXPECT_EQ(decoded.error().ends_connection(), ends) << row.what;
    }
}

TEST(Header, TakesBothVersionsAndAllLengthsOfAType) {
    for (const auto& bytes : {header(2, 0xFD, 0x0005, 7), header(3, 0xFC, 0x0005, 11), header(3, 0xFC, 0x8001, 992)}) {
        const auto decoded = decode(bytes, Limits{Listener::entity_tcp, 5000, 1000});
        ASSERT_TRUE(decoded);
        EXPECT_EQ(encode(*decoded), bytes);
    }
    EXPECT_TRUE(decode(header(0xFF, 0x00, 0x0001, 0), Limits{Listener::entity_udp, 5000, 1000}));
}

Bytes bytes_of(const Packet& packet) { return {packet.view().begin(), packet.view().end()}; }

TEST(Payloads, AreWrittenToTheByte) {
    EXPECT_EQ(bytes_of(ActivationRequest{0x0E80}.encode(2)),
              (Bytes{2, 0xFD, 0, 5, 0, 0, 0, 7, 0x0E, 0x80, 0, 0, 0, 0, 0}));
    EXPECT_EQ(bytes_of(ActivationResponse{0x0E80, 0x0091, Activation::activated}.encode(3)),
              (Bytes{3, 0xFC, 0, 6, 0, 0, 0, 9, 0x0E, 0x80, 0x00, 0x91, 0x10, 0, 0, 0, 0}));
    EXPECT_EQ(bytes_of(Acknowledgement{0x0011, 0x0E80, Delivery::accepted}.encode(3)),
              (Bytes{3, 0xFC, 0x80, 2, 0, 0, 0, 5, 0x00, 0x11, 0x0E, 0x80, 0}));
    EXPECT_EQ(bytes_of(Acknowledgement{0x0011, 0x0E80, Delivery::unknown_target}.encode(3)),
              (Bytes{3, 0xFC, 0x80, 3, 0, 0, 0, 5, 0x00, 0x11, 0x0E, 0x80, 3}));
    EXPECT_EQ(bytes_of(alive_check_request(3)), (Bytes{3, 0xFC, 0, 7, 0, 0, 0, 0}));
    const auto prefix = diagnostic_prefix(3, 0x0E80, 0x0011, 3);
    EXPECT_EQ(Bytes(prefix.begin(), prefix.end()), (Bytes{3, 0xFC, 0x80, 1, 0, 0, 0, 7, 0x0E, 0x80, 0x00, 0x11}));
}

TEST(Payloads, ReadBackWhatWasWritten) {
    const auto payload_of = [](const Packet& packet) { return packet.view().subspan(header_size_bytes); };
    const Announcement announcement{Identity::of("PITSTOP0000000001", 0x0091)};
    const auto packet = announcement.encode(3);
    const auto announced = Announcement::decode(payload_of(packet));
    EXPECT_EQ(announced.identity.vin, announcement.identity.vin);
    EXPECT_EQ(announced.identity.address, 0x0091);
    EXPECT_EQ(announced.identity.eid, announcement.identity.eid);
    const auto status_packet = Status{1, 8, 2, 70'000}.encode(3);
    const auto status = Status::decode(payload_of(status_packet));
    EXPECT_EQ(status.sockets_open, 2);
    EXPECT_EQ(status.data_size_bytes_max, 70'000u);
}

const DiscoveryState here{Identity::of("PITSTOP0000000001", 0x0091), Status{0, 8, 1, 1000}};

TEST(Discovery, KeepsSilentWhenSomebodyElseIsMeantOrNobodyAsked) {
    const Bytes none{}, short_one{2, 0xFD, 0, 1};
    EXPECT_FALSE(answer_datagram(none, here));
    EXPECT_FALSE(answer_datagram(short_one, here));
    const Packet other_eid(3, PayloadType::identification_request_eid, Bytes{1, 2, 3, 4, 5, 6});
    const Packet other_vin(3, PayloadType::identification_request_vin, view_of("PITSTOP0000000002"));
    EXPECT_FALSE(answer_datagram(other_eid.view(), here));
    EXPECT_FALSE(answer_datagram(other_vin.view(), here));
    EXPECT_FALSE(answer_datagram(header_nack(3, HeaderNack::out_of_memory).view(), here));
    EXPECT_FALSE(answer_datagram(Announcement{here.identity}.encode(3).view(), here));
}

TEST(Discovery, RefusesADatagramThatDisagreesWithItsHeader) {
    Bytes datagram = bytes_of(identification_request(3));
    datagram.push_back(0);
    EXPECT_EQ(bytes_of(*answer_datagram(datagram, here)), (Bytes{3, 0xFC, 0, 0, 0, 0, 0, 1, 4}));
    datagram[0] = 2, datagram[1] = 0xFD;
    EXPECT_EQ(answer_datagram(datagram, here)->view()[0], 2);  // in the version in which it was asked
    const Bytes wrong_pattern{2, 2, 0, 1, 0, 0, 0, 0};
    EXPECT_EQ(answer_datagram(wrong_pattern, here)->view().back(), 0);
}

TEST(Discovery, SaysWhoIsHere) {
    for (const auto& request : {identification_request(version_any), identification_request(2),
                                Packet(3, PayloadType::identification_request_eid, here.identity.eid),
                                Packet(3, PayloadType::identification_request_vin, view_of("PITSTOP0000000001"))}) {
        const auto answer = answer_datagram(request.view(), here);
        ASSERT_TRUE(answer);
        const auto announcement = read_announcement(answer->view());
        ASSERT_TRUE(announcement);
        EXPECT_EQ(announcement->identity.address, 0x0091);
    }
    EXPECT_FALSE(read_announcement(identification_request(3).view()));
    EXPECT_FALSE(read_announcement({}));
    const Packet status(2, PayloadType::entity_status_request, {}), power(2, PayloadType::power_mode_request, {});
    EXPECT_EQ(answer_datagram(status.view(), here)->view().size(), 15u);
    EXPECT_EQ(answer_datagram(power.view(), here)->view().back(), 1);
}

TEST(Discovery, SaysWhetherSecurityComesFirstAndWhatIsNotYetKnown) {
    auto state = here;
    state.further_action = FurtherAction::central_security;
    state.synchronisation = Synchronisation::incomplete;
    const auto packet = announcement(state);
    EXPECT_EQ(packet.view().size(), header_size_bytes + 33);
    EXPECT_EQ(packet.view()[header_size_bytes + 31], 0x10);
    EXPECT_EQ(packet.view()[header_size_bytes + 32], 0x10);
    const auto heard = read_announcement(packet.view());
    EXPECT_EQ(heard->further_action, FurtherAction::central_security);
    EXPECT_EQ(heard->synchronisation, Synchronisation::incomplete);
}

TEST(Discovery, ReadsWhatEntitiesAnswer) {
    const auto answer_to = [](const Packet& request) {
        return read_answer(answer_datagram(request.view(), here)->view());
    };
    EXPECT_EQ(std::get<Status>(*answer_to(status_request())).sockets_max, 8);
    EXPECT_EQ(std::get<PowerMode>(*answer_to(power_mode_request())), PowerMode::ready);
    EXPECT_EQ(std::get<Announcement>(*answer_to(identification_request(here.identity.eid))).identity.address, 0x0091);
    EXPECT_EQ(std::get<Announcement>(*answer_to(identification_request(here.identity.vin))).identity.address, 0x0091);
    const Bytes unknown{3, 0xFC, 0x77, 0x77, 0, 0, 0, 0};
    EXPECT_EQ(std::get<HeaderNack>(*read_answer(answer_datagram(unknown, here)->view())),
              HeaderNack::unknown_payload_type);
    EXPECT_EQ(to_string(PowerMode::not_ready), "not ready");
}

}  // namespace
}  // namespace pitstop::doip
