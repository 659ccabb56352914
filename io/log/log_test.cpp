#include "io/log/log.h"

#include "io/log/faults.h"

#include "core/base/json.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace pitstop::io::log {
namespace {

constexpr Fault short_body{"test.short-body", Remedy::retry, "A body was short.", "Try again."};

TEST(Log, ALineIsReadable) {
    EXPECT_EQ(as_text({.time = "2026-11-20T10:19:30.123Z", .program = "gateway", .message = "started", .context = {}}),
              "2026-11-20T10:19:30.123Z info gateway: started");
    const Error error(short_body, "3 of 4 bytes");
    EXPECT_EQ(as_text({.time = "T",
                       .program = "g",
                       .message = {},
                       .context = "download",
                       .level = Level::warning,
                       .error = &error}),
              "T warning g: download: test.short-body: 3 of 4 bytes");
}

TEST(Log, ForeignTextCannotForgeALine) {
    const std::string forged =
        as_text({.time = "T", .program = "g", .message = "vin\n2026 error g: fire\x1b[2J", .context = {}});
    EXPECT_EQ(forged.find('\n'), std::string::npos);
    EXPECT_EQ(forged.find('\x1b'), std::string::npos);
}

TEST(Log, AJsonLineIsStrictJsonWhateverTheTextHolds) {
    const Error error(short_body, "quote \" backslash \\ newline \n");
    const std::string line = as_json(
        {.time = "T", .program = "g", .message = {}, .context = "a\tb", .level = Level::error, .error = &error});
    const auto value = json::parse(view_of(line), 4096);
    ASSERT_TRUE(value) << line;
    EXPECT_EQ(json::string(value->as_object(), "code"), "test.short-body");
    EXPECT_EQ(json::string(value->as_object(), "context"), "a\tb");
    EXPECT_EQ(json::string(value->as_object(), "detail"), "quote \" backslash \\ newline \n");
    EXPECT_EQ(json::string(value->as_object(), "remedy"), "retry");
}

TEST(Log, WritesToItsFileFromTheLevelOn) {
    const auto file = std::filesystem::temp_directory_path() / std::format("pitstop-log-{}", ::getpid());
    ASSERT_TRUE(start({.level = Level::warning, .format = Format::text, .file = file, .program = "test"}));
    info("not {}", "this");
    warning("but {} {}", 1, "that");
    problem(Error(short_body, "half"), "upload");
    std::ostringstream written;
    written << std::ifstream(file).rdbuf();
    ASSERT_TRUE(start({}));
    std::filesystem::remove(file);
    EXPECT_EQ(written.str().find("not this"), std::string::npos);
    EXPECT_NE(written.str().find("warning test: but 1 that\n"), std::string::npos);
    EXPECT_NE(written.str().find("warning test: upload: test.short-body: half\n"), std::string::npos);
}

TEST(Log, AFileThatCannotBeWrittenStopsTheProgramAtItsStart) {
    const auto refused =
        start({.level = Level::info, .format = Format::text, .file = "/dev/null/log", .program = "test"});
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(faults::file_not_writable));
}

TEST(Log, LevelsAndFormatsAreWords) {
    EXPECT_EQ(level_from("warning"), Level::warning);
    EXPECT_EQ(level_from("loud"), std::nullopt);
    EXPECT_EQ(format_from("json"), Format::json);
    EXPECT_EQ(format_from("xml"), std::nullopt);
}

}  // namespace
}  // namespace pitstop::io::log
