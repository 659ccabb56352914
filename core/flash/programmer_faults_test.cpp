// At each request of the programming sequence each way to fail: how it ends, the ECU is as it was.
#include "core/flash/programmer.h"

#include "core/flash/faults.h"
#include "core/flash/test_ecu.h"
#include "core/uds/door_on_the_desk_test.h"
#include "core/uds/faults.h"

#include <gtest/gtest.h>

#include <functional>

namespace pitstop::flash {
namespace {

using uds::desk::DeskTester;
using uds::desk::DoorOnTheDesk;

constexpr Fault link_broke{"test.link-lost", Remedy::retry, "The connection broke.", "Connect again."};

enum class Failure : std::uint8_t {
    none,
    refusal,
    silence,
    silence_for_ever,
    reset,
    pending_for_ever,
    link_lost_once,
    link_lost
};
constexpr Failure failures[] = {Failure::refusal,  Failure::silence,          Failure::silence_for_ever,
                                Failure::reset,    Failure::pending_for_ever, Failure::link_lost_once,
                                Failure::link_lost};

// Carries a plan out, and fails at one request.
class FailingTester {
public:
    FailingTester(test::TestEcu& ecu, DeskTester& papers, Failure failure, int at)
        : ecu_(ecu),
          papers_(papers),
          failure_(failure),
          at_(at) {}

    Result<DoneBecause> carry_out(Programmer programmer, View image) {
        for (;;) {
            const Action action = programmer.next();
            if (const auto* send = std::get_if<SendRequest>(&action)) {
                ++requests;
                ask(programmer, send->request);
            } else if (const auto* need = std::get_if<NeedImage>(&action)) {
                std::ranges::copy(image.subspan(need->offset, need->into.size()), need->into.begin());
                programmer.on_image();
            } else if (const auto* proof = std::get_if<NeedProof>(&action)) {
                programmer.on_proof(*papers_.prove(proof->kind, proof->text));
            } else if (const auto* done = std::get_if<Done>(&action)) {
                return done->because;
            } else if (const auto* failed = std::get_if<Failed>(&action)) {
                return fail(failed->error);
            }
        }
    }

    int requests = 0;

private:
    void ask(Programmer& programmer, View request) {
        if (failure_ == Failure::reset && requests == at_) ecu_.restart();
        if (const auto error = error_now()) return programmer.on_error(*error);
        if (failure_ == Failure::refusal && requests == at_) return programmer.on_refusal(uds::Nrc::general_reject);
        const auto answer = ecu_.ask(request);
        // The ECU did it, and nobody heard.
        if (failure_ == Failure::link_lost_once && requests == at_) return programmer.on_error(Error(link_broke));
        if (!answer)
            programmer.on_error(answer.error());
        else if (answer->refused())
            programmer.on_refusal(answer->refusal);
        else
            programmer.on_answer(answer->positive);
    }

    std::optional<Error> error_now() const {
        constexpr int all_repeats = 6;
        const bool within_repeats = requests >= at_ && requests < at_ + all_repeats;
        switch (failure_) {
            case Failure::silence: return within_repeats ? std::optional(Error(uds::faults::no_answer)) : std::nullopt;
            case Failure::silence_for_ever:
                return requests >= at_ ? std::optional(Error(uds::faults::no_answer)) : std::nullopt;
            case Failure::pending_for_ever:
                return requests == at_ ? std::optional(Error(uds::faults::pending_too_long)) : std::nullopt;
            case Failure::link_lost: return within_repeats ? std::optional(Error(link_broke)) : std::nullopt;
            default: return std::nullopt;
        }
    }

    test::TestEcu& ecu_;
    DeskTester& papers_;
    Failure failure_;
    int at_;
};

class ProgrammerFaultsTest : public testing::Test {
protected:
    const Bytes first = test::image_of(1500, 1);
    RamFlash flash{test::even_geometry()};
    test::TestEcu ecu{flash};
    DeskTester papers{{}};
    DoorOnTheDesk door{{.tickets = true}};
    int runs = 0;

    void SetUp() override {
        ASSERT_TRUE(test::update(ecu, first, test::record_of(first, 1)));
        ecu.lock_with(*door.access);
    }

    ProgrammerSettings settings() {
        return {.block_size_bytes_max = 400,
                .fingerprint = Fingerprint{uds::desk::certificates::certificates_now, Text<16>("T-0001")},
                .entrance = {papers.papers(), uds::desk::door_of(0x0011)}};
    }
    // Another image each time, so that each is staged from the beginning.
    Result<DoneBecause> stage(Failure failure, int at, int* requests = nullptr) {
        const Bytes image = test::image_of(1400, static_cast<std::uint8_t>(++runs % 251 + 2));
        FailingTester tester(ecu, papers, failure, at);
        auto done = tester.carry_out(Programmer(Plan::stage, test::record_of(image, 2), settings()), image);
        if (requests != nullptr) *requests = tester.requests;
        EXPECT_LT(tester.requests, 120) << "whatever happens, it ends";
        return done;
    }
    void expect_everything_restored() {
        EXPECT_EQ(ecu.session(), uds::Session::default_);
        EXPECT_EQ(ecu.communication(), uds::Communication::enable_rx_and_tx);
        EXPECT_EQ(ecu.dtc(), uds::DtcSetting::on);
        EXPECT_FALSE(door.allows({0x34, 0x00})) << "and whoever was in is out";
    }
    // `prepare`: before each update.
    void expect_everything_restored_whatever_fails(const std::function<void()>& prepare) {
        int requests = 0;
        prepare();
        ASSERT_TRUE(stage(Failure::none, 0, &requests));
        ASSERT_GE(requests, 20);
        for (const Failure failure : failures) {
            for (int at = 1; at <= requests; ++at) {
                SCOPED_TRACE(testing::Message() << "failure " << static_cast<int>(failure) << " at request " << at);
                prepare();
                const auto done = stage(failure, at);
                if (failure == Failure::silence_for_ever) {
                    EXPECT_FALSE(done && at < requests - 3) << "nobody was there";
                }
                // What a tester cannot restore, the ECU does when S3 has passed: all of it, or where the last three
                // requests (28 00, 85 01, 10 01) are the ones that fail.
                if (failure == Failure::silence_for_ever || at > requests - 3) ecu.pass(std::chrono::seconds(6));
                if (failure == Failure::reset || failure == Failure::link_lost_once) {
                    EXPECT_TRUE(done) << "a lost answer or a restart does not end an update: " << done.error().str();
                }
                expect_everything_restored();
                if (HasFailure()) return;
            }
        }
    }
};

TEST_F(ProgrammerFaultsTest, GetsInWithItsPapersAndNotWithout) {
    const auto done = stage(Failure::none, 0);
    ASSERT_TRUE(done) << done.error().str();
    expect_everything_restored();
    const Bytes image = test::image_of(1300, 77);
    const auto refused = test::carry_out(Programmer(Plan::stage, test::record_of(image, 2), {}), ecu, image);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(uds::faults::refused));
    EXPECT_NE(refused.error().str().find("authenticationRequired"), std::string::npos) << refused.error().str();
    expect_everything_restored();
    for (const Plan plan : {Plan::activate, Plan::roll_back})
        EXPECT_TRUE(test::carry_out(Programmer(plan, test::record_of(image, 2), {}), ecu, image).error().code() != "")
            << "nor to do anything else";
}

TEST_F(ProgrammerFaultsTest, RestoresTheEcuWhateverFailsAtWhichRequest) {
    expect_everything_restored_whatever_fails([] {});
}

TEST_F(ProgrammerFaultsTest, TheSameWhereItLeavesATicket) {
    papers.comes_back = true;
    expect_everything_restored_whatever_fails([&] { door.ticket.kept.reset(); });
}

TEST_F(ProgrammerFaultsTest, AndWhereItComesBackByOne) {
    papers.comes_back = true;
    expect_everything_restored_whatever_fails([&] {
        door.ticket.kept.reset();
        ASSERT_TRUE(stage(Failure::none, 0));
        ASSERT_TRUE(door.ticket.kept);
    });
}

TEST_F(ProgrammerFaultsTest, ShowsItsCertificatesOnceInAnUpdate) {
    papers.comes_back = true;
    const Bytes image = test::image_of(1300, 77);
    for (const Plan plan : {Plan::stage, Plan::activate, Plan::confirm}) {
        FailingTester tester(ecu, papers, Failure::none, 0);
        const auto done = tester.carry_out(Programmer(plan, test::record_of(image, 2), settings()), image);
        ASSERT_TRUE(done) << done.error().str();
        EXPECT_EQ(*done, DoneBecause::did_it);
    }
    EXPECT_EQ(door.ticket.kept->returns_left, uds::returns_max - 2);
}

TEST_F(ProgrammerFaultsTest, GivesUpAtOnceOnAnEcuThatIsPendingForEver) {
    int clean = 0, pending = 0;
    ASSERT_TRUE(stage(Failure::none, 0, &clean));
    const auto done = stage(Failure::pending_for_ever, clean / 2, &pending);
    ASSERT_FALSE(done);
    EXPECT_TRUE(done.error().is(uds::faults::pending_too_long));
    EXPECT_LE(pending, clean / 2 + 3) << "it is not asked to be pending again";
}

TEST_F(ProgrammerFaultsTest, WritesItsFingerprintBeforeItErases) {
    ecu.request_log().clear();
    ASSERT_TRUE(stage(Failure::none, 0));
    const Bytes fingerprint{0x2E, 0xF1, 0x5A, 0x20, 0x27, 0x01, 0x15, 'T', '-', '0', '0', '0', '1'};
    const auto& log = ecu.request_log();
    const auto written = std::ranges::find(log, fingerprint);
    ASSERT_NE(written, log.end());
    EXPECT_TRUE(std::ranges::none_of(log.begin(), written, [](const Bytes& request) {
        return request.size() > 3 && request[0] == 0x31 && request[2] == 0xFF && request[3] == 0x00;
    }));
}

TEST_F(ProgrammerFaultsTest, UsesTheKeyOfAnOldEcu) {
    DoorOnTheDesk old({.certificates = false, .security = true});
    papers.key = uds::desk::ecu_key();
    ecu.lock_with(*old.access);
    ecu.restart();
    const auto done = stage(Failure::none, 0);
    EXPECT_TRUE(done) << done.error().str();
    EXPECT_GT(ecu.count(uds::Service::security_access), 0U);
    papers.key.reset();
    EXPECT_TRUE(stage(Failure::none, 0).error().is(uds::faults::no_way_in));
    expect_everything_restored();
}

}  // namespace
}  // namespace pitstop::flash
