// docs/ceremony.md, command by command.
#include "apps/pitstop/ceremony_on_the_desk.h"
#include "apps/pitstop/faults.h"

#include <array>
#include <cstdio>
#include <memory>

namespace pitstop::cli {
namespace {

constexpr std::string_view stops = "# stops: signatures are missing";

std::vector<std::string> commands_on(const fs::path& page) {
    std::vector<std::string> commands;
    std::ifstream file(page);
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("```"))
            inside = line == "```sh";
        else if (inside && !line.empty())
            commands.push_back(line);
    }
    return commands;
}

// As a shell understands them: quotes, patterns of file names, comments.
std::vector<std::string> words_of(const std::string& command) {
    const std::string ask = "printf '%s\\n' " + command;
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> shell(::popen(ask.c_str(), "r"), ::pclose);
    std::vector<std::string> words;
    std::array<char, 4096> line{};
    while (std::fgets(line.data(), line.size(), shell.get())) {
        words.emplace_back(line.data());
        words.back().pop_back();
    }
    return words;
}

class CeremonyPage : public Ceremony {
protected:
    // Bob and Carol "do the same" as Alice; passphrases and the image are what people bring.
    void bring_what_people_bring() {
        for (const char* name : {"alice", "bob", "carol", "dora", "supplier", "safe"}) {
            fs::create_directories(folder / name);
            secret(std::string(name) + "/secret", std::string("passphrase of ") + name);
        }
        std::ofstream(folder / "brake.bin") << "brake software";
    }
    void others_do_the_same() {
        for (const std::string name : {"bob", "carol"}) {
            for (const char* role : {"root", "targets"})
                // Not sealed: opening a sealed key takes a quarter of a second each time, on purpose.
                ASSERT_TRUE(works({"key", "generate", "--type", "pair", "--out", name + "/" + role, "--name", name}));
            for (const char* half : {"classical", "pq"}) {
                copy_file(std::format("{}/root-{}.pub", name, half), std::format("signers/{}-root-{}.pub", name, half));
                copy_file(std::format("{}/targets-{}.pub", name, half),
                          std::format("signers/from-{}/targets-{}.pub", name, half));
            }
        }
    }
};

TEST_F(CeremonyPage, RunsEveryCommandOfThePage) {
    const auto commands = commands_on("docs/ceremony.md");
    ASSERT_GT(commands.size(), 30U);
    const fs::path home = fs::current_path();
    bring_what_people_bring();
    fs::current_path(folder);
    for (const std::string& command : commands) {
        if (command.starts_with("pitstop repo init")) others_do_the_same();
        if (!command.starts_with("pitstop ")) {
            EXPECT_EQ(std::system(command.c_str()), 0) << command;
            continue;
        }
        const auto words = words_of(command.substr(std::string_view("pitstop ").size()));
        if (command.ends_with(stops))
            EXPECT_TRUE(refuses(words, faults::signatures_missing)) << command;
        else
            EXPECT_TRUE(works(words)) << command;
    }
    EXPECT_EQ(run({"repo", "verify", "--dir", "repo"}), 0) << err.str();
    fs::current_path(home);
}

}  // namespace
}  // namespace pitstop::cli
