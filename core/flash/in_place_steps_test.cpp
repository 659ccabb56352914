// A delta onto the only bank takes minutes of flashing: over the real server, a clock that the test moves, and a flash
// that is watched.
#include "core/delta/make.h"
#include "core/flash/target_application_test.h"
#include "core/flash/test_ecu.h"
#include "core/flash/test_tester.h"

#include <gtest/gtest.h>
#include <cstdio>

namespace pitstop::flash {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

constexpr std::uint32_t sector_bytes = 4096, bank_bytes = 128 * sector_bytes, block_bytes = 1024;
// A byte is erased in 8 µs and programmed in 4: without rounding. So ordinary memory does it; ten times slower is that
// of some.
constexpr FlashTimes ordinary{8192us, 4096us}, slow{81'920us, 40'960us};

Geometry geometry() {
    Geometry geometry;
    geometry.runs = {SectorRun{7, sector_bytes}, SectorRun{128, sector_bytes}};
    geometry.program_unit_bytes = 64;
    return geometry;
}
const Layout layout = *plan_layout(geometry(), Banks::one);

// What happens to the bank; records and journals are elsewhere.
class WatchedFlash final : public FlashDevice {
public:
    explicit WatchedFlash(RamFlash& flash) : flash_(flash) {}
    [[nodiscard]] const Geometry& geometry() const override { return flash_.geometry(); }
    [[nodiscard]] Result<void> erase(std::uint32_t sector) override {
        if (sector >= layout.bank(Bank::a).first_sector) work.erased_bytes += sector_bytes;
        return flash_.erase(sector);
    }
    [[nodiscard]] Result<void> program(std::uint32_t offset, View bytes) override {
        if (offset >= layout.bank(Bank::a).offset) work.programmed_bytes += static_cast<std::uint32_t>(bytes.size());
        return flash_.program(offset, bytes);
    }
    [[nodiscard]] Result<void> read(std::uint32_t offset, Room into) override {
        work.read_bytes += static_cast<std::uint32_t>(into.size());
        return flash_.read(offset, into);
    }
    Opening::Work work;

private:
    RamFlash& flash_;
};

// Of which a delta learns nothing.
Bytes noise(std::size_t size_bytes, std::uint32_t state) {
    Bytes bytes(size_bytes);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>((state = state * 1664525U + 1013904223U) >> 24);
    return bytes;
}

Bytes next_version(const Bytes& image) {
    Bytes next = image;
    const Bytes more = noise(9'000, 77);
    next.insert(next.begin() + 100'000, more.begin(), more.end());
    for (std::size_t at = 500; at < next.size(); at += 40'000) next[at] ^= 0x55;
    return next;
}

const Bytes old_image = noise(440'000, 1), new_image = next_version(old_image);
const test::Delivery& delivery() {
    static const test::Delivery what{
        test::record_of(new_image, 2),
        {.encoding = Encoding::delta},
        *delta::make(old_image, new_image,
                     {.mode = delta::Mode::in_place, .sector_bytes = sector_bytes, .bank_bytes = bank_bytes})};
    return what;
}

// One life of the ECU.
class Life final : TargetObserver {
public:
    Life(RamFlash& flash, const FlashTimes& times, std::size_t blocks)
        : watched_(flash),
          room_(blocks * block_bytes),
          target_(slots_, gate_, &opening_, *this, {block_bytes + 2, times, room_}) {
        EXPECT_TRUE(slots_.boot());
    }

    struct Said {
        Bytes answer;                       // the final one
        std::vector<microseconds> waits{};  // from the request, or the 0x78 before, to each 0x78 and the answer
    };
    Said ask(const Bytes& request) {
        Said said;
        Tick since = now;
        server_.on_request(request, uds::Addressing::physical, now);
        for (;;) {
            const auto answer = poll();
            if (answer) said.waits.push_back(now - std::exchange(since, now));
            if (answer && !server_.busy()) return {{answer->begin(), answer->end()}, said.waits};
            if (!answer) now = std::max(now, *server_.deadline());
        }
    }
    // Erase, which erases nothing here, and the announcement; gives back where the payload goes on.
    std::size_t announce() {
        EXPECT_EQ(ask({0x10, 0x02}).answer[0], 0x50);
        Bytes erase{0x31, 0x01, 0xFF, 0x00};
        const auto size_bytes = static_cast<std::uint32_t>(new_image.size());
        const LongEraseOption option = erase_option(size_bytes, delivery().transfer);
        erase.insert(erase.end(), option.begin(), option.end());
        EXPECT_EQ(ask(erase).answer[0], 0x71);
        const ResumePoint point = slots_.resume_state().point;
        EXPECT_EQ(point.again_bytes, 0U) << "these tests cut before the first block of the image";
        Bytes download{0x34, data_format_of(delivery().form), 0x44, 0, 0, 0, 0, 0, 0, 0, 0};
        store_be(&download[3], point.payload_offset);
        store_be(&download[7], size_bytes - point.image_offset);
        EXPECT_EQ(ask(download).answer[0], 0x74);
        return point.payload_offset;
    }
    Bytes block(std::size_t number) const {  // from 1 on
        Bytes request{0x36, static_cast<std::uint8_t>(number)};
        const View from = View(delivery().payload).subspan((number - 1) * block_bytes);
        const View data = from.first(std::min<std::size_t>(block_bytes, from.size()));
        request.insert(request.end(), data.begin(), data.end());
        return request;
    }
    static std::size_t blocks() { return (delivery().payload.size() + block_bytes - 1) / block_bytes; }
    void send_all_from(std::size_t number) {
        for (; number <= blocks(); ++number)
            ASSERT_EQ(ask(block(number)).answer, (Bytes{0x76, static_cast<std::uint8_t>(number)})) << last_refusal_;
        ASSERT_EQ(ask({0x37}).answer, (Bytes{0x77})) << last_refusal_;
    }
    void install(View image) {
        ASSERT_TRUE(slots_.begin(static_cast<std::uint32_t>(image.size())));
        while (*slots_.erase_step() == Step::more) {}
        ASSERT_TRUE(slots_.write(image) && slots_.finish() && slots_.begin_check(test::record_of(image, 1)));
        while (*slots_.check_step() == Step::more) {}
        ASSERT_TRUE(slots_.activate() && slots_.boot() && slots_.commit());
    }

    [[nodiscard]] const Opening::Work& work() const { return watched_.work; }
    [[nodiscard]] const Opening::Work& largest_step() const { return largest_; }
    [[nodiscard]] int steps() const { return steps_; }
    Tick now{1'000'000};

private:
    std::optional<View> poll() {
        const Opening::Work before = watched_.work;
        const auto answer = server_.poll(now);
        const Opening::Work done = watched_.work.since(before);
        largest_ = {std::max(largest_.read_bytes, done.read_bytes), std::max(largest_.erased_bytes, done.erased_bytes),
                    std::max(largest_.programmed_bytes, done.programmed_bytes)};
        if (done.read_bytes + done.programmed_bytes > 0) ++steps_;
        return answer;
    }
    void did(std::string_view) override {}
    void refused(std::string_view what, const Error& why) override { last_refusal_ = std::string(what) + why.str(); }

    WatchedFlash watched_;
    crypto::Sha256 hasher_, opening_hasher_;
    Slots slots_{watched_, layout, hasher_, test::our_hardware};
    Bytes storage_ = Bytes(ImageOpening::storage_bytes({.delta = true})), room_;
    ImageOpening opening_{{.delta = true}, slots_, opening_hasher_, storage_, {}};
    test::OpenGate gate_;
    Target target_;
    test::TargetApplication application_{target_};
    std::array<std::uint8_t, 64> reply_storage_{};
    uds::Server server_{application_, {}, reply_storage_};
    Opening::Work largest_;
    int steps_ = 0;
    std::string last_refusal_;
};

struct InPlaceSteps : testing::Test {
    void SetUp() override { Life(flash, {}, 1).install(old_image); }
    [[nodiscard]] bool holds(View image) {
        return std::ranges::equal(flash.cells().subspan(layout.bank(Bank::a).offset, image.size()), image);
    }
    static void expect_to_be_told_in_time(const std::vector<microseconds>& waits) {
        const uds::Timings timings{};
        ASSERT_GT(waits.size(), 3U) << "a move takes longer than P2*";
        EXPECT_LE(waits[0], timings.p2);
        for (std::size_t i = 1; i < waits.size(); ++i) EXPECT_LE(waits[i], timings.p2_star);
    }
    RamFlash flash{geometry()};
};

TEST_F(InPlaceSteps, SayThatABlockWaitsWhileTheOldImageMoves) {
    Life ecu(flash, slow, 1);
    ecu.announce();
    const Life::Said said = ecu.ask(ecu.block(1));
    EXPECT_EQ(said.answer, (Bytes{0x76, 1}));
    expect_to_be_told_in_time(said.waits);
    ecu.send_all_from(2);
    EXPECT_TRUE(holds(new_image));
}

TEST_F(InPlaceSteps, LetTheBlockAfterItWaitWhereTheFlashIsQueued) {
    Life ecu(flash, slow, 2);
    ecu.announce();
    EXPECT_EQ(ecu.ask(ecu.block(1)).waits, std::vector<microseconds>{0us});
    EXPECT_TRUE(holds(old_image));
    const Life::Said said = ecu.ask(ecu.block(2));
    EXPECT_EQ(said.answer, (Bytes{0x76, 2}));
    expect_to_be_told_in_time(said.waits);
    ecu.send_all_from(3);
    EXPECT_TRUE(holds(new_image));
}

TEST_F(InPlaceSteps, TouchOneSectorEachAndTakeTheTimeOfWhatTheyEraseAndProgram) {
    Life ecu(flash, ordinary, 1);
    ecu.announce();
    const Tick began = ecu.now;
    ecu.send_all_from(1);
    EXPECT_TRUE(holds(new_image));
    EXPECT_EQ(ecu.largest_step().erased_bytes, sector_bytes);
    EXPECT_LE(ecu.largest_step().programmed_bytes, sector_bytes);
    EXPECT_LT(ecu.largest_step().read_bytes, 3 * ImageIntake::step_bytes) << "journals, too";
    const Opening::Work work = ecu.work();
    EXPECT_GE(work.programmed_bytes, old_image.size() + new_image.size());
    EXPECT_EQ(ecu.now - began, 8us * work.erased_bytes + 4us * work.programmed_bytes);
    std::printf("             %d steps, the largest programs %u bytes; %.2f s of flashing\n", ecu.steps(),
                ecu.largest_step().programmed_bytes, std::chrono::duration<double>(ecu.now - began).count());
}

TEST_F(InPlaceSteps, GoOnWhereThePowerWasCutInTheMiddleOfTheMove) {
    {
        Life ecu(flash, ordinary, 2);
        ecu.announce();
        flash.cut_at(1000, Torn::half);
        ASSERT_EQ(ecu.ask(ecu.block(1)).answer[0], 0x76);
        ASSERT_EQ(ecu.ask(ecu.block(2)).answer[0], 0x7F);
        ASSERT_FALSE(flash.has_power());
    }
    flash.power_up();
    Life ecu(flash, ordinary, 2);
    ASSERT_EQ(ecu.announce(), 0U);
    ecu.send_all_from(1);
    EXPECT_TRUE(holds(new_image));
    EXPECT_LE(ecu.largest_step().erased_bytes, sector_bytes);
    EXPECT_LT(ecu.work().programmed_bytes, old_image.size() + new_image.size()) << "it does not begin anew";
}

}  // namespace
}  // namespace pitstop::flash
