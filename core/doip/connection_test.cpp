// Entity and tester, against each other and against what no good tester would send.
#include "core/doip/entity.h"
#include "core/doip/faults.h"
#include "core/doip/tester.h"

#include <gtest/gtest.h>

namespace pitstop::doip {
namespace {

using namespace std::chrono_literals;

struct Zone : Targets {
    Delivery look_up(std::uint16_t target, std::size_t uds_size_bytes) override {
        if (target == 0x0012) return Delivery::target_unreachable;
        if (target == 0x0013) return Delivery::transport_error;
        if (target != 0x0011) return Delivery::unknown_target;
        return uds_size_bytes > 100 ? Delivery::message_too_large : Delivery::accepted;
    }
};

struct Line {
    explicit Line(EntitySettings settings = {.address = 0x0091}) : entity(settings, zone, rules, now) {}

    // What the entity does with these bytes of a stream; the last message's actions.
    Actions to_entity(View bytes) {
        heard.assign(bytes.begin(), bytes.end());
        Reader reader(storage, Listener::entity_tcp);
        std::copy(heard.begin(), heard.end(), reader.prepare().begin());
        reader.commit(heard.size());
        Actions actions;
        while (auto item = reader.next()) actions = entity.on_item(*item, now);
        return actions;
    }
    Heard to_tester(View bytes) {
        Reader reader(tester_storage, Listener::tester_tcp);
        std::copy(bytes.begin(), bytes.end(), reader.prepare().begin());
        reader.commit(bytes.size());
        auto item = reader.next();
        if (!item) return Nothing{};
        return tester.on_item(*item);
    }
    Actions activate() {
        EXPECT_EQ(to_entity(tester.activation_request().view()).registers, 0x0E80);
        return entity.on_registered(Registration::free, now);
    }
    Actions say(std::uint16_t target, const Bytes& uds, std::uint16_t source = 0x0E80) {
        const auto prefix = diagnostic_prefix(3, source, target, uds.size());
        Bytes bytes(prefix.begin(), prefix.end());
        bytes.insert(bytes.end(), uds.begin(), uds.end());
        return to_entity(bytes);
    }

    Tick now{1'000'000};
    Zone zone;
    RoutingRules rules;
    Entity entity;
    Tester tester{0x0E80};
    Bytes storage = Bytes(1024), tester_storage = Bytes(1024), heard;
};

Activation code_of(const Actions& actions) {
    return ActivationResponse::decode(actions.send.view().subspan(header_size_bytes)).code;
}

constexpr ActivationType central = ActivationType::central_security;

// What the entity says to an activation of this type on a free socket.
Actions activate_with(Line& line, ActivationType type) {
    const auto first = line.to_entity(ActivationRequest{0x0E80, type}.encode(3).view());
    return first.registers ? line.entity.on_registered(Registration::free, line.now) : first;
}

const Error& error_of(const Heard& heard) {
    if (const auto* broken = std::get_if<Broken>(&heard)) return broken->error;
    if (const auto* refused = std::get_if<NotActivated>(&heard)) return refused->error;
    return std::get<Undelivered>(heard).error;
}

TEST(Entity, RefusesADiagnosticMessageBeforeTheActivation) {
    Line line;
    const auto actions = line.say(0x0011, {0x3E, 0x00});
    EXPECT_FALSE(actions.deliver);
    EXPECT_EQ(actions.send.view().back(), 0x02);
    EXPECT_EQ(actions.then, Then::close);
}

TEST(Entity, RefusesAnActivationThatItDoesNotAllow) {
    struct Row {
        ActivationRequest request;
        Activation code;
    };
    for (const auto& [request, code] :
         {Row{{0x0011}, Activation::unknown_source}, Row{{0x1000}, Activation::unknown_source},
          Row{{0x0E80, ActivationType{0x77}}, Activation::unsupported_type}}) {
        Line line;
        const auto actions = line.to_entity(request.encode(3).view());
        EXPECT_EQ(ActivationResponse::decode(actions.send.view().subspan(header_size_bytes)).code, code);
        EXPECT_EQ(actions.then, Then::close);
    }
}

TEST(Entity, RefusesATesterThatIsActiveElsewhereAndOneTooMany) {
    Line line;
    EXPECT_TRUE(line.to_entity(line.tester.activation_request().view()).registers);
    const auto taken = line.entity.on_registered(Registration::active_elsewhere, line.now);
    EXPECT_EQ(taken.then, Then::close);
    EXPECT_TRUE(error_of(line.to_tester(taken.send.view())).is(faults::entity_busy));
    const auto full = line.entity.on_registered(Registration::no_socket_left, line.now);
    EXPECT_TRUE(error_of(line.to_tester(full.send.view())).is(faults::entity_busy));
    EXPECT_FALSE(line.entity.source());
}

TEST(Entity, RefusesASecondSourceOnOneConnection) {
    Line line;
    line.activate();
    const auto again = line.to_entity(line.tester.activation_request().view());
    EXPECT_TRUE(std::holds_alternative<Activated>(line.to_tester(again.send.view())));
    EXPECT_EQ(again.then, Then::keep);
    const auto other = line.to_entity(ActivationRequest{0x0E81}.encode(3).view());
    EXPECT_EQ(ActivationResponse::decode(other.send.view().subspan(header_size_bytes)).code,
              Activation::other_source_on_this_socket);
    EXPECT_EQ(other.then, Then::close);
}

TEST(Entity, RefusesAMessageInAnotherTestersName) {
    Line line;
    line.activate();
    const auto actions = line.say(0x0011, {0x3E, 0x00}, 0x0E81);
    EXPECT_FALSE(actions.deliver);
    EXPECT_EQ(actions.then, Then::close);
}

TEST(Entity, SaysWhyAMessageCannotBeDelivered) {
    Line line;
    line.activate();
    const auto error_for = [&](std::uint16_t target, const Bytes& uds) {
        const auto actions = line.say(target, uds);
        EXPECT_FALSE(actions.deliver);
        EXPECT_EQ(actions.then, Then::keep);
        return error_of(line.to_tester(actions.send.view()));
    };
    EXPECT_TRUE(error_for(0x0099, {0x3E, 0x00}).is(faults::unknown_target));
    EXPECT_EQ(error_for(0x0099, {0x3E, 0x00}).detail(), "ECU 0x0099: unknown target address (0x03)");
    EXPECT_TRUE(error_for(0x0011, Bytes(101)).is(faults::message_too_large));
    EXPECT_TRUE(error_for(0x0012, {0x3E, 0x00}).is(faults::unreachable));
    EXPECT_TRUE(error_for(0x0013, {0x3E, 0x00}).is(faults::not_delivered));
}

TEST(Entity, ClosesAfterAHeaderThatCannotBeTrusted) {
    Line line;
    const auto web = line.to_entity(view_of("GET / HTTP/1.1\r\n\r\n"));
    EXPECT_EQ(web.send.view().back(), 0x00);
    EXPECT_EQ(web.then, Then::close);
    const Bytes unknown{3, 0xFC, 0x77, 0x77, 0, 0, 0, 0};
    const auto kept = line.to_entity(unknown);
    EXPECT_EQ(kept.send.view().back(), 0x01);
    EXPECT_EQ(kept.then, Then::keep);
}

TEST(Entity, ClosesAConnectionThatActivatesNothingHoweverMuchItSays) {
    Line line;
    line.now = line.now + 1999ms;
    line.to_entity(alive_check_response(3, 0x0E80).view());
    EXPECT_EQ(line.entity.on_deadline(line.now).then, Then::keep);
    line.now = line.now + 1ms;
    EXPECT_EQ(line.entity.deadline(), line.now);
    EXPECT_EQ(line.entity.on_deadline(line.now).then, Then::close);
}

TEST(Entity, ClosesAnActiveConnectionAfterFiveMinutesOfSilence) {
    Line line;
    line.activate();
    line.now = line.now + 200s;
    line.say(0x0011, {0x3E, 0x00});
    line.now = line.now + 299s;
    EXPECT_EQ(line.entity.on_deadline(line.now).then, Then::keep);
    line.now = line.now + 1s;
    EXPECT_EQ(line.entity.on_deadline(line.now).then, Then::close);
}

TEST(Entity, WantsTlsBeforeItLooksAtSocketsWhereTlsIsRequired) {
    Line line({.address = 0x0091, .plain = PlainRouting::needs_tls});
    const auto refused = line.to_entity(line.tester.activation_request().view());
    EXPECT_FALSE(refused.registers);
    EXPECT_EQ(code_of(refused), Activation::tls_required);
    EXPECT_EQ(refused.then, Then::close);
    EXPECT_TRUE(error_of(line.to_tester(refused.send.view())).is(faults::tls_required));

    Line secured({.address = 0x0091, .plain = PlainRouting::needs_tls});
    secured.entity.on_secured(Proof::none);
    EXPECT_EQ(code_of(secured.activate()), Activation::activated);
}

TEST(Entity, RoutesNothingForATesterThatHasNotAuthenticatedItself) {
    Line line;
    line.rules.support(central);
    line.rules.authenticate(central);
    const auto missing = activate_with(line, central);
    EXPECT_EQ(code_of(missing), Activation::authentication_missing);
    EXPECT_EQ(missing.then, Then::keep);
    EXPECT_EQ(line.entity.source(), 0x0E80);  // registered: the socket is its own
    EXPECT_FALSE(line.entity.is_active());
    line.entity.on_secured(Proof::certificate);
    EXPECT_EQ(code_of(activate_with(line, central)), Activation::activated);
    EXPECT_TRUE(line.say(0x0011, {0x3E, 0x00}).deliver);
}

TEST(Entity, RefusesDiagnosticsWhileAuthenticationIsMissing) {
    Line line;
    line.rules.authenticate(ActivationType::default_);
    EXPECT_EQ(code_of(line.activate()), Activation::authentication_missing);
    const auto refused = line.say(0x0011, {0x3E, 0x00});
    EXPECT_FALSE(refused.deliver);
    EXPECT_EQ(refused.send.view().back(), 0x02);
    EXPECT_EQ(refused.then, Then::close);
}

TEST(Entity, WaitsForSomebodyInTheVehicleToConfirm) {
    Line line;
    line.rules.confirm(ActivationType::default_);
    const auto awaited = line.activate();
    EXPECT_EQ(code_of(awaited), Activation::confirmation_required);
    EXPECT_EQ(awaited.then, Then::keep);
    EXPECT_TRUE(std::holds_alternative<AwaitsConfirmation>(line.to_tester(awaited.send.view())));
    EXPECT_FALSE(line.entity.is_active());
    EXPECT_EQ(code_of(line.to_entity(line.tester.activation_request().view())), Activation::confirmation_required);
    const auto confirmed = line.entity.on_confirmed(Confirmation::given, line.now);
    EXPECT_EQ(code_of(confirmed), Activation::activated);
    EXPECT_TRUE(line.entity.is_active());
    EXPECT_TRUE(line.entity.on_confirmed(Confirmation::rejected, line.now).send.empty());  // too late
}

TEST(Entity, ClosesWhenTheConfirmationIsRejected) {
    Line line;
    line.rules.confirm(ActivationType::default_);
    (void)line.activate();
    const auto rejected = line.entity.on_confirmed(Confirmation::rejected, line.now);
    EXPECT_EQ(code_of(rejected), Activation::confirmation_rejected);
    EXPECT_EQ(rejected.then, Then::close);
    Line known;
    known.rules.confirm(ActivationType::default_);
    known.rules.answer_confirmation(Confirmation::rejected);
    EXPECT_EQ(code_of(known.activate()), Activation::confirmation_rejected);
}

TEST(Entity, GivesAnActivationTimeWhileOthersAreAskedWhetherTheyLive) {
    Line line;
    line.now = line.now + 1900ms;
    EXPECT_TRUE(line.to_entity(line.tester.activation_request().view()).registers);
    line.now = line.now + 500ms;
    EXPECT_EQ(line.entity.on_deadline(line.now).then, Then::keep);
}

TEST(Entity, DoesNotGiveANewcomersQuestionNewTime) {
    Line line;
    (void)line.activate();
    EXPECT_FALSE(line.entity.check_alive(line.now).empty());
    line.now = line.now + 400ms;
    EXPECT_TRUE(line.entity.check_alive(line.now).empty());  // the first question still runs
    line.now = line.now + 100ms;
    EXPECT_EQ(line.entity.on_deadline(line.now).then, Then::close);
}

TEST(Entity, RepeatsTheManufacturersBytesWhereTheTesterSentSome) {
    Line line;
    const auto request = ActivationRequest{0x0E80, ActivationType::default_, 0xCAFE0001}.encode(2);
    EXPECT_EQ(request.view().size(), header_size_bytes + 11);
    EXPECT_TRUE(line.to_entity(request.view()).registers);
    const auto answer = line.entity.on_registered(Registration::free, line.now);
    ASSERT_EQ(answer.send.view().size(), header_size_bytes + 13);
    EXPECT_EQ(ActivationResponse::decode(answer.send.view().subspan(header_size_bytes)).oem, 0xCAFE0001);
    EXPECT_EQ(answer.send.view()[0], 0x02);  // and the version in which it was asked
}

TEST(Entity, RepeatsTheBeginningOfAMessageWhereItIsSetTo) {
    Line line({.address = 0x0091, .echo_bytes = 2});
    (void)line.activate();
    const auto acknowledged = line.say(0x0011, {0x22, 0xF1, 0x90});
    const View end = acknowledged.send.view().last(3);
    EXPECT_EQ(Bytes(end.begin(), end.end()), (Bytes{0x00, 0x22, 0xF1}));
}

TEST(Entity, FindsOutWhetherItsTesterStillLives) {
    Line line;
    line.activate();
    const auto asked = line.to_tester(line.entity.check_alive(line.now).view());
    ASSERT_TRUE(std::holds_alternative<Reply>(asked));
    line.to_entity(alive_check_response(3, 0x0E99).view());
    EXPECT_TRUE(line.entity.is_checking_alive());  // that was not our tester
    line.to_entity(std::get<Reply>(asked).packet.view());
    EXPECT_FALSE(line.entity.is_checking_alive());
    (void)line.entity.check_alive(line.now);
    line.now = line.now + 500ms;
    EXPECT_EQ(line.entity.on_deadline(line.now).then, Then::close);
}

TEST(Entity, AcknowledgesBeforeItDelivers) {
    Line line;
    EXPECT_TRUE(std::holds_alternative<Activated>(line.to_tester(line.activate().send.view())));
    const auto actions = line.say(0x0011, {0x22, 0xF1, 0x90});
    ASSERT_TRUE(actions.deliver);
    EXPECT_EQ(actions.deliver->target, 0x0011);
    EXPECT_EQ(Bytes(actions.deliver->uds.begin(), actions.deliver->uds.end()), (Bytes{0x22, 0xF1, 0x90}));
    const auto heard = line.to_tester(actions.send.view());
    ASSERT_TRUE(std::holds_alternative<Delivered>(heard));
    EXPECT_EQ(std::get<Delivered>(heard).target, 0x0011);
}

TEST(Tester, NamesWhatTheEntityRefused) {
    Line line;
    const auto refused = ActivationResponse{0x0E80, 0x0091, Activation::authentication_missing}.encode(3);
    EXPECT_TRUE(error_of(line.to_tester(refused.view())).is(faults::activation_refused));
    EXPECT_TRUE(
        error_of(line.to_tester(header_nack(3, HeaderNack::message_too_large).view())).is(faults::header_refused));
    EXPECT_TRUE(error_of(line.to_tester(view_of("HTTP/1.1 400 Bad"))).is(faults::not_doip));
    const Bytes short_response{3, 0xFC, 0, 6, 0, 0, 0, 1, 0};
    EXPECT_TRUE(error_of(line.to_tester(short_response)).is(faults::malformed));
}

TEST(Tester, PassesOverWhatIsMeantForOthers) {
    Line line;
    const auto other = ActivationResponse{0x0E81, 0x0091, Activation::activated}.encode(3);
    EXPECT_TRUE(std::holds_alternative<Nothing>(line.to_tester(other.view())));
    const Bytes unknown{3, 0xFC, 0x77, 0x77, 0, 0, 0, 0};
    EXPECT_TRUE(std::holds_alternative<Nothing>(line.to_tester(unknown)));
}

TEST(Tester, HearsAnEcu) {
    Line line;
    const auto prefix = diagnostic_prefix(3, 0x0011, 0x0E80, 2);
    Bytes bytes(prefix.begin(), prefix.end());
    bytes.insert(bytes.end(), {0x7E, 0x00});
    const auto heard = line.to_tester(bytes);
    ASSERT_TRUE(std::holds_alternative<Said>(heard));
    EXPECT_EQ(std::get<Said>(heard).ecu, 0x0011);
    EXPECT_EQ(std::get<Said>(heard).uds.size(), 2u);
}

}  // namespace
}  // namespace pitstop::doip
