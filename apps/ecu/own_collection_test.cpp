#include "apps/ecu/own_collection.h"

#include "core/uds/services.h"

#include <gtest/gtest.h>

namespace pitstop::ecu {
namespace {

const EcuId id = *EcuId::parse("ECU_012");

OwnCollection collection() {
    return {id,
            {[](std::uint16_t did, uds::Reply& out) {
                 if (did == uds::did::software_version) return out.put_text("1.2.0"), uds::Nrc::positive_response;
                 if (did == uds::did::version_report) return out.put(Bytes(5500, 7)), uds::Nrc::positive_response;
                 return uds::Nrc::request_out_of_range;
             },
             [] { return vehicle::EcuReadiness{1, 2}; }}};
}

Bytes ask(OwnCollection& of, std::uint16_t rid, std::optional<std::uint32_t> offset = std::nullopt) {
    Bytes room(8192), option(offset ? 4 : 0);
    if (offset) store_be(option.data(), *offset);
    uds::Reply reply(room);
    EXPECT_EQ(of.start_routine(rid, option, reply), uds::Nrc::positive_response);
    EXPECT_TRUE(reply.fits());
    return Bytes(reply.written().begin(), reply.written().end());
}

TEST(OwnCollection, SaysWhatTheEcuKnowsOfItselfInPartsThatFitClassicCan) {
    OwnCollection own = collection();
    EXPECT_EQ(vehicle::part_from(ask(own, uds::rid::send_vci, 0))->status, vehicle::PartStatus::never_begun);
    EXPECT_EQ(ask(own, uds::rid::start_vci), Bytes{1});
    Bytes whole;
    do {
        const Bytes answer = ask(own, uds::rid::send_vci, static_cast<std::uint32_t>(whole.size()));
        ASSERT_LE(answer.size() + 4, 4095u);
        const auto part = vehicle::part_from(answer);
        whole.insert(whole.end(), part->bytes.begin(), part->bytes.end());
        if (whole.size() == part->total_bytes) break;
    } while (true);
    const auto entries = vehicle::collection_from(whole);
    ASSERT_TRUE(entries);
    ASSERT_EQ(entries->size(), 1u);
    EXPECT_EQ(entries->front().ecu, id);
    const auto said = vehicle::identifiers_from(entries->front().said);
    ASSERT_EQ(said->size(), 2u) << "what it does not know is left out";
    EXPECT_EQ(said->at(1).second.size(), 5500u);
}

TEST(OwnCollection, SaysWhetherTheEcuIsReady) {
    OwnCollection own = collection();
    ask(own, uds::rid::start_readiness);
    const Bytes answer = ask(own, uds::rid::send_readiness, 0);
    const auto entries = vehicle::collection_from(vehicle::part_from(answer)->bytes);
    EXPECT_EQ(vehicle::readiness_from(entries->front().said), (vehicle::EcuReadiness{1, 2}));
}

TEST(OwnCollection, RefusesRequestsOfAnyOtherLength) {
    OwnCollection own = collection();
    Bytes room(64);
    uds::Reply reply(room);
    constexpr auto wrong = uds::Nrc::incorrect_message_length_or_invalid_format;
    EXPECT_EQ(own.start_routine(uds::rid::start_vci, Bytes{0}, reply), wrong);
    EXPECT_EQ(own.start_routine(uds::rid::send_vci, {}, reply), wrong);
    EXPECT_EQ(own.start_routine(uds::rid::send_readiness, Bytes{0, 0, 0}, reply), wrong);
    EXPECT_EQ(reply.size(), 0u);
}

}  // namespace
}  // namespace pitstop::ecu
