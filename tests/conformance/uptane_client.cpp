// pitstop-uptane-client: one Uptane cycle over both repositories, for outside suites, on the code that runs in
// vehicles.
//
//     pitstop-uptane-client STATE_DIR DIRECTOR_URL IMAGE_REPO_URL [--serial S --hardware-id H] [--dialect aktualizr]
//
// Verifies, downloads, does not install. Exit code 0: accepted, 1: refused. STATE_DIR keeps what is trusted; the first
// Root of each repository is trusted on first use, and the first vehicle that the Director speaks to is this one.
#include "core/uptane/faults.h"
#include "io/files/atomic_file.h"
#include "tests/conformance/carry.h"
#include "tests/conformance/chosen_images.h"
#include "tests/conformance/image_file.h"
#include "tests/conformance/quoting.h"

#include <CLI/CLI.hpp>

#include <format>
#include <iostream>

namespace {

using namespace pitstop;
using namespace pitstop::conformance;
using namespace pitstop::uptane;

constexpr std::size_t state_bytes_max = std::size_t{64} << 20;
constexpr std::uint32_t foreign_rsa_bits_min = 2048;  // what that family's tools make

struct Wish {
    std::filesystem::path state;
    std::string director_url, image_url, serial, hardware, dialect;

    [[nodiscard]] Rules rules() const {
        if (dialect != "aktualizr") return {};
        return {
            .dialect = Dialect::aktualizr, .policy = Policy::classic, .keys = {.rsa_bits_min = foreign_rsa_bits_min}};
    }
};

// One repository and what is trusted of it, also after this program has ended.
class Source {
public:
    Source(io::Loop& loop, const Wish& wish, Repository repository)
        : wish_(wish),
          repository_(repository),
          fetcher_(loop, repository == Repository::director ? wish.director_url : wish.image_url),
          file_(wish.state / std::format("{}.trust", to_string(repository))) {}

    Result<void> refresh(UtcTime now) {
        TRY(const auto saved, io::files::read_if_there(file_, state_bytes_max));
        TRY(TrustSet known, saved ? TrustSet::load(repository_, *saved, wish_.rules()) : first());
        trust_.emplace(std::move(known));
        if (!saved) ENSURE(keep());
        cycle_.emplace(*trust_, now);
        return go_on();
    }

    Result<void> search(const TargetPath& name, const HardwareId& hardware) {
        cycle_->want(name, hardware);
        return go_on();
    }

    [[nodiscard]] const TrustSet& trust() const { return *trust_; }
    [[nodiscard]] Fetcher& fetcher() { return fetcher_; }

private:
    Result<void> keep() { return io::files::write_atomically(file_, trust_->save(), io::files::FileMode::shared); }
    Result<void> go_on() {
        return carry(*cycle_, *trust_, fetcher_, [this](const TrustSet&) { return keep(); });
    }

    Result<TrustSet> first() {
        TRY(auto root, fetcher_.get("/1.root.json", size_bytes_max(Role::root)));
        if (!root && !wish_.rules().is_strict()) {
            TRY(root, fetcher_.get("/root.json", size_bytes_max(Role::root)));
        }
        if (!root) return fail(faults::not_published, "1.root.json");
        return TrustSet::from_root(repository_, ReceivedRoot{*root}, wish_.rules());
    }

    const Wish& wish_;
    Repository repository_;
    Fetcher fetcher_;
    std::filesystem::path file_;
    std::optional<TrustSet> trust_;
    std::optional<Cycle> cycle_;
};

// In our dialect Targets say which vehicle they are for.
Result<void> check_vehicle(const Wish& wish, const Targets& assigned) {
    if (!assigned.vin) return {};
    const auto file = wish.state / "vin";
    TRY(const auto known, io::files::read_if_there(file, 64));
    if (known && text_of(*known) != assigned.vin->view())
        return fail(faults::wrong_vin, std::format("for {}, this is {}", assigned.vin->view(), text_of(*known)));
    if (known) return {};
    return io::files::write_atomically(file, view_of(assigned.vin->view()), io::files::FileMode::shared);
}

Result<void> download(const Wish& wish, Source& images, const ChosenImage& image) {
    const std::string plain = "/targets/" + quote_path(image.name.view());
    std::vector<std::string> addresses{plain};
    if (wish.rules().is_strict())
        addresses = {"/targets" + consistent_address(image.name.view(), image.promised), plain};
    return fetch_image(images.fetcher(), addresses, image.promised,
                       wish.state / "images" / file_name_of(image.name.view()));
}

Result<std::size_t> update(const Wish& wish) {
    std::filesystem::create_directories(wish.state / "images");
    io::Loop loop;
    const UtcTime now = loop.utc_now();
    Source director(loop, wish, Repository::director), images(loop, wish, Repository::image);
    ENSURE(director.refresh(now));
    ENSURE(images.refresh(now));
    const auto only = wish.serial.empty() ? std::nullopt : std::optional(OnlyEcu{wish.serial, wish.hardware});
    TRY(const auto chosen, choose_images(director.trust(), images.trust(), only,
                                         [&](const auto& name, const auto& id) { return images.search(name, id); }));
    ENSURE(check_vehicle(wish, *director.trust().targets()));
    for (const ChosenImage& image : chosen) ENSURE(download(wish, images, image));
    return chosen.size();
}

}  // namespace

int main(int argc, char** argv) try {
    CLI::App app{"One Uptane cycle over two repositories: verifies and downloads, does not install."};
    Wish wish;
    app.add_option("state", wish.state, "folder that keeps what is trusted")->required();
    app.add_option("director", wish.director_url, "the Director's address")->required();
    app.add_option("image", wish.image_url, "the Image repository's address")->required();
    auto* serial = app.add_option("--serial", wish.serial, "the vehicle's only ECU; otherwise all that are named");
    auto* hardware = app.add_option("--hardware-id", wish.hardware, "of that ECU")->needs(serial);
    serial->needs(hardware);
    app.add_option("--dialect", wish.dialect, "whose JSON the repositories serve")
        ->check(CLI::IsMember({"pitstop", "aktualizr"}));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem) == 0 ? 0 : 1;
    }
    const auto done = update(wish);
    if (done)
        std::cout << std::format("accepted: {} images\n", *done);
    else
        std::cerr << "pitstop-uptane-client: refused: " << done.error().str() << '\n';
    return done ? 0 : 1;
} catch (const std::exception& problem) {
    std::cerr << "pitstop-uptane-client: " << problem.what() << '\n';
    return 1;
}
