// pitstop-tuf-client: the client that outside suites drive, on the code that runs in vehicles, reading plain TUF 1.0.
//
//     pitstop-tuf-client --metadata-dir D init TRUSTED_ROOT
//     pitstop-tuf-client --metadata-url U --metadata-dir D refresh
//     pitstop-tuf-client --metadata-url U --metadata-dir D --target-name T [--target-name T2 …]
//                        --target-dir X --target-base-url B download
//
// Exit code 0 or 1. With PITSTOP_HYBRID=1 each family of signatures must reach its own threshold.
#include "core/uptane/faults.h"
#include "io/files/atomic_file.h"
#include "tests/conformance/carry.h"
#include "tests/conformance/image_file.h"
#include "tests/conformance/metadata_folder.h"
#include "tests/conformance/quoting.h"

#include <cstdlib>
#include <format>
#include <iostream>
#include <span>

namespace {

using namespace pitstop;
using namespace pitstop::conformance;
using namespace pitstop::uptane;

constexpr std::string_view usage =
    "usage: pitstop-tuf-client [--metadata-url U] --metadata-dir D [--target-name T]… [--target-dir X] "
    "[--target-base-url B] init ROOT | refresh | download";

struct Wish {
    std::string metadata_url, metadata_dir, target_dir, target_base_url;
    std::vector<std::string> target_names;
    std::vector<std::string> words;  // the verb, and what init wants
};

std::optional<Wish> read_arguments(std::span<char*> arguments) {
    Wish wish;
    const std::pair<std::string_view, std::string*> options[] = {{"--metadata-url", &wish.metadata_url},
                                                                 {"--metadata-dir", &wish.metadata_dir},
                                                                 {"--target-dir", &wish.target_dir},
                                                                 {"--target-base-url", &wish.target_base_url}};
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        const std::string_view word = arguments[at];
        if (!word.starts_with("--")) {
            wish.words.emplace_back(word);
            continue;
        }
        const auto equals = word.find('=');
        const std::string_view name = word.substr(0, equals);
        if (equals == std::string_view::npos && ++at == arguments.size()) return std::nullopt;
        const std::string value(equals == std::string_view::npos ? arguments[at] : word.substr(equals + 1));
        if (name == "--target-name") {
            wish.target_names.push_back(value);
            continue;
        }
        const auto* option = std::ranges::find(options, name, &std::pair<std::string_view, std::string*>::first);
        if (option == std::end(options)) return std::nullopt;
        *option->second = value;
    }
    return wish;
}

Rules rules() {
    const char* hybrid = std::getenv("PITSTOP_HYBRID");
    const bool wanted = hybrid != nullptr && std::string_view(hybrid) == "1";
    return {.dialect = Dialect::tuf, .policy = wanted ? Policy::hybrid : Policy::classic};
}

Result<void> init(const Wish& wish) {
    TRY(const Bytes root, io::files::read_file(wish.words[1], size_bytes_max(Role::root)));
    ENSURE(TrustSet::from_root(Repository::image, ReceivedRoot{root}, rules()).transform([](const auto&) {}));
    std::filesystem::create_directories(wish.metadata_dir);
    return io::files::write_atomically(std::filesystem::path(wish.metadata_dir) / "root.json", root,
                                       io::files::FileMode::shared);
}

Result<void> fetch_one(const Wish& wish, const TrustSet& trust, const TargetInfo& found, const TargetPath& name,
                       Fetcher& images) {
    const auto file = std::filesystem::path(wish.target_dir) / file_name_of(name.view());
    if (is_there(found, file)) return {};
    const std::string address =
        trust.root().consistent_snapshot ? consistent_address(name.view(), found) : "/" + quote_path(name.view());
    return fetch_image(images, {address}, found, file);
}

// `refresh`, and then what `download` wants.
Result<void> update(const Wish& wish) {
    io::Loop loop;
    MetadataFolder folder(wish.metadata_dir);
    TRY(const TrustFiles files, folder.read());
    TRY(TrustSet trust, TrustSet::from_files(Repository::image, files, rules()));
    Cycle cycle(trust, loop.utc_now());
    Fetcher metadata(loop, wish.metadata_url);
    const Keep keep = [&](const TrustSet& trusted) { return folder.write(trusted); };
    ENSURE(carry(cycle, trust, metadata, keep));
    if (wish.target_names.empty()) return {};

    std::filesystem::create_directories(wish.target_dir);
    Fetcher images(loop, wish.target_base_url);
    for (const std::string& text : wish.target_names) {
        TRY(const TargetPath name, TargetPath::parse(text));
        cycle.want(name, {});
        ENSURE(carry(cycle, trust, metadata, keep));
        TRY(const Lookup lookup, trust.look_up(name, {}));
        if (lookup.found == nullptr) return fail(uptane::faults::not_in_image_repository, text);
        ENSURE(fetch_one(wish, trust, *lookup.found, name, images));
    }
    return {};
}

std::optional<Result<void>> run(const Wish& wish) {
    const std::string verb = wish.words.empty() ? "" : wish.words.front();
    if (wish.metadata_dir.empty()) return std::nullopt;
    if (verb == "init" && wish.words.size() == 2) return init(wish);
    if (wish.metadata_url.empty() || wish.words.size() != 1) return std::nullopt;
    const bool names = !wish.target_names.empty() && !wish.target_dir.empty() && !wish.target_base_url.empty();
    if (verb == "download" && names) return update(wish);
    if (verb != "refresh") return std::nullopt;
    Wish only_metadata = wish;
    only_metadata.target_names.clear();
    return update(only_metadata);
}

}  // namespace

int main(int argc, char** argv) try {
    const auto wish = read_arguments(std::span(argv + 1, static_cast<std::size_t>(std::max(argc, 1) - 1)));
    const auto done = wish ? run(*wish) : std::nullopt;
    if (!done) std::cerr << usage << '\n';
    if (done && !*done) std::cerr << "pitstop-tuf-client: " << done->error().str() << '\n';
    return done && *done ? 0 : 1;
} catch (const std::exception& problem) {
    std::cerr << "pitstop-tuf-client: " << problem.what() << '\n';
    return 1;
}
