#include "io/ethernet/doip_settings.h"

#include "io/config/faults.h"

#include <gtest/gtest.h>

namespace pitstop::io::ethernet {
namespace {

using config::Section;

Result<DoipServerSettings> read(std::string_view yaml) {
    TRY(const auto root, Section::from_text(yaml, "sample.yaml"));
    DoipServerSettings settings;
    ENSURE(read_doip_server(root, settings));
    ENSURE(root.finish());
    return settings;
}

constexpr std::string_view tls_part =
    "tls: { certificate: zone.crt, private_key: zone.key, trust_anchors: ca.crt, testers: optional }\n";

TEST(DoipSettings, RefuseWhatMakesNoSense) {
    EXPECT_TRUE(read("host: ::1\nplain: refused\n").error().is(config::faults::out_of_range));
    EXPECT_TRUE(read("host: ::1\nrouting: { also: [special] }\n").error().is(config::faults::out_of_range));
    EXPECT_TRUE(read("host: ::1\nrouting: { also: [0xGG] }\n").error().is(config::faults::out_of_range));
    EXPECT_TRUE(read("port: 13400\n").error().is(config::faults::missing_key));
}

TEST(DoipSettings, HaveDefaults) {
    const auto settings = read("host: 127.0.0.91\n");
    ASSERT_TRUE(settings) << settings.error().str();
    EXPECT_EQ(settings->port, 13400);
    EXPECT_EQ(settings->plain, PlainDoip::served);
    EXPECT_TRUE(settings->announcing);
    EXPECT_FALSE(settings->tls);
    EXPECT_FALSE(read("host: 127.0.0.91\ndiscovery: no\n")->announcing);
}

TEST(DoipSettings, ClosePlainDoipWhereThereIsTls) {
    const auto settings = read(std::format("host: 127.0.0.91\n{}", tls_part));
    ASSERT_TRUE(settings) << settings.error().str();
    EXPECT_EQ(settings->plain, PlainDoip::referred_to_tls);
    EXPECT_EQ(settings->tls->port, 3496);
    EXPECT_EQ(settings->tls->settings.profile, 2);
    EXPECT_EQ(settings->tls->settings.peer_certificate, tls::PeerCertificate::optional);
    EXPECT_EQ(read(std::format("host: 127.0.0.91\nplain: served\n{}", tls_part))->plain, PlainDoip::served);
}

TEST(DoipSettings, SayWhoIsRouted) {
    auto settings = read(
        "host: 127.0.0.91\n"
        "routing: { also: [central-security, 0xE1], authenticate: [0xE1], confirm: [default], confirmed_after_ms: 5,\n"
        "           confirmation: rejected, echo_bytes: 3 }\n");
    ASSERT_TRUE(settings) << settings.error().str();
    auto& rules = settings->routing.rules;
    EXPECT_TRUE(rules.supports(doip::ActivationType::central_security));
    EXPECT_EQ(rules.authentication({0x0E80, doip::ActivationType{0xE1}}), doip::Authentication::missing);
    EXPECT_EQ(rules.confirmation({0x0E80}), doip::Confirmation::rejected);
    EXPECT_EQ(settings->routing.confirms_after, std::chrono::milliseconds(5));
    EXPECT_EQ(settings->routing.echo_bytes, 3);
}

}  // namespace
}  // namespace pitstop::io::ethernet
