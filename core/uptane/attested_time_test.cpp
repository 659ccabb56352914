#include "core/uptane/attested_time.h"

#include "core/uptane/faults.h"
#include "core/uptane/fleet_on_the_desk.h"

#include <gtest/gtest.h>

namespace pitstop::uptane {
namespace {

using desk::now;

const Nonce own{1, 2, 3}, other{9};

Bytes attested(UtcTime time, std::vector<Nonce> nonces = {own}) {
    return *sign(to_json(TimeAttestation{time, std::move(nonces)}), desk::time_keys().signers());
}
const Root& root() {
    static const Root made = desk::root_with_time();
    return made;
}
AttestedTime at(UtcTime time) { return AttestedTime(KnownTime{time, time}); }

TEST(AttestedTime, IsTakenWhenBothFamiliesAnswerTheOwnNonce) {
    AttestedTime time = at(desk::earlier);
    const auto accepted = time.accept({attested(now, {own, other})}, root(), own);
    ASSERT_TRUE(accepted) << accepted.error().str();
    EXPECT_EQ(time.known()->last, now);
    EXPECT_TRUE(time.accept({attested(now)}, root(), own)) << "it may stand still";
}

TEST(AttestedTime, IsTakenFromNothingOnce) {
    AttestedTime time;
    ASSERT_TRUE(time.accept({attested(now)}, root(), own));
    EXPECT_EQ(time.known(), (KnownTime{now, now}));
}

// What is refused changes nothing, and the next honest attestation is taken.
void expect_refused(const Bytes& file, const Fault& fault, const Root& by = root()) {
    AttestedTime time = at(now);
    const auto refused = time.accept({file}, by, own);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(fault)) << refused.error().str();
    EXPECT_EQ(time.known(), (KnownTime{now, now}));
    EXPECT_TRUE(time.accept({attested(now + std::chrono::hours(1))}, root(), own));
}

TEST(AttestedTime, IsRefusedWithoutItsNonce) { expect_refused(attested(now, {other}), faults::nonce_missing); }

TEST(AttestedTime, NeverGoesBack) { expect_refused(attested(desk::earlier), faults::time_back); }

TEST(AttestedTime, IsRefusedFromOneFamilyOrForeignKeys) {
    const json::Object body = to_json(TimeAttestation{now, {own}});
    auto signers = desk::time_keys().signers();
    expect_refused(*sign(body, {&signers[1], 1}), faults::classical_missing);
    expect_refused(*sign(body, {&signers[0], 1}), faults::post_quantum_missing);
    expect_refused(desk::signed_as(Role::timestamp, body), faults::classical_missing);
    Bytes changed = desk::altered(
        attested(now), [](json::Object& file) { file["signed"].as_object()["time"] = "2027-01-01T00:00:00Z"; });
    expect_refused(changed, faults::classical_missing);
}

TEST(AttestedTime, NeedsTheRoleInTheDirectorsRoot) {
    expect_refused(attested(now), faults::no_time_keys, desk::root());
}

TEST(AttestedTime, IsRefusedAsSomethingElse) {
    expect_refused(Bytes(attestation_bytes_max + 1, ' '), faults::too_large);
    json::Object body = to_json(TimeAttestation{now, {own}});
    body["_type"] = "timestamp";
    expect_refused(*sign(body, desk::time_keys().signers()), faults::wrong_role);
    AttestedTime time;
    EXPECT_FALSE(time.accept({Bytes{'{', '}'}}, root(), own));
    EXPECT_FALSE(time.accept({Bytes{}}, root(), own));
}

TEST(TimeAttestation, HasNoncesThatRiseAndNotTooMany) {
    const auto refused = [](json::Array nonces) {
        json::Object body = to_json(TimeAttestation{now, {own}});
        body["nonces"] = std::move(nonces);
        return read_time_attestation(body).error().is(faults::bad_member);
    };
    const std::string one(32, '1'), two(32, '2');
    EXPECT_TRUE(refused({}));
    EXPECT_TRUE(refused({two, one}));
    EXPECT_TRUE(refused({one, one}));
    EXPECT_TRUE(refused({"11"}));
    EXPECT_TRUE(refused({1}));
    json::Array many;
    for (int i = 0; i < 129; ++i) many.emplace_back(one);
    EXPECT_TRUE(refused(many));
    TimeAttestation full{now, {}};
    for (std::uint8_t i = 0; i < attestation_nonces_max; ++i) full.nonces.push_back({i});
    EXPECT_EQ(*read_time_attestation(to_json(full)), full);
    EXPECT_LT(sign(to_json(full), desk::time_keys().signers())->size(), attestation_bytes_max);
}

TEST(AttestedTime, JumpsOnlyWithASecondSource) {
    const UtcTime far = now + time_jump_max + std::chrono::seconds(1);
    const Bytes file = attested(far);
    EXPECT_EQ(*claimed_time({file}), far);
    const auto with = [&](std::optional<TimeEvidence> evidence) {
        AttestedTime time = at(now);
        return time.accept({file}, root(), own, evidence);
    };
    EXPECT_TRUE(with({}).error().is(faults::time_jump));
    EXPECT_TRUE(with(TimeEvidence{7, 7, far + std::chrono::days(1)}).error().is(faults::time_jump)) << "not newer";
    EXPECT_TRUE(with(TimeEvidence{7, 8, far}).error().is(faults::time_jump)) << "expired by then";
    EXPECT_TRUE(with(TimeEvidence{7, 8, far + std::chrono::days(1)}));
    AttestedTime time = at(now);
    EXPECT_TRUE(time.accept({attested(now + time_jump_max)}, root(), own)) << "the bound itself is no jump";
}

TEST(AttestedTime, DoesNotJumpInManySmallSteps) {
    AttestedTime time = at(now);
    ASSERT_TRUE(time.accept({attested(now + std::chrono::days(399))}, root(), own));
    EXPECT_TRUE(time.accept({attested(now + std::chrono::days(798))}, root(), own).error().is(faults::time_jump));
    time.confirm({7, 7, now + std::chrono::days(900)});
    EXPECT_EQ(time.known()->confirmed, now) << "old metadata confirms nothing";
    time.confirm({7, 8, now + std::chrono::days(405)});
    EXPECT_EQ(time.known()->confirmed, time.known()->last);
    EXPECT_TRUE(time.accept({attested(now + std::chrono::days(798))}, root(), own));
}

}  // namespace
}  // namespace pitstop::uptane
