#include "core/image/image.h"
#include "core/base/faults.h"
#include "core/image/faults.h"

#include <gtest/gtest.h>

namespace pitstop::image {
namespace {

Bytes elf_header(std::uint8_t width, std::size_t size) {
    Bytes bytes(size);
    const std::uint8_t ident[] = {0x7F, 'E', 'L', 'F', width, 1, 1};
    std::copy_n(ident, std::min(size, sizeof ident), bytes.begin());
    return bytes;
}

TEST(FirmwareImage, RefusesAnEmptyFile) { EXPECT_TRUE(read("app.bin", {}).error().is(faults::empty)); }

TEST(FirmwareImage, RefusesASizeThatARecordCannotHold) {
    EXPECT_TRUE(check_size(size_bytes_max));
    EXPECT_TRUE(check_size(size_bytes_max + 1).error().is(faults::too_large));
    EXPECT_TRUE(check_size(0).error().is(faults::empty));
}

TEST(FirmwareImage, RefusesAnElfFileThatWasCutOffOrOverwritten) {
    EXPECT_TRUE(read("app", elf_header(2, 5)).error().is(faults::broken_elf));
    EXPECT_TRUE(read("app", elf_header(2, 63)).error().is(faults::broken_elf));
    EXPECT_TRUE(read("app", elf_header(1, 51)).error().is(faults::broken_elf));
    EXPECT_TRUE(read("app", elf_header(3, 64)).error().is(faults::broken_elf));
    for (const std::size_t at : {5, 6}) {
        Bytes bytes = elf_header(2, 64);
        bytes[at] = 9;
        EXPECT_TRUE(read("app", bytes).error().is(faults::broken_elf)) << at;
    }
}

TEST(FirmwareImage, RefusesANameThatIsAPath) {
    EXPECT_TRUE(read("../app.bin", {1}).error().is(pitstop::faults::bad_name));
}

TEST(FirmwareImage, KnowsWhatItIsAndKeepsTheBytesAsTheyWere) {
    const auto raw = read("cal.bin", Bytes{'a', 'b', 'c'});
    ASSERT_TRUE(raw);
    EXPECT_EQ(raw->kind, Kind::raw);
    EXPECT_EQ(raw->bytes, (Bytes{'a', 'b', 'c'}));
    // FIPS 180-4, example "abc"
    EXPECT_EQ(to_hex(raw->sha256), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(raw->sha512).substr(0, 32), "ddaf35a193617abacc417349ae204131");

    const auto program = read("app", elf_header(1, 52));
    ASSERT_TRUE(program);
    EXPECT_EQ(program->kind, Kind::elf);
    EXPECT_EQ(to_string(program->kind), "ELF");
}

TEST(FirmwareImage, LiesFlatWhenItWasARecordFileAndTravelsAsAFileOtherwise) {
    const std::string text = ":020000000102FB\n:0100040003F8\n:00000001FF\n";
    const Bytes file(text.begin(), text.end());
    const auto flat = read("app.hex", file);
    ASSERT_TRUE(flat) << flat.error().str();
    EXPECT_EQ(flat->kind, Kind::intel_hex);
    EXPECT_EQ(flat->layout, Layout::flat);
    EXPECT_EQ(flat->bytes, (Bytes{1, 2, 0xFF, 0xFF, 3}));
    EXPECT_EQ(flat->extents, (std::vector<Extent>{{0, 2}, {4, 1}}));
    EXPECT_EQ(read("app.hex", file, Layout::file)->bytes, file);
    EXPECT_EQ(to_string(Kind::intel_hex), "Intel HEX");

    const std::string records = "S10500000102F7\nS9030000FC\n";
    const auto motorola = read("app.s19", Bytes(records.begin(), records.end()));
    ASSERT_TRUE(motorola) << motorola.error().str();
    EXPECT_EQ(motorola->kind, Kind::s_record);
    EXPECT_EQ(motorola->bytes, (Bytes{1, 2}));
}

TEST(FirmwareImage, IsNotRawBecauseAnEditorPutSomethingBeforeItsRecords) {
    const std::string records = ":020000000102FB\n:00000001FF\n";
    const auto of = [](const std::string& text) { return read("app.hex", Bytes(text.begin(), text.end())); };
    for (const std::string front : {"\xEF\xBB\xBF", "\n", " "}) {
        const auto image = of(front + records);
        ASSERT_TRUE(image) << image.error().str();
        EXPECT_EQ(image->kind, Kind::intel_hex);
        EXPECT_EQ(image->bytes, (Bytes{1, 2}));
    }
    EXPECT_TRUE(of("; release 1.1\n" + records).error().is(faults::broken_records));
}

TEST(FirmwareImage, RefusesALayoutThatItsFileCannotHaveAndADamagedFileInAnyLayout) {
    EXPECT_TRUE(read("cal.bin", {1, 2, 3}, Layout::flat).error().is(faults::not_segmented));
    EXPECT_TRUE(read("app", elf_header(2, 64), Layout::flat).error().is(faults::no_segments));
    const std::string damaged = ":020000000103FB\n:00000001FF\n";
    for (const Layout layout : {Layout::file, Layout::flat})
        EXPECT_TRUE(read("app.hex", Bytes(damaged.begin(), damaged.end()), layout).error().is(faults::wrong_checksum));
}

}  // namespace
}  // namespace pitstop::image
