#include "io/files/file_flash.h"

#include "core/flash/faults.h"
#include "io/files/faults.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <fstream>

namespace pitstop::io::files {
namespace {

class FileFlashTest : public testing::Test {
protected:
    std::filesystem::path folder, file;
    flash::Geometry geometry{.runs = {flash::SectorRun{2, 256}, flash::SectorRun{4, 1024}}, .program_unit_bytes = 8};

    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "file_flash_XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder = name;
        file = folder / "ecu.flash";
    }
    void TearDown() override { std::filesystem::remove_all(folder); }
    static constexpr std::array<std::uint32_t, 2> synced{0, 1};
    auto open() { return FileFlash::open(file, geometry, synced); }
};

const Bytes zeros(8, 0x00);

TEST_F(FileFlashTest, RefusesAFileOfAnotherSize) {
    std::ofstream(file) << "short";
    EXPECT_TRUE(open().error().is(flash::faults::bad_geometry));
}

TEST_F(FileFlashTest, RefusesAFileThatAnotherEcuUses) {
    const auto first = open();
    ASSERT_TRUE(first);
    const auto second = open();
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().is(faults::unwritable));
}

TEST_F(FileFlashTest, RefusesAFolderThatIsNotThere) {
    EXPECT_TRUE(FileFlash::open(folder / "missing" / "ecu.flash", geometry, synced).error().is(faults::unwritable));
}

TEST_F(FileFlashTest, ObeysFlashRules) {
    const auto opened = open();
    ASSERT_TRUE(opened);
    FileFlash& flash = **opened;
    ASSERT_TRUE(flash.program(512, zeros));
    EXPECT_TRUE(flash.program(512, Bytes(8, 0x01)).error().is(flash::faults::sets_a_bit));
    EXPECT_TRUE(flash.program(516, zeros).error().is(flash::faults::bad_address));
    EXPECT_TRUE(flash.erase(6).error().is(flash::faults::bad_address));
    Bytes room(16);
    EXPECT_TRUE(flash.read(geometry.size_bytes() - 8, room).error().is(flash::faults::bad_address));
    ASSERT_TRUE(flash.erase(2));
    EXPECT_TRUE(flash.program(512, Bytes(8, 0x01)));
}

TEST_F(FileFlashTest, NeitherErasesNorProgramsAWornOutSectorButReadsIt) {
    const auto opened = open();
    ASSERT_TRUE(opened);
    FileFlash& flash = **opened;
    ASSERT_TRUE(flash.program(1536, zeros));
    flash.fail_sectors(std::array<std::uint32_t, 1>{3});
    EXPECT_TRUE(flash.erase(3).error().is(flash::faults::device_failed));
    EXPECT_TRUE(flash.program(2552, zeros).error().is(flash::faults::device_failed)) << "its last unit";
    EXPECT_TRUE(flash.program(1544, zeros).error().is(flash::faults::device_failed));
    Bytes room(8);
    EXPECT_TRUE(flash.read(1536, room));
    EXPECT_EQ(room, zeros);
    EXPECT_TRUE(flash.program(1528, zeros));
    EXPECT_TRUE(flash.erase(4));
}

TEST_F(FileFlashTest, ReportsAFileThatShrankUnderIt) {
    const auto opened = open();
    ASSERT_TRUE(opened);
    std::filesystem::resize_file(file, 100);
    Bytes room(8);
    EXPECT_TRUE((*opened)->read(512, room).error().is(flash::faults::device_failed));
}

TEST_F(FileFlashTest, StartsBlankAndLeavesNoOtherFile) {
    const auto opened = open();
    ASSERT_TRUE(opened);
    Bytes all(geometry.size_bytes());
    ASSERT_TRUE((*opened)->read(0, all));
    EXPECT_EQ(all, Bytes(geometry.size_bytes(), 0xFF));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

TEST_F(FileFlashTest, KeepsWhatWasProgrammedWhenItsProcessIsKilled) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        auto opened = open();
        if (!opened || !(*opened)->program(1536, zeros) || !(*opened)->program(256, zeros)) ::_exit(1);
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    const auto opened = open();
    ASSERT_TRUE(opened);
    Bytes image(8), record(8);
    ASSERT_TRUE((*opened)->read(1536, image));
    ASSERT_TRUE((*opened)->read(256, record));
    EXPECT_EQ(image, zeros);
    EXPECT_EQ(record, zeros);
}

}  // namespace
}  // namespace pitstop::io::files
