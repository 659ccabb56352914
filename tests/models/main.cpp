// pitstop-paths set|install: walks the paths on its standard input. tests/models/replay_test.py
#include "tests/models/path.h"

#include <cstdio>
#include <iostream>
#include <sstream>

namespace {

using namespace pitstop::paths;

Step step_of(const std::string& line) {
    Step step;
    std::istringstream words(line.substr(line.find("STEP") + 4));
    std::vector<int>* into = &step.event;
    for (std::string word; words >> word;)
        if (word == "|")
            into = &step.after;
        else
            into->push_back(std::stoi(word));
    return step;
}

std::vector<Path> read_paths() {
    std::vector<Path> paths;
    for (std::string line; std::getline(std::cin, line);) {
        if (line.find("STEP") == std::string::npos) continue;
        Step step = step_of(line);
        if (step.event.at(0) == 0) paths.emplace_back();
        paths.back().push_back(std::move(step));
    }
    return paths;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string model = argc > 1 ? argv[1] : "";
    if (model != "set" && model != "install") {
        std::fputs("pitstop-paths set|install < paths\n", stderr);
        return 2;
    }
    std::size_t paths = 0, steps = 0;
    for (const Path& path : read_paths()) {
        const auto walked = model == "set" ? walk_set(path) : walk_install(path);
        if (!walked) {
            std::printf("path %zu: %s\n", paths + 1, walked.error().c_str());
            return 1;
        }
        ++paths;
        steps += path.size();
    }
    std::printf("%zu paths, %zu steps\n", paths, steps);
    return paths == 0;
}
