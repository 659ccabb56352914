// From RequestDownload to the end of check memory no memory is allocated, in whatever form the image comes: this test
// program counts operator new. What an ECU's cryptography does when it opens an envelope is that port's affair.
#include "core/compress/writers.h"
#include "core/flash/image_opening.h"
#include "core/flash/metadata_intake.h"
#include "core/flash/target_application_test.h"
#include "core/flash/test_ecu.h"
#include "core/package/packed_image_test.h"
#include "core/uds/server.h"

#include <gtest/gtest.h>
#include <cstdlib>
#include <new>

namespace {

bool counting = false;
std::size_t counted = 0;

void* allocate_or_null(std::size_t size_bytes) {
    if (counting) ++counted;
    return std::malloc(size_bytes == 0 ? 1 : size_bytes);
}
void* allocate(std::size_t size_bytes) {
    if (void* memory = allocate_or_null(size_bytes)) return memory;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size_bytes) { return allocate(size_bytes); }
void* operator new[](std::size_t size_bytes) { return allocate(size_bytes); }
void* operator new(std::size_t size_bytes, const std::nothrow_t&) noexcept { return allocate_or_null(size_bytes); }
void* operator new[](std::size_t size_bytes, const std::nothrow_t&) noexcept { return allocate_or_null(size_bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace pitstop::flash {
namespace {

// Not counted while it works.
class Uncounted final : public seal::KeyOpener {
public:
    explicit Uncounted(seal::KeyOpener& opener) : opener_(opener) {}
    [[nodiscard]] seal::KeyHint hint() const override { return opener_.hint(); }
    [[nodiscard]] bool open(View info, View header, View wrapped_key, Room content_key) override {
        counting = false;
        const bool opened = opener_.open(info, header, wrapped_key, content_key);
        counting = true;
        return opened;
    }

private:
    seal::KeyOpener& opener_;
};

struct NoHeap : testing::TestWithParam<std::string_view>, TargetObserver {
    const Form form = *Form::parse(GetParam());
    const Bytes old_image = test::image_of(200'000, 1), image = package::test::next_version_of(old_image);
    const Openings openings = *Openings::parse("gzip zstd delta hpke window=4096");
    package::test::Ecu desk{{}};
    Uncounted key{desk.key_opener};
    RamFlash flash{[] {
        Geometry geometry;
        geometry.runs = {SectorRun{260, 4096}};
        return geometry;
    }()};
    crypto::Sha256 hasher, opening_hasher;
    Slots slots{flash, *plan_layout(flash.geometry()), hasher, test::our_hardware};
    Bytes storage = Bytes(ImageOpening::storage_bytes(openings));
    ImageOpening opening{openings, slots, opening_hasher, storage,
                         ImageOpening::Key{key, desk.cipher, desk.id.address()}};
    test::OpenGate gate;
    Bytes blocks = Bytes(TargetSettings::room_bytes(16386, 2));
    Target target{slots, gate, &opening, *this, {16386, {}, blocks}};
    test::TargetApplication application{target};
    std::array<std::uint8_t, 64> reply_storage{};
    uds::Server server{application, {}, reply_storage};
    Tick now{1'000'000};

    void did(std::string_view) override {}
    void refused(std::string_view what, const Error& why) override { ADD_FAILURE() << what << ": " << why.str(); }

    // The first byte of the final answer; whatever happens in here must not allocate.
    std::uint8_t ask(View request) {
        server.on_request(request, uds::Addressing::physical, now);
        for (;;) {
            const auto answer = server.poll(now);
            if (answer && !server.busy()) return answer->front();
            if (!answer) now = std::max(now + std::chrono::microseconds(1), *server.deadline());
        }
    }
    void install(View first) {
        ASSERT_TRUE(slots.boot());
        ASSERT_TRUE(slots.begin(static_cast<std::uint32_t>(first.size())));
        while (*slots.erase_step() == Step::more) {}
        ASSERT_TRUE(slots.write(first) && slots.finish() && slots.begin_check(test::record_of(first, 1)));
        while (*slots.check_step() == Step::more) {}
        ASSERT_TRUE(slots.activate() && slots.boot() && slots.commit());
    }
};

TEST_P(NoHeap, IsNeededBetweenRequestDownloadAndCheckMemory) {
    ASSERT_NO_FATAL_FAILURE(install(old_image));
    const Bytes payload = *package::test::packed(image, form, old_image, desk.id, desk.key.public_key());
    std::vector<Bytes> requests;
    const auto size_bytes = static_cast<std::uint32_t>(image.size());
    Bytes range{0x44, 0, 0, 0, 0, 0, 0, 0, 0};
    store_be(&range[5], size_bytes);
    Bytes download{0x34, data_format_of(form)};
    download.insert(download.end(), range.begin(), range.end());
    requests.push_back(download);
    for (std::size_t at = 0, number = 1; at < payload.size(); at += 4000, ++number) {
        requests.push_back({0x36, static_cast<std::uint8_t>(number)});
        const View data = View(payload).subspan(at, std::min<std::size_t>(4000, payload.size() - at));
        requests.back().insert(requests.back().end(), data.begin(), data.end());
    }
    requests.push_back({0x37});
    requests.push_back({0x31, 0x01, 0x02, 0x02});
    const auto record = to_bytes(test::record_of(image, 2));
    requests.back().insert(requests.back().end(), record.begin(), record.end());

    Bytes erase{0x31, 0x01, 0xFF, 0x00};
    erase.insert(erase.end(), range.begin(), range.end());
    ASSERT_EQ(ask(Bytes{0x10, 0x02}), 0x50);
    ASSERT_EQ(ask(erase), 0x71);
    bool good = true;
    counted = 0;
    counting = true;
    for (const Bytes& request : requests) good = good && ask(request) == request[0] + 0x40;
    counting = false;
    ASSERT_TRUE(good);
    EXPECT_EQ(counted, 0U);
    EXPECT_EQ(slots.bank_state().new_image, crypto::sha256(image));
}

INSTANTIATE_TEST_SUITE_P(Forms, NoHeap, testing::ValuesIn(package::test::every_form), [](const auto& form) {
    std::string name(form.param);
    std::ranges::replace(name, '+', '_');
    return name;
});

TEST(NoHeapForMetadata, IsNeededWhereItComesPacked) {
    struct Nobody final : Judge, TargetObserver {
        Result<TrustStanding> begin() override { return TrustStanding{}; }
        Result<std::optional<ImageRecord>> judge(View) override { return std::nullopt; }
        void did(std::string_view) override {}
        void refused(std::string_view, const Error&) override {}
    } nobody;
    const Bytes bundle = test::image_of(5000, 3);
    const Bytes small = *compress::gzip(bundle, {.window_bytes = MetadataIntake::window_bytes});
    Bytes storage(bundle.size()), unpacking(MetadataIntake::unpacking_bytes);
    MetadataIntake intake(&nobody, {storage, unpacking}, nobody, 4000);
    intake.session_changed(uds::Session::extended);
    counted = 0;
    counting = true;
    const bool offered = intake.request_download({1, 0, MetadataIntake::address, bundle.size()}).has_value();
    const bool sent = intake.transfer_data(small).nrc() == uds::Nrc::positive_response;
    const bool ended = intake.transfer_exit({}).nrc() == uds::Nrc::positive_response;
    counting = false;
    ASSERT_TRUE(offered && sent && ended);
    EXPECT_EQ(counted, 0U);
    EXPECT_EQ(storage, bundle);
}

TEST(CountedHeap, CountsWhatIsAllocated) {
    counted = 0;
    counting = true;
    const auto something = std::make_unique<Bytes>(100);
    counting = false;
    EXPECT_EQ(counted, 2U);
}

}  // namespace
}  // namespace pitstop::flash
