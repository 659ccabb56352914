#include "core/uptane/bundle_writer.h"
#include "core/uptane/faults.h"

#include <gtest/gtest.h>

#include <vector>

namespace pitstop::uptane {
namespace {

constexpr std::size_t size_max = partial_bundle_size_bytes_max;

const std::vector<BundleFile> files{
    {BundleRepository::director, BundleRole::root, "", view_of("{2}")},
    {BundleRepository::time, BundleRole::time_attestation, "", view_of("{t}")},
    {BundleRepository::image, BundleRole::delegated_targets, "brakes", view_of("{brakes}")},
};

// As docs/formats/bundle.md shows it.
constexpr std::string_view golden_hex =
    "50544231"
    "00000000000003"
    "7b327d"
    "02050000000003"
    "7b747d"
    "01040662"
    "72616b657300000008"
    "7b6272616b65737d";

Bytes packed() { return *write_bundle(files, size_max); }

Result<std::vector<BundleFile>> read(View bundle, std::size_t size_bytes_max = size_max) {
    TRY(BundleReader reader, BundleReader::open(bundle, size_bytes_max));
    std::vector<BundleFile> found;
    while (const auto file = reader.next()) found.push_back(*file);
    return found;
}

bool is_refused(const BundleFile& file) {
    const auto written = write_bundle(std::span(&file, 1), size_max);
    EXPECT_TRUE(written || written.error().is(faults::bad_bundle));
    return !written;
}

TEST(TrustBundle, IsTheseBytes) { EXPECT_EQ(to_hex(packed()), golden_hex); }

TEST(TrustBundle, GivesItsFilesInOrder) {
    const Bytes bundle = packed();
    const auto found = *read(bundle);
    ASSERT_EQ(found.size(), files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
        EXPECT_EQ(found[i].repository, files[i].repository);
        EXPECT_EQ(found[i].role, files[i].role);
        EXPECT_EQ(found[i].name, files[i].name);
        EXPECT_EQ(text_of(found[i].file), text_of(files[i].file));
    }
    EXPECT_GE(found[0].file.data(), bundle.data());  // no copies
    EXPECT_TRUE(read(*write_bundle({}, size_max))->empty());
}

TEST(TrustBundle, ThatIsCutOffAnywhereIsRefused) {
    const Bytes bundle = packed();
    const std::vector<std::size_t> whole{4, 14, 24};  // between two files nothing can be noticed, and nothing is lost
    for (std::size_t size = 0; size < bundle.size(); ++size) {
        const auto found = read(View(bundle).first(size));
        EXPECT_EQ(found.has_value(), std::ranges::find(whole, size) != whole.end()) << size;
        if (!found) {
            EXPECT_TRUE(found.error().is(faults::bad_bundle));
        }
    }
}

TEST(TrustBundle, WithALengthBeyondItsEndIsRefused) {
    Bytes bundle = packed();
    bundle[7] = 0xFF;
    EXPECT_TRUE(read(bundle).error().is(faults::bad_bundle));
    bundle = packed();
    bundle[0] = 'p';
    EXPECT_TRUE(read(bundle).error().is(faults::bad_bundle));
}

TEST(TrustBundle, HoldsOnlyFilesThatMakeSense) {
    const View file = view_of("{}");
    EXPECT_TRUE(is_refused({static_cast<BundleRepository>(3), BundleRole::root, "", file}));
    EXPECT_TRUE(is_refused({BundleRepository::image, static_cast<BundleRole>(6), "", file}));
    EXPECT_TRUE(is_refused({BundleRepository::time, BundleRole::root, "", file}));
    EXPECT_TRUE(is_refused({BundleRepository::director, BundleRole::time_attestation, "", file}));
    EXPECT_TRUE(is_refused({BundleRepository::director, BundleRole::delegated_targets, "brakes", file}));
    EXPECT_TRUE(is_refused({BundleRepository::image, BundleRole::delegated_targets, "", file}));
    EXPECT_TRUE(is_refused({BundleRepository::image, BundleRole::delegated_targets, "../brakes", file}));
    EXPECT_TRUE(is_refused({BundleRepository::image, BundleRole::delegated_targets, ".brakes", file}));
    EXPECT_TRUE(is_refused({BundleRepository::image, BundleRole::delegated_targets, std::string(65, 'b'), file}));
    EXPECT_TRUE(is_refused({BundleRepository::image, BundleRole::targets, "brakes", file}));
    EXPECT_TRUE(is_refused({BundleRepository::image, BundleRole::targets, "", {}}));
    EXPECT_FALSE(is_refused({BundleRepository::image, BundleRole::delegated_targets, std::string(64, 'b'), file}));
    EXPECT_FALSE(is_refused({BundleRepository::director, BundleRole::snapshot, "", file}));
}

TEST(TrustBundle, ThatAWriterWouldNotMakeIsRefusedByTheReaderToo) {
    Bytes bundle = packed();
    bundle[4] = 3;
    EXPECT_TRUE(read(bundle).error().is(faults::bad_bundle));
    bundle = packed();
    bundle[27] = '/';  // in the delegated role's name
    EXPECT_TRUE(read(bundle).error().is(faults::bad_bundle));
}

TEST(TrustBundle, HasASizeThatTheSecondaryCanHold) {
    const Bytes bundle = packed();
    EXPECT_TRUE(read(bundle, bundle.size()));
    EXPECT_TRUE(read(bundle, bundle.size() - 1).error().is(faults::too_large));
    EXPECT_TRUE(write_bundle(files, bundle.size()));
    EXPECT_TRUE(write_bundle(files, bundle.size() - 1).error().is(faults::too_large));
}

TEST(TrustBundle, HoldsOnlySoManyFiles) {
    const std::vector<BundleFile> many(bundle_files_max, files[0]);
    Bytes bundle = *write_bundle(many, full_bundle_size_bytes_max);
    EXPECT_EQ(read(bundle, full_bundle_size_bytes_max)->size(), bundle_files_max);
    bundle.insert(bundle.end(), bundle.begin() + 4, bundle.begin() + 14);
    EXPECT_TRUE(read(bundle, full_bundle_size_bytes_max).error().is(faults::bad_bundle));
    EXPECT_TRUE(write_bundle(std::vector<BundleFile>(bundle_files_max + 1, files[0]), full_bundle_size_bytes_max)
                    .error()
                    .is(faults::bad_bundle));
}

}  // namespace
}  // namespace pitstop::uptane
