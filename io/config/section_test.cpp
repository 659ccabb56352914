#include "io/config/section.h"

#include "core/base/ids.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>
#include <fstream>

namespace pitstop::io::config {
namespace {

Section read(std::string_view yaml) {
    auto section = Section::from_text(yaml, "conf/car.yaml");
    EXPECT_TRUE(section) << (section ? "" : section.error().str());
    return *section;
}

template <class T>
void expect_fault(const Result<T>& result, const Fault& fault, std::string_view detail) {
    ASSERT_FALSE(result);
    EXPECT_TRUE(result.error().is(fault)) << result.error().str();
    EXPECT_NE(result.error().detail().find(detail), std::string_view::npos) << result.error().detail();
}

TEST(Section, GivesWhatWasWritten) {
    const auto root = read(
        "host: example\nport: 0x20FB\nbytes: 1_000\nratio: 0.5\nenabled: yes\nversion: 1.10\n"
        "tls: {profile: 2}\necus: [{id: ECU_011}, {id: ECU_012}]\nnames: [a, b]\n");
    EXPECT_EQ(root.text("host"), "example");
    EXPECT_EQ(root.number("port", {1, 65535}), 8443);
    EXPECT_EQ(root.number("bytes", {0, 5000}, 7), 1000);
    EXPECT_EQ(root.real("ratio", 0, 1), 0.5);
    EXPECT_EQ(root.yes_or_no("enabled"), true);
    EXPECT_EQ(root.text("version"), "1.10");
    EXPECT_EQ(root.section("tls")->number("profile", {0, 12}), 2);
    const auto ecus = root.list("ecus");
    ASSERT_EQ(ecus->size(), 2u);
    EXPECT_EQ((*ecus)[0].id<EcuId>("id")->number(), 11);
    EXPECT_EQ((*ecus)[1].id<EcuId>("id")->number(), 12);
    EXPECT_EQ(root.texts("names")->size(), 2u);
    EXPECT_TRUE(root.finish());
}

TEST(Section, UsesDefaultsOnlyForWhatIsAbsent) {
    const auto root = read("port: 70000\nempty:\n");
    EXPECT_EQ(root.number("other", {1, 65535}, 8443), 8443);
    EXPECT_EQ(root.text("empty", "nothing"), "nothing");
    EXPECT_EQ(root.yes_or_no("no_such", true), true);
    EXPECT_EQ(root.real("no_such", 0, 9, 2.5), 2.5);
    expect_fault(root.number("port", {1, 65535}, 8443), faults::out_of_range, "conf/car.yaml:1:7: port");
    EXPECT_FALSE(*root.section_if_there("empty"));
    EXPECT_TRUE(root.list("no_such")->empty());
}

TEST(Section, NamesTheKeyThatIsMissing) {
    const auto root = read("tls:\n  profile: 2\n");
    expect_fault(root.text("host"), faults::missing_key, "host: is missing; a text is expected");
    expect_fault(root.section("tls")->number("port", {1, 2}), faults::missing_key, "conf/car.yaml:2:3: tls.port");
    expect_fault(root.section("mqtt"), faults::missing_key, "mqtt");
}

TEST(Section, NamesTheKeyThatNobodyReadAlsoInSectionsAndLists) {
    auto root = read("host: a\nhots: b\n");
    EXPECT_TRUE(root.text("host"));
    expect_fault(root.finish(), faults::unknown_key, "conf/car.yaml:2:1: hots");
    root = read("ecus:\n  - id: 1\n  - di: 2\n");
    const auto ecus = root.list("ecus");
    ASSERT_TRUE(ecus);
    for (const auto& ecu : *ecus) (void)ecu.number("id", {0, 9}, 0);
    expect_fault(root.finish(), faults::unknown_key, "conf/car.yaml:3:5: ecus[1].di");
}

TEST(Section, RefusesAnotherTypeThanAsked) {
    const auto root =
        read("port: \"8443\"\nlist: [a]\nmap: {a: b}\nword: abc\nflag: \"yes\"\nnumber: 12x\nminus: --5\n");
    expect_fault(root.number("port", {1, 65535}), faults::wrong_type, "a whole number from 1 to 65535 is expected");
    expect_fault(root.text("list"), faults::wrong_type, "conf/car.yaml:2:7");
    expect_fault(root.section("list"), faults::wrong_type, "list should be a section");
    expect_fault(root.list("map"), faults::wrong_type, "a list of sections");
    expect_fault(root.list("list"), faults::wrong_type, "list[0] should be a section");
    expect_fault(root.texts("map"), faults::wrong_type, "a list of texts");
    expect_fault(root.number("word", {0, 1}), faults::wrong_type, "word");
    expect_fault(root.yes_or_no("flag"), faults::wrong_type, "yes or no");
    expect_fault(root.number("number", {0, 99}), faults::wrong_type, "number");
    expect_fault(root.number("minus", {-99, 99}), faults::wrong_type, "minus");
    expect_fault(root.real("word", 0, 1), faults::wrong_type, "word");
}

TEST(Section, RefusesValuesOutsideTheirLimits) {
    const auto root = read("port: 0\nratio: nan\nhuge: 99999999999999999999\nid: ECU_999\nformat: xml\n");
    expect_fault(root.number("port", {1, 65535}), faults::out_of_range, "port");
    expect_fault(root.real("ratio", 0, 1), faults::out_of_range, "ratio");
    expect_fault(root.number("huge", {0, 5}), faults::wrong_type, "huge");
    expect_fault(root.id<EcuId>("id"), faults::out_of_range, "base.bad-ecu-id");
    expect_fault(root.choice<int>("format", {{"text", 1}, {"json", 2}}, "text"), faults::out_of_range,
                 "'xml' is none of: text, json");
}

TEST(Section, RefusesAKeyGivenTwice) {
    expect_fault(Section::from_text("a: 1\na: 2\n", "f.yaml"), faults::duplicate_key, "f.yaml:2:1: 'a'");
    expect_fault(read("t: {a: 1, a: 2}").section("t"), faults::duplicate_key, "'a'");
}

TEST(Section, RefusesWhatIsNotYaml) {
    expect_fault(Section::from_text("a: [1, 2\nb: }", "f.yaml"), faults::malformed, "f.yaml:");
    expect_fault(Section::from_text("- 1\n- 2\n", "f.yaml"), faults::wrong_type, "the file should be a section");
    EXPECT_TRUE(Section::from_text("# nothing yet\n", "f.yaml"));
}

TEST(Section, PathsStartAtTheFolderOfTheFile) {
    const auto root = read("relative: keys/a.pem\nabsolute: /etc/b.pem\nempty: \"\"\n");
    EXPECT_EQ(root.path("relative"), "conf/keys/a.pem");
    EXPECT_EQ(root.path("absolute"), "/etc/b.pem");
    EXPECT_EQ(*root.path_if_there("no_such"), std::nullopt);
    expect_fault(root.path("empty"), faults::out_of_range, "a path is expected");
}

TEST(Section, ReadsFilesUpToTheirCap) {
    const auto file = std::filesystem::temp_directory_path() / std::format("pitstop-config-{}.yaml", ::getpid());
    std::ofstream(file) << "host: a\n";
    EXPECT_EQ(Section::from_file(file)->text("host"), "a");
    std::ofstream(file) << std::string(file_bytes_max + 1, '#');
    expect_fault(Section::from_file(file), faults::unreadable, "too many");
    std::filesystem::remove(file);
    expect_fault(Section::from_file(file), faults::unreadable, file.string());
}

}  // namespace
}  // namespace pitstop::io::config
