#include "apps/server/access.h"
#include "apps/server/faults.h"
#include "core/crypto/digest.h"

#include <gtest/gtest.h>

namespace pitstop::server {
namespace {

namespace http = io::http;

const Authenticator people({{crypto::sha256(view_of("key-of-op")), "operator", "night shift"},
                            {crypto::sha256(view_of("key-of-nobody")), "emperor", "x"}});

http::Request with(std::string_view authorization) {
    http::Request request;
    request.headers.add("Authorization", authorization);
    return request;
}

TEST(Authenticator, KnowsNobodyWithoutAKeyOrACertificate) {
    EXPECT_TRUE(people.identify({}).error().is(faults::not_authenticated));
    for (const char* bad : {"", "Bearer ", "Bearer key-of-oq", "bearer key-of-op", "Basic key-of-op",
                            "Bearer  key-of-op", "Bearer key-of-nobody"})
        EXPECT_TRUE(people.identify(with(bad)).error().is(faults::not_authenticated)) << bad;
    http::Request twice = with("Bearer key-of-op");
    twice.headers.add("Authorization", "Bearer key-of-op");
    EXPECT_FALSE(people.identify(twice));
}

TEST(Authenticator, KnowsAPersonByTheKeyAndAVehicleByItsCertificate) {
    const auto person = people.identify(with("Bearer key-of-op"));
    ASSERT_TRUE(person);
    EXPECT_EQ(person->role, Role::operator_);
    EXPECT_EQ(person->name, "night shift");
    EXPECT_FALSE(person->vin);
    http::Request vehicle;
    vehicle.peer.common_name = "VIN00001";
    EXPECT_EQ(people.identify(vehicle)->role, Role::vehicle);
    EXPECT_EQ(people.identify(vehicle)->vin->view(), "VIN00001");
    vehicle.peer.common_name = "pitstop-server";
    EXPECT_TRUE(people.identify(vehicle).error().is(faults::not_authenticated));
}

TEST(Authenticator, DoesNotFallBackToTheCertificateWhenTheKeyIsWrong) {
    http::Request request = with("Bearer wrong");
    request.peer.common_name = "VIN00001";
    EXPECT_TRUE(people.identify(request).error().is(faults::not_authenticated));
}

// A viewer's diagnostic jobs only read: which services a role may ask for, core/diagnosis judges.
TEST(Access, VehiclesChangeOnlyWhatTheySayOfThemselvesAndViewersNothing) {
    for (const auto& rule : access_rules()) {
        if (rule.method == "GET") continue;
        EXPECT_EQ(rule.roles.contain(Role::vehicle), rule.pattern.starts_with("/director/")) << rule.pattern;
        EXPECT_NE(rule.roles.contain(Role::vehicle), rule.roles.contain(Role::admin)) << rule.pattern;
        EXPECT_EQ(rule.roles.contain(Role::viewer), rule.pattern.contains("/diagnostics")) << rule.pattern;
    }
}

TEST(Access, VehiclesSeeNothingUnderApi) {
    for (const auto& rule : access_rules())
        EXPECT_EQ(rule.roles.contain(Role::vehicle), !rule.pattern.starts_with("/api/")) << rule.pattern;
}

TEST(Access, ARouteThatIsNotInTheTableCannotBeOpened) {
    http::Router router;
    Doors doors(router, people);
    EXPECT_FALSE(doors.open(
        "GET", "/api/v1/secrets",
        [](http::Request&, const Principal&) -> boost::asio::awaitable<http::Response> { co_return http::empty(); }));
}

TEST(Access, RefusalsCarryTheStatusThatHttpHasForThem) {
    EXPECT_EQ(refusal(Error(faults::not_authenticated)).status, 401U);
    EXPECT_TRUE(refusal(Error(faults::not_authenticated)).headers.find("WWW-Authenticate"));
    EXPECT_EQ(refusal(Error(faults::not_allowed)).status, 403U);
    EXPECT_EQ(refusal(Error(faults::unknown_vehicle)).status, 404U);
    EXPECT_EQ(refusal(Error(faults::vehicle_busy)).status, 409U);
    EXPECT_EQ(refusal(Error(faults::bad_cursor)).status, 400U);
}

}  // namespace
}  // namespace pitstop::server
