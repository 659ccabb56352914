// pitstop package extract: the images of a package as files again.
//
// They are written under temporary names and get their own only when the whole package was verified.
#include "apps/pitstop/campaign_check.h"
#include "apps/pitstop/faults.h"
#include "apps/pitstop/package_commands.h"
#include "io/files/descriptor.h"
#include "io/files/faults.h"

#include <CLI/CLI.hpp>

#include <format>
#include <memory>
#include <ostream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;
using package::Opened;
using package::RecordEntry;

struct ExtractOptions {
    fs::path folder, keys, to;
    bool sealed_as_is = false;
};

class ImageFiles final : public package::ImageReceiver {
public:
    // The folder is made where it is not there, and taken away again where nothing came into it.
    [[nodiscard]] static Result<std::unique_ptr<ImageFiles>> into(const fs::path& folder, bool sealed_as_is) {
        std::error_code failure;
        const bool is_new = !fs::exists(folder, failure);
        ENSURE(make_folder(folder));
        return std::make_unique<ImageFiles>(folder, sealed_as_is, is_new);
    }
    ImageFiles(fs::path folder, bool sealed_as_is, bool is_new)
        : folder_(std::move(folder)),
          sealed_as_is_(sealed_as_is),
          is_new_(is_new) {}
    ~ImageFiles() {
        std::error_code ignored;
        for (const Extracted& one : extracted_)
            if (!one.temporary.empty()) fs::remove(one.temporary, ignored);
        if (is_new_) fs::remove(folder_, ignored);  // which does nothing where something is in it
    }
    ImageFiles(const ImageFiles&) = delete;
    ImageFiles& operator=(const ImageFiles&) = delete;

    Result<void> on_image(const RecordEntry& record, Opened opened) override {
        open_ = {};
        if (opened == Opened::as_it_is && !sealed_as_is_) {
            left_out_.push_back(record);
            return {};
        }
        const std::string ending = opened == Opened::yes ? "bin" : std::string(record.form.str());
        Extracted one{folder_ / std::format("{}-{}.{}", record.ecu.str(), record.version.str(), ending), {}, record};
        std::error_code failure;
        if (fs::exists(one.file, failure)) return fail(faults::already_there, one.file.string());
        const fs::path temporary = io::files::temporary_beside(one.file);
        TRY(open_, io::files::create_new(temporary, io::files::FileMode::shared));
        one.temporary = temporary;
        extracted_.push_back(std::move(one));
        return {};
    }
    Result<void> on_image_bytes(View piece) override {
        return open_.is_open() ? io::files::write_all(open_.get(), piece, extracted_.back().temporary) : Result<void>{};
    }
    Result<void> on_image_end() override {
        if (open_.is_open()) ENSURE(io::files::sync_file(open_.get(), extracted_.back().temporary));
        open_ = {};
        return {};
    }

    // Gives the files their names.
    Result<void> keep(Run& run) {
        for (Extracted& one : extracted_) {
            std::error_code failure;
            if (fs::exists(one.file, failure)) return fail(faults::already_there, one.file.string());
            ENSURE(io::files::rename_and_sync(one.temporary, one.file));
            one.temporary.clear();
            run.out << std::format("{:<8} {:>12} bytes  {}\n", one.record.ecu.str(), fs::file_size(one.file, failure),
                                   one.file.string());
        }
        for (const RecordEntry& record : left_out_)
            run.out << std::format("{:<8} {}; --sealed-as-is writes it as it is\n", record.ecu.str(),
                                   record.form.sealing == Sealing::none ? "delta: it opens where the old image is"
                                                                        : "sealed: only its ECU opens it");
        return {};
    }

private:
    struct Extracted {
        fs::path file, temporary;
        RecordEntry record;
    };

    fs::path folder_;
    bool sealed_as_is_, is_new_;
    io::files::Descriptor open_;
    std::vector<Extracted> extracted_;
    std::vector<RecordEntry> left_out_;
};

Result<void> extract(const ExtractOptions& options, Run& run) {
    TRY(const auto trusted, trusted_keys(options.keys, options.folder, run));
    TRY(const auto files, ImageFiles::into(options.to, options.sealed_as_is));
    const ShowProgress progress = bar_for(run);
    const auto verified = verify_campaign(options.folder, trusted, files.get(), progress);
    end_line(progress, run);
    if (!verified) return fail(verified.error());
    return files->keep(run);
}

}  // namespace

void add_package_extract(CLI::App& package, Run& run) {
    const auto options = std::make_shared<ExtractOptions>();
    CLI::App* const command =
        package.add_subcommand("extract", "Verify a Campaign_<id>/ and write its images, opened, as files");
    command->add_option("DIR", options->folder, "The campaign's folder")->required();
    command->add_option("--to", options->to, "Folder for the images; no file in it is overwritten")->required();
    command->add_option("--keys", options->keys, keys_help);
    command->add_flag("--sealed-as-is", options->sealed_as_is, "Write what is sealed, and deltas, as they are stored");
    command->footer(
        "Example:\n  pitstop package extract packages/Campaign_OTA-1 --to images --keys repo/keys/packages");
    command->callback([options, &run] { run.finish(extract(*options, run)); });
}

}  // namespace pitstop::cli
