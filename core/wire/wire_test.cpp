#include "core/base/faults.h"
#include "core/wire/envelope.h"
#include "core/wire/faults.h"

#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>

namespace pitstop::wire {
namespace {

const Vin vin = *Vin::parse("VIN01");
const CampaignId ota_1 = *CampaignId::parse("OTA-1");
const EcuId brake = *EcuId::parse("ECU_011");
const MessageId id_1 = *MessageId::parse("01234567-89ab-4cde-8f01-23456789abcd");
const MessageId id_2 = MessageId::from_bytes({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});

vehicle::Inventory inventory() {
    Sha256Digest image;
    image.fill(3);
    return {vin,
            {1000},
            {{brake, *HardwareId::parse("BRAKE-A"), {1, 0, 0}, "s", "p", "settled", image, vehicle::Link::can_fd}},
            {}};
}

struct Sample {
    Entity source;
    Message message;
};

std::vector<Sample> samples() {
    Sha256Digest digest;
    digest.fill(9);
    return {
        {Entity::vehicle,
         Wakeup{"b1", 7, "0.1.0", Channel{"X25519MLKEM768", "ecdsa", "TLS_AES_256_GCM_SHA384"}, std::nullopt}},
        {Entity::vehicle, VciReport{inventory()}},
        {Entity::vehicle, OtaCampaignResponse{ota_1, campaign::Answer::later, 600}},
        {Entity::vehicle, OtaCampaignResponse{ota_1, campaign::Answer::decline, 0}},
        {Entity::vehicle, ReadinessResponse{ota_1, {false, {"moving"}, 60}}},
        {Entity::vehicle, OtaStatus{ota_1, 1'800'000'000'123, campaign::Phase::installing, brake, 42, "", ""}},
        {Entity::vehicle,
         OtaStatus{ota_1, 3, campaign::Phase::failed, std::nullopt, std::nullopt, "flash.bad-digest", "it differs"}},
        {Entity::vehicle, DiagnosticResponse{{{"a", 1}}}},
        {Entity::vehicle, Telemetry{{{"a", 1}}}},
        {Entity::vehicle, ErrorMessage{id_1, "wire.unknown-type", "x"}},
        {Entity::server, ErrorMessage{std::nullopt, "wire.unknown-type", ""}},
        {Entity::server, RequestVci{}},
        {Entity::server,
         OtaCampaign{ota_1, "Brakes", "Shorter way.", campaign::Priority::security, {{brake, {1, 1, 0}, 1000}}, 1064}},
        {Entity::server, RequestReadiness{ota_1}},
        {Entity::server, OtaMetadata{ota_1, "/packages/OTA-1/full_package.bin", 1064, digest}},
        {Entity::server, CommandAck{id_1}},
        {Entity::server, cancel_campaign(ota_1)},
        {Entity::server, DiagnosticRequest{{{"a", 1}}}},
    };
}

Envelope wrap(const Sample& sample) { return {id_1, id_2, {1'800'000'000}, sample.source, vin, sample.message}; }

// An envelope's JSON, spoiled by the caller, as a receiver sees it.
template <class Spoil>
Result<Envelope> spoiled(const Sample& sample, Spoil spoil) {
    const Envelope envelope = wrap(sample);
    json::Value value = *json::parse(to_bytes(envelope), message_size_bytes_max);
    spoil(value.as_object());
    return from_bytes(view_of(boost::json::serialize(value)), envelope.topic());
}
const Sample status{Entity::vehicle, OtaStatus{ota_1, 3, campaign::Phase::installing, brake, 1, "", ""}};

TEST(Envelope, EveryMessageComesBackAsItWas) {
    std::set<std::size_t> seen;
    for (const Sample& sample : samples()) {
        const Envelope envelope = wrap(sample);
        const auto back = from_bytes(to_bytes(envelope), envelope.topic());
        ASSERT_TRUE(back) << name_of(envelope.type()) << " " << back.error().str();
        EXPECT_EQ(*back, envelope) << name_of(envelope.type());
        seen.insert(sample.message.index());
    }
    EXPECT_EQ(seen.size(), std::variant_size_v<Message>) << "a type has no sample here";
}

TEST(Envelope, IsTheOneThatTheDesignShows) {
    const Envelope envelope{id_1, std::nullopt, {1'800'000'000}, Entity::server, vin, RequestReadiness{ota_1}};
    EXPECT_EQ(
        text_of(to_bytes(envelope)),
        R"({"message_type":"REQUEST_READINESS","message_id":"01234567-89ab-4cde-8f01-23456789abcd","correlation_id":null,)"
        R"("timestamp":"2027-01-15T08:00:00Z","source":{"entity":"server","identifier":"pitstop-server"},)"
        R"("target":{"entity":"vehicle","identifier":"VIN01"},"payload":{"campaign_id":"OTA-1"},"metadata":{"protocol_version":"1.0"}})");
    EXPECT_EQ(envelope.topic(), "oem/VIN01/command");
}

TEST(Envelope, RefusesAVehicleThatSpeaksForAnother) {
    const Bytes bytes = to_bytes(wrap(status));
    EXPECT_TRUE(from_bytes(bytes, "oem/VIN02/ota/status").error().is(faults::wrong_source));
    EXPECT_TRUE(spoiled(status, [](json::Object& it) { it["source"].as_object()["identifier"] = "VIN02"; })
                    .error()
                    .is(faults::wrong_source));
    EXPECT_TRUE(spoiled(status, [](json::Object& it) { it["source"].as_object()["entity"] = "server"; })
                    .error()
                    .is(faults::wrong_source));
    const Sample vci{Entity::vehicle, VciReport{inventory()}};
    EXPECT_TRUE(spoiled(vci, [](json::Object& it) { it["payload"].as_object()["vin"] = "VIN02"; })
                    .error()
                    .is(faults::wrong_source));
}

TEST(Envelope, RefusesWhatDoesNotBelongOnItsTopic) {
    const Bytes report = to_bytes(wrap(status));
    const Bytes offer = to_bytes(wrap({Entity::server, RequestVci{}}));
    EXPECT_TRUE(from_bytes(report, "oem/VIN01/vci").error().is(faults::wrong_direction));
    EXPECT_TRUE(from_bytes(report, "oem/VIN01/command").error().is(faults::wrong_direction));
    EXPECT_TRUE(from_bytes(offer, "oem/VIN01/response").error().is(faults::wrong_direction));
    for (const char* topic : {"", "oem", "oem/VIN01", "oem/VIN01/", "oem/VIN01/ota", "oem/VIN01/ota/status/",
                              "OEM/VIN01/vci", "oem/VIN01/vci/x"})
        EXPECT_TRUE(from_bytes(report, topic).error().is(faults::unknown_topic)) << topic;
    EXPECT_TRUE(from_bytes(report, "oem/+/vci").error().is(pitstop::faults::bad_vin));
}

TEST(Envelope, RefusesMalformedOnesAndNamesWhatIsWrong) {
    EXPECT_TRUE(
        spoiled(status, [](json::Object& it) { it["message_type"] = "OTA_STATE"; }).error().is(faults::unknown_type));
    EXPECT_TRUE(spoiled(status, [](json::Object& it) { it["message_id"] = "7"; }).error().is(faults::bad_message_id));
    EXPECT_TRUE(
        spoiled(status, [](json::Object& it) { it["correlation_id"] = "7"; }).error().is(faults::bad_message_id));
    EXPECT_TRUE(spoiled(status, [](json::Object& it) { it["timestamp"] = 5; }).error().is(pitstop::faults::wrong_type));
    EXPECT_TRUE(
        spoiled(status, [](json::Object& it) { it.erase("payload"); }).error().is(pitstop::faults::missing_member));
    EXPECT_TRUE(spoiled(status, [](json::Object& it) { it["new_member"] = 1; })) << "a newer sender may add members";
    EXPECT_TRUE(from_bytes(view_of("[]"), "oem/VIN01/vci").error().is(pitstop::faults::wrong_type));
    EXPECT_TRUE(
        from_bytes(Bytes(message_size_bytes_max + 1, ' '), "oem/VIN01/vci").error().is(pitstop::faults::bad_json));
}

TEST(Envelope, RefusesPayloadsThatContradictThemselves) {
    const auto payload = [](auto change) { return [=](json::Object& it) { change(it["payload"].as_object()); }; };
    EXPECT_TRUE(
        spoiled(status, payload([](json::Object& it) { it["phase"] = "verified"; })).error().is(faults::bad_payload));
    EXPECT_TRUE(
        spoiled(status, payload([](json::Object& it) { it["phase"] = "failed"; })).error().is(faults::bad_payload))
        << "no code";
    EXPECT_TRUE(spoiled(status, payload([](json::Object& it) { it["percent"] = 101; }))
                    .error()
                    .is(pitstop::faults::wrong_type));
    const Sample answer{Entity::vehicle, OtaCampaignResponse{ota_1, campaign::Answer::accept, 0}};
    EXPECT_TRUE(
        spoiled(answer, payload([](json::Object& it) { it["answer"] = "maybe"; })).error().is(faults::bad_payload));
    const Sample metadata{Entity::server, OtaMetadata{ota_1, "/packages/OTA-1/full_package.bin", 1064, {}}};
    for (const char* path : {"https://elsewhere/x", "//elsewhere/x", "/packages/../x", ""})
        EXPECT_TRUE(spoiled(metadata, payload([=](json::Object& it) { it["package_path"] = path; }))
                        .error()
                        .is(faults::bad_payload))
            << path;
}

TEST(FlatForm, OlderVehiclesAreUnderstood) {
    const std::string_view wake =
        R"({"msg_type":"vehicle_wake_up","timestamp":1800000000,"vehicle":{"vin":"VIN01"},"gateway_version":"0.0.9"})";
    const auto envelope = from_bytes(view_of(wake), "oem/VIN01/wake_up");
    ASSERT_TRUE(envelope) << envelope.error().str();
    EXPECT_EQ(envelope->timestamp, UtcTime{1'800'000'000});
    EXPECT_EQ(std::get<Wakeup>(envelope->message).gateway_version, "0.0.9");
    EXPECT_EQ(from_bytes(view_of(wake), "oem/VIN01/wake_up")->id, envelope->id) << "a repetition has the same id";
    EXPECT_TRUE(MessageId::parse(envelope->id.view()));

    const std::string_view vci =
        R"({"msg_type":"vci_report","timestamp":"2027-01-15T08:00:00Z","vehicle":{"vin":"VIN01"},"ecus":[{"ecu_id":"ECU_011","hardware_id":"B",)"
        R"("version":"1.0.0","link":"doip","image_sha256":"0303030303030303030303030303030303030303030303030303030303030303"}]})";
    const auto report = from_bytes(view_of(vci), "oem/VIN01/vci");
    ASSERT_TRUE(report) << report.error().str();
    EXPECT_EQ(std::get<VciReport>(report->message).inventory.ecus.size(), 1u);

    const std::string_view ota =
        R"({"msg_type":"ota_status","message_id":"01234567-89ab-4cde-8f01-23456789abcd","timestamp":1800000000,)"
        R"("vehicle":{"vin":"VIN01"},"campaign_id":"OTA-1","sequence":4,"phase":"downloaded"})";
    const auto said = from_bytes(view_of(ota), "oem/VIN01/ota/status");
    ASSERT_TRUE(said) << said.error().str();
    EXPECT_EQ(said->id, id_1);
    EXPECT_EQ(std::get<OtaStatus>(said->message).phase, campaign::Phase::downloaded);
}

TEST(FlatForm, IsHeldToTheSameRules) {
    const std::string_view wake = R"({"msg_type":"vehicle_wake_up","timestamp":1800000000,"vehicle":{"vin":"VIN01"}})";
    EXPECT_TRUE(from_bytes(view_of(wake), "oem/VIN02/wake_up").error().is(faults::wrong_source));
    EXPECT_TRUE(from_bytes(view_of(wake), "oem/VIN01/vci").error().is(faults::wrong_direction));
    EXPECT_TRUE(from_bytes(view_of(wake), "oem/VIN01/command").error().is(faults::wrong_direction));
    const std::string_view other = R"({"msg_type":"open_doors","timestamp":1800000000,"vehicle":{"vin":"VIN01"}})";
    EXPECT_TRUE(from_bytes(view_of(other), "oem/VIN01/wake_up").error().is(faults::unknown_type));
    const std::string_view timeless = R"({"msg_type":"vehicle_wake_up","vehicle":{"vin":"VIN01"}})";
    EXPECT_TRUE(from_bytes(view_of(timeless), "oem/VIN01/wake_up").error().is(pitstop::faults::missing_member));
}

TEST(Catalogue, EachSideListensToWhatTheOtherSends) {
    EXPECT_EQ(filters_for_vehicle(vin), (std::vector<std::string>{"oem/VIN01/command", "oem/VIN01/diagnostics/request",
                                                                  "oem/VIN01/ota/campaign", "oem/VIN01/ota/metadata"}));
    EXPECT_EQ(filters_for_server(),
              (std::vector<std::string>{"oem/+/diagnostics/response", "oem/+/ota/status", "oem/+/response",
                                        "oem/+/telemetry", "oem/+/vci", "oem/+/wake_up"}));
    EXPECT_EQ(topic_for(vin, MessageType::ota_status), "oem/VIN01/ota/status");
    EXPECT_EQ(vin_of_topic("oem/VIN01/ota/status"), vin);
    EXPECT_EQ(find_row(MessageType::telemetry, Entity::vehicle)->qos, Qos::at_most_once);
    EXPECT_EQ(find_row(MessageType::wakeup, Entity::server), nullptr);
}

TEST(MessageId, IsAUuidInLowerCase) {
    EXPECT_EQ(id_2.view(), "01020304-0506-4708-890a-0b0c0d0e0f10");
    for (const char* bad : {"", "01234567-89AB-4cde-8f01-23456789abcd", "0123456789ab4cde8f0123456789abcd",
                            "01234567-89ab-4cde-8f01-23456789abcde"})
        EXPECT_TRUE(MessageId::parse(bad).error().is(faults::bad_message_id)) << bad;
}

TEST(Command, TellsWhichCampaignIsCancelled) {
    EXPECT_EQ(cancelled_campaign(cancel_campaign(ota_1)), ota_1);
    EXPECT_FALSE(cancelled_campaign({"cancel_campaign", {}}));
    EXPECT_FALSE(cancelled_campaign({"open_doors", {{"campaign_id", "OTA-1"}}}));
}

}  // namespace
}  // namespace pitstop::wire
