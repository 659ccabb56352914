// For this program's tests: a folder, people with keys of their own in it, and the program itself.
#pragma once

#include "apps/pitstop/commands.h"
#include "core/base/result.h"
#include "io/files/atomic_file.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>
#include <format>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace pitstop::cli {

namespace fs = std::filesystem;

class Ceremony : public testing::Test {
protected:
    using Words = std::vector<std::string>;

    const fs::path folder = fs::path(testing::TempDir()) / std::format("pitstop-ceremony-{}", ::getpid());
    const std::string repo = (folder / "repo").string();
    UtcTime now{1'790'000'000};
    std::ostringstream out, err;

    void SetUp() override {
        fs::remove_all(folder);
        fs::create_directories(folder);
    }
    void TearDown() override { fs::remove_all(folder); }

    int run(const Words& words) {
        out.str("");
        err.str("");
        std::vector<const char*> arguments{"pitstop"};
        for (const std::string& word : words) arguments.push_back(word.c_str());
        return run_pitstop(arguments, now, out, err);
    }
    static Words joined(Words words, const Words& more) {
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }

    // Refused with this fault, and the person is told its advice.
    testing::AssertionResult refuses(const Words& words, const Fault& fault) {
        if (run(words) != failed) return testing::AssertionFailure() << "was accepted\n" << out.str() << err.str();
        if (err.str().contains(fault.code) && err.str().contains(fault.advice)) return testing::AssertionSuccess();
        return testing::AssertionFailure() << err.str();
    }
    testing::AssertionResult works(const Words& words) {
        if (run(words) == 0) return testing::AssertionSuccess();
        return testing::AssertionFailure() << out.str() << err.str();
    }
    testing::AssertionResult says(std::string_view text) {
        if (out.str().contains(text)) return testing::AssertionSuccess();
        return testing::AssertionFailure() << "'" << text << "' is not in\n" << out.str() << err.str();
    }

    // As `repo init` makes it. Made once and copied, for keys take their time.
    void make_repository() {
        struct Fresh {
            fs::path folder = fs::path(testing::TempDir()) / std::format("pitstop-ceremony-fresh-{}", ::getpid());
            ~Fresh() { fs::remove_all(folder); }
        };
        static const Fresh fresh;
        if (!fs::exists(fresh.folder)) {
            ASSERT_TRUE(works({"repo", "init", "--dir", fresh.folder.string()}));
        }
        fs::copy(fresh.folder, repo, fs::copy_options::recursive);
    }

    std::string at(std::string_view name) { return (folder / name).string(); }
    std::string staged(std::string_view name) { return (folder / "repo/staged" / name).string(); }
    std::string secret(std::string_view name, std::string_view text) {
        EXPECT_TRUE(io::files::write_atomically(folder / name, view_of(text), io::files::FileMode::private_));
        return at(name);
    }

    // people/<name>-{classical,pq}.{key,pub}
    void person(const std::string& name, const Words& more = {}) {
        ASSERT_TRUE(works(joined(
            {"key", "generate", "--type", "pair", "--out", at("people/" + name), "--name", name + ", release office"},
            more)));
    }
    std::string key(const std::string& name, const char* half) { return at("people/" + name + "-" + half + ".key"); }
    std::string pub(const std::string& name, const char* half) { return at("people/" + name + "-" + half + ".pub"); }
    Words pubs(const Words& names) {
        Words files;
        for (const std::string& name : names)
            for (const char* half : {"classical", "pq"}) files.push_back(pub(name, half));
        return files;
    }
    Words keys(const std::string& name) { return {"--key", key(name, "classical"), key(name, "pq")}; }

    int sign(const std::string& file, const std::string& name) {
        return run(joined({"repo", "sign", file}, keys(name)));
    }
    // With the pair that `repo init` made for the role.
    testing::AssertionResult sign_here(const std::string& file, const std::string& role) {
        const std::string base = repo + "/keys/offline/" + role;
        return works({"repo", "sign", file, "--key", base + "-classical.key", base + "-pq.key"});
    }

    void copy_file(const std::string& from, const std::string& to) {
        fs::create_directories(fs::path(to).parent_path());
        fs::copy_file(from, to, fs::copy_options::overwrite_existing);
    }
    static std::string text_in(const fs::path& file) {
        std::ostringstream text;
        text << std::ifstream(file).rdbuf();
        return text.str();
    }
    static void replace_in(const fs::path& file, std::string_view before, std::string_view after) {
        std::string text = text_in(file);
        const auto place = text.find(before);
        ASSERT_NE(place, std::string::npos) << before;
        text.replace(place, before.size(), after);
        std::ofstream(file) << text;
    }

    // packages/Campaign_<id> with one image for ECU_011.
    std::string package(const std::string& id, const std::string& version, const std::string& hardware = "BRK-2") {
        std::ofstream(folder / "brake.bin") << "brake software " << version;
        EXPECT_TRUE(works({"package", "build", "--campaign-id", id, "--ecu-011-binary", at("brake.bin"),
                           "--ecu-011-version", version, "--ecu-011-hardware", hardware, "--output-dir", at("packages"),
                           "--signing-keys", repo + "/keys/packages"}));
        return at("packages/Campaign_" + id);
    }
};

}  // namespace pitstop::cli
