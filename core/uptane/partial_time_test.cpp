#include "core/base/faults.h"
#include "core/uptane/small_ecu_on_the_desk.h"

namespace pitstop::uptane {
namespace {

using namespace small_desk;
namespace base = pitstop::faults;

Parts with_time(const json::Object& body, std::uint32_t targets_version = 1) {
    json::Object targets = targets_body(targets_version);
    targets["expires"] = "2030-01-01T00:00:00Z";
    return {.time = time_file_of(body), .targets = targets_file_of(targets)};
}
Parts time_alone(UtcTime time) { return {.time = time_file_of(time_body(time))}; }

TEST(SmallEcusTime, IsNeededForTargets) {
    SmallEcu ecu;
    ecu.expect_refusal(faults::no_fresh_time, Parts{.time = {}, .targets = targets_file_of(targets_body())});
}

TEST(SmallEcusTime, AnswersItsOwnNonce) {
    SmallEcu ecu;
    Nonce other = own_nonce;
    other[15] = 17;
    ecu.expect_refusal(faults::nonce_missing, with_time(time_body(today, {to_hex(other)})));
    ecu.verifier().begin(other);
    EXPECT_TRUE(ecu.judge(with_time(time_body())).error().is(faults::nonce_missing));  // of the cycle before
    EXPECT_TRUE(ecu.judge(with_time(time_body(today, {to_hex(own_nonce), to_hex(other)}), 2)));
}

TEST(SmallEcusTime, IsNotAcceptedBeforeACycleWasBegun) {
    crypto::OpenSslVerifier crypto;
    JudgeRoom room;
    Bytes storage(PartialState::storage_bytes_usual);
    PartialState state = *PartialVerifier::from_factory(storage, root_file_of(root_body()), factory_day, crypto, room);
    PartialVerifier verifier(state, crypto, room);
    const Bytes zeros = bundle_of({.time = time_file_of(time_body(today, {std::string(32, '0')}))});
    EXPECT_TRUE(verifier.judge(zeros, brake_ecu()).error().is(faults::nonce_missing));
    verifier.begin(own_nonce);
    EXPECT_TRUE(verifier.judge(bundle_of({}), brake_ecu()));
}

TEST(SmallEcusTime, HasItsNoncesInOrderAndNotTooMany) {
    SmallEcu ecu;
    json::Array nonces;
    for (std::uint8_t i = 1; i <= 128; ++i) {
        Nonce nonce{};
        nonce[0] = i;
        nonces.emplace_back(to_hex(nonce));
    }
    nonces[0] = to_hex(own_nonce);
    EXPECT_TRUE(ecu.judge(with_time(time_body(today, nonces))));
    nonces.emplace_back("ff" + std::string(30, '0'));
    ecu.expect_refusal(faults::bad_member, with_time(time_body(today, nonces)));
    ecu.expect_refusal(faults::bad_member, with_time(time_body(today, {})));
    ecu.expect_refusal(faults::bad_member, with_time(time_body(today, {to_hex(own_nonce), to_hex(own_nonce)})));
    ecu.expect_refusal(faults::bad_member, with_time(time_body(today, {to_hex(own_nonce), std::string(32, '0')})));
    ecu.expect_refusal(faults::bad_member, with_time(time_body(today, {to_hex(own_nonce), "02"})));
    ecu.expect_refusal(faults::bad_member, with_time(time_body(today, {to_hex(own_nonce), 2})));
}

TEST(SmallEcusTime, NeverGoesBack) {
    SmallEcu ecu;
    ecu.expect_refusal(faults::time_back, time_alone(factory_day + std::chrono::seconds(-1)));
    ASSERT_TRUE(ecu.judge(time_alone(today)));
    ASSERT_TRUE(ecu.restart());
    ecu.expect_refusal(faults::time_back, time_alone(today + std::chrono::seconds(-1)));
    EXPECT_TRUE(ecu.judge(time_alone(today)));  // the same again is no step back
}

TEST(SmallEcusTime, DoesNotJumpFarWithoutASecondSource) {
    SmallEcu ecu;
    ecu.expect_refusal(faults::time_jump, time_alone(factory_day + std::chrono::days(400) + std::chrono::seconds(1)));
    SmallEcu fresh;
    EXPECT_TRUE(fresh.judge(time_alone(factory_day + std::chrono::days(400))));
    // The bound counts from what was confirmed: many small steps lead no further than one.
    fresh.expect_refusal(faults::time_jump, time_alone(factory_day + std::chrono::days(401)));
}

TEST(SmallEcusTime, IsNotConfirmedByTargetsThatItKnew) {
    json::Object long_root = root_body();
    long_root["expires"] = "2035-01-01T00:00:00Z";
    SmallEcu ecu(long_root);
    ASSERT_TRUE(ecu.judge(with_time(time_body(), 3)));
    ecu.expect_refusal(faults::time_jump, with_time(time_body(factory_day + std::chrono::days(1000)), 3));
}

TEST(SmallEcusTime, IsConfirmedByNewerTargets) {
    const UtcTime far = factory_day + std::chrono::days(1000);
    json::Object long_root = root_body();
    long_root["expires"] = "2035-01-01T00:00:00Z";
    SmallEcu ecu(long_root);
    ASSERT_TRUE(ecu.judge(with_time(time_body(), 3)));
    EXPECT_TRUE(ecu.judge(with_time(time_body(far), 4))->image);
    EXPECT_EQ(ecu.state().confirmed(), far);
    EXPECT_TRUE(ecu.judge(time_alone(far + std::chrono::days(400))));
    EXPECT_EQ(ecu.state().confirmed(), far);
    json::Object ended = targets_body(5);
    ended["expires"] = far.str();
    EXPECT_TRUE(
        ecu.judge({.time = time_file_of(time_body(far + std::chrono::days(500))), .targets = targets_file_of(ended)})
            .error()
            .is(faults::expired));
}

TEST(SmallEcusTime, IsSignedByTheTimeServer) {
    SmallEcu ecu;
    ecu.expect_refusal(faults::classical_missing, Parts{.time = file_of(time_body(), both(targets_keys()))});
    ecu.expect_refusal(faults::post_quantum_missing, Parts{.time = file_of(time_body(), {by(clock_keys().classical)})});
    ecu.expect_refusal(faults::classical_missing, Parts{.time = file_of(time_body(), {by(clock_keys().post_quantum)})});
    Signatures five;
    for (int i = 0; i < 5; ++i) five.push_back(by(clock_keys().classical));
    ecu.expect_refusal(faults::too_many_signatures, Parts{.time = file_of(time_body(), five)});
}

TEST(SmallEcusTime, IsNotReadFromAnotherFile) {
    SmallEcu ecu;
    json::Object body = time_body();
    body["_type"] = "targets";
    ecu.expect_refusal(faults::wrong_role, with_time(body));
    body = time_body();
    body["spec_version"] = "1.1";
    ecu.expect_refusal(faults::wrong_spec_version, with_time(body));
    body = time_body();
    body["time"] = "2026-11-20 12:00:00";
    ecu.expect_refusal(base::bad_time, with_time(body));
    body.erase("time");
    ecu.expect_refusal(base::missing_member, with_time(body));
}

TEST(SmallEcusTime, NeedsKeysInRoot) {
    json::Object body = root_body();
    body["roles"].as_object().erase("time");
    SmallEcu ecu(body);
    EXPECT_TRUE(ecu.judge(with_time(time_body())).error().is(faults::no_time_keys));
    ASSERT_TRUE(ecu.restart());
    EXPECT_TRUE(ecu.judge({.roots = {root_file_of(root_body(2))}, .targets = targets_file_of(targets_body())}));
}

}  // namespace
}  // namespace pitstop::uptane
