// pitstop delta: the difference between two images, small enough for the air.
#include "apps/pitstop/commands.h"
#include "apps/pitstop/delta_files.h"
#include "core/base/json.h"
#include "core/delta/make.h"
#include "io/files/atomic_file.h"
#include "io/runtime/for_each.h"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <format>
#include <memory>
#include <ostream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

enum class Listing : std::uint8_t { text, json };

std::string_view name_of(delta::Mode mode) { return mode == delta::Mode::in_place ? "in place" : "beside"; }

void list(const DeltaShape& shape, Listing listing, std::ostream& out) {
    const delta::Header& header = shape.header;
    if (listing == Listing::json) {
        out << boost::json::serialize(json::Object{{"delta_size", shape.file_size_bytes},
                                                   {"old_size", header.old_size_bytes},
                                                   {"new_size", header.new_size_bytes},
                                                   {"old_sha256", to_hex(header.old_digest)},
                                                   {"new_sha256", to_hex(header.new_digest)},
                                                   {"mode", name_of(header.mode)},
                                                   {"window", header.window_bytes},
                                                   {"sector", header.sector_bytes},
                                                   {"shift", header.shift_bytes},
                                                   {"blocks", shape.block_count},
                                                   {"memory", delta::workspace_bytes(header)}})
            << '\n';
        return;
    }
    const double share = 100.0 * static_cast<double>(shape.file_size_bytes) / header.new_size_bytes;
    out << std::format("delta      {} bytes, {:.2f} % of the new image\n", shape.file_size_bytes, share);
    out << std::format("old image  {} bytes, SHA-256 {}\n", header.old_size_bytes, to_hex(header.old_digest));
    out << std::format("new image  {} bytes, SHA-256 {}\n", header.new_size_bytes, to_hex(header.new_digest));
    out << std::format("written    {}", name_of(header.mode));
    if (header.mode == delta::Mode::in_place) out << std::format(", {} bytes further up first", header.shift_bytes);
    out << std::format("; {} blocks that end at sectors of {} bytes\n", shape.block_count, header.sector_bytes);
    out << std::format("memory     {} bytes while it is applied, of which {} are the window\n",
                       delta::workspace_bytes(header), header.window_bytes);
}

struct MakeOptions {
    fs::path old_image, new_image, out;
    delta::Options options;
    bool in_place = false, json = false;
};

Result<void> make(const MakeOptions& wanted, Run& run) {
    TRY(const Bytes before, io::files::read_file(wanted.old_image, delta::image_bytes_max));
    TRY(const Bytes after, io::files::read_file(wanted.new_image, delta::image_bytes_max));
    delta::Options options = wanted.options;
    options.mode = wanted.in_place ? delta::Mode::in_place : delta::Mode::beside;
    TRY(const Bytes made, delta::make(before, after, options, io::for_each_on(io::cores())));
    ENSURE(io::files::write_atomically(wanted.out, made, io::files::FileMode::shared));
    TRY(const DeltaShape shape, read_delta_shape(wanted.out));
    list(shape, wanted.json ? Listing::json : Listing::text, run.out);
    return {};
}

void add_make(CLI::App& parent, Run& run) {
    const auto options = std::make_shared<MakeOptions>();  // CLI11 writes into it until the callback has run
    CLI::App* const command = parent.add_subcommand("make", "Make the delta that turns OLD into NEW");
    command->add_option("OLD", options->old_image, "The image that the ECU has")->required();
    command->add_option("NEW", options->new_image, "The image that it shall have")->required();
    command->add_option("OUT", options->out, "Where the delta goes")->required();
    command->add_option("--window", options->options.window_bytes, "Bytes of the new image that the ECU remembers")
        ->capture_default_str();
    command->add_option("--sector", options->options.sector_bytes, "Bytes of the flash's sectors; the largest of them")
        ->capture_default_str();
    command->add_flag("--in-place", options->in_place, "For an ECU with one bank: onto the old image itself");
    command->add_option("--bank", options->options.bank_bytes,
                        "In place: bytes of the bank, so that the old image can move out of the way");
    command->add_flag("--json", options->json, "For programs");
    command->footer(
        "Window and sector are powers of two.\n"
        "\n"
        "Examples:\n"
        "  pitstop delta make brake-1.0.bin brake-1.1.bin brake.delta\n"
        "  pitstop delta make brake-1.0.bin brake-1.1.bin brake.delta --in-place --bank 1048576 --sector 8192");
    command->callback([options, &run] { run.finish(make(*options, run)); });
}

struct ApplyOptions {
    fs::path old_image, delta, out;
};

Result<void> apply(const ApplyOptions& wanted, Run& run) {
    const ShowProgress progress = bar_for(run);
    const auto applied = apply_delta(wanted.old_image, wanted.delta, wanted.out, progress);
    end_line(progress, run);
    if (!applied) return fail(applied.error());
    run.out << std::format("{}: {} bytes, SHA-256 {}\n", wanted.out.string(), applied->header.new_size_bytes,
                           to_hex(applied->header.new_digest));
    return {};
}

void add_apply(CLI::App& parent, Run& run) {
    const auto options = std::make_shared<ApplyOptions>();
    CLI::App* const command = parent.add_subcommand("apply", "Make the new image from the old one and a delta");
    command->add_option("OLD", options->old_image, "The image that the delta was made from")->required();
    command->add_option("DELTA", options->delta, "The delta")->required();
    command->add_option("OUT", options->out, "Where the new image goes; only once its digest is right")->required();
    command->footer("Example:\n  pitstop delta apply brake-1.0.bin brake.delta brake-1.1.bin");
    command->callback([options, &run] { run.finish(apply(*options, run)); });
}

struct ShowOptions {
    fs::path delta;
    bool json = false;
};

Result<void> show(const ShowOptions& wanted, Run& run) {
    TRY(const DeltaShape shape, read_delta_shape(wanted.delta));
    list(shape, wanted.json ? Listing::json : Listing::text, run.out);
    return {};
}

void add_show(CLI::App& parent, Run& run) {
    const auto options = std::make_shared<ShowOptions>();
    CLI::App* const command = parent.add_subcommand("show", "What a delta says about itself; nothing is believed");
    command->add_option("DELTA", options->delta, "The delta")->required();
    command->add_flag("--json", options->json, "For programs");
    command->footer("Example:\n  pitstop delta show brake.delta --json");
    command->callback([options, &run] { run.finish(show(*options, run)); });
}

}  // namespace

void add_delta(CLI::App& app, Run& run) {
    CLI::App* const command = app.add_subcommand("delta", "The difference between two images: make, apply, show");
    command->require_subcommand(1);
    add_make(*command, run);
    add_apply(*command, run);
    add_show(*command, run);
}

}  // namespace pitstop::cli
