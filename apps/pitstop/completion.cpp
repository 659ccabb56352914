// pitstop completion bash: a completion script made from the tree of commands itself, so it cannot fall behind.
#include "apps/pitstop/commands.h"

#include <CLI/CLI.hpp>

#include <format>
#include <ostream>
#include <string>

namespace pitstop::cli {
namespace {

std::string words_after(const CLI::App& command) {
    std::string words;
    for (const CLI::App* child : command.get_subcommands({})) words += child->get_name() + ' ';
    for (const CLI::Option* option : command.get_options())
        for (const std::string& name : option->get_lnames()) words += "--" + name + ' ';
    if (!words.empty()) words.pop_back();
    return words;
}

void write_cases(const CLI::App& command, const std::string& path, std::ostream& out) {
    out << std::format("        '{}') words='{}' ;;\n", path, words_after(command));
    for (const CLI::App* child : command.get_subcommands({})) write_cases(*child, path + ' ' + child->get_name(), out);
}

void write_paths(const CLI::App& command, const std::string& path, std::ostream& out) {
    for (const CLI::App* child : command.get_subcommands({})) {
        const std::string longer = path + ' ' + child->get_name();
        out << std::format("            '{0}') path='{0}' ;;\n", longer);
        write_paths(*child, longer, out);
    }
}

void write_bash(const CLI::App& app, std::ostream& out) {
    const std::string& name = app.get_name();
    out << std::format("# bash completion for {0}; use: source <({0} completion bash)\n_{0}() {{\n", name)
        << std::format("    local path='{}' words='' word\n", name)
        << "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n        case \"$path $word\" in\n";
    write_paths(app, name, out);
    out << "        esac\n    done\n    case \"$path\" in\n";
    write_cases(app, name, out);
    out << "    esac\n    COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\n"
        << std::format("complete -o default -F _{0} {0}\n", name);
}

}  // namespace

void add_completion(CLI::App& app, Run& run) {
    CLI::App* const completion = app.add_subcommand("completion", "Print a completion script for a shell");
    completion->require_subcommand(1);
    completion->add_subcommand("bash", "for bash: source <(pitstop completion bash)")->callback([&app, &run] {
        write_bash(app, run.out);
    });
}

}  // namespace pitstop::cli
