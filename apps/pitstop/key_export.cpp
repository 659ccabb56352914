// pitstop key export, import: keys on their way between machines. A private key only travels sealed.
#include "apps/pitstop/faults.h"
#include "apps/pitstop/key_commands.h"
#include "apps/pitstop/named_key.h"
#include "apps/pitstop/seal_keys.h"
#include "apps/pitstop/signing_keys.h"
#include "io/files/atomic_file.h"
#include "io/keys/key_file.h"
#include "io/keys/seal_key.h"

#include <CLI/CLI.hpp>

#include <format>
#include <memory>
#include <ostream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
    fs::path file, out, folder, passphrase_file, new_passphrase_file;
    std::string name;
    bool with_private = false;
};

Result<void> refuse_existing(const fs::path& file) {
    std::error_code failure;
    if (fs::exists(file, failure)) return fail(faults::already_there, file.string());
    return {};
}

// The name stands in the public half beside the private one, where there is one.
Result<std::string> name_beside(const fs::path& private_file, const std::string& given) {
    std::error_code failure;
    if (!given.empty() || !fs::exists(public_half(private_file), failure)) return given;
    TRY(NamedKey named, read_named_key(public_half(private_file)));
    return std::move(named.name);
}

// The private half stays with its ECU.
Result<void> export_seal_key(const Options& options, Run& run) {
    if (options.with_private) return fail(faults::not_sealed, options.file.string());
    ENSURE(refuse_existing(options.out));
    TRY(const auto key, io::keys::load_seal_key(options.file));
    NamedSealKey named{key.public_key(), options.name};
    std::error_code failure;
    if (named.name.empty() && fs::exists(seal_half(options.file), failure)) {
        TRY(named, read_named_seal_key(seal_half(options.file)));
        named.key = key.public_key();
    }
    if (options.out.has_parent_path()) ENSURE(make_folder(options.out.parent_path()));
    ENSURE(write_named_seal_key(options.out, named));
    run.out << std::format("{}  {}  {}\n", to_hex(named.key.key_id()), seal_key_type, options.out.string());
    return {};
}

Result<void> export_key(const Options& options, Run& run) {
    TRY(const bool is_for_sealing, holds_a_seal_key(options.file));
    if (is_for_sealing) return export_seal_key(options, run);
    if (options.with_private && options.new_passphrase_file.empty())
        return fail(faults::not_sealed, options.file.string());
    ENSURE(refuse_existing(options.out));
    TRY(const Passphrase passphrase, passphrase_from(options.passphrase_file));
    TRY(const auto key, io::keys::load_private_key(options.file, passphrase));
    TRY(std::string name, name_beside(options.file, options.name));
    if (options.out.has_parent_path()) ENSURE(make_folder(options.out.parent_path()));
    if (options.with_private) {
        TRY(const Passphrase seal, passphrase_from(options.new_passphrase_file));
        ENSURE(io::keys::save_private_key(options.out, key, seal));
    } else {
        ENSURE(write_named_key(options.out, {key.public_key(), std::move(name)}));
    }
    run.out << std::format("{}  {}  {}\n", key.public_key().key_id(),
                           options.with_private ? "private, sealed" : "public", options.out.string());
    return {};
}

bool holds_a_private_key(View bytes) { return text_of(bytes).contains("PRIVATE KEY-----"); }

Result<void> import_key(const Options& options, Run& run) {
    TRY(const Bytes bytes, io::files::read_file(options.file, crypto::private_pem_bytes_max));
    const fs::path target = options.folder / options.file.stem();
    const fs::path private_file = target.string() + ".key", public_file = target.string() + ".pub";
    ENSURE(refuse_existing(public_file));
    if (holds_a_private_key(bytes)) {
        ENSURE(refuse_existing(private_file));
        TRY(const Passphrase passphrase, passphrase_from(options.passphrase_file));
        if (!passphrase) return fail(faults::not_sealed, options.file.string());
        TRY(const auto key, io::keys::load_private_key(options.file, passphrase));
        ENSURE(make_folder(options.folder));
        ENSURE(io::keys::save_private_key(private_file, key, passphrase));
        ENSURE(write_named_key(public_file, {key.public_key(), options.name}));
        run.out << std::format("{}  private, sealed  {}\n", key.public_key().key_id(), private_file.string());
        return {};
    }
    TRY(NamedKey named, read_named_key(options.file));
    if (!options.name.empty()) named.name = options.name;
    ENSURE(make_folder(options.folder));
    ENSURE(write_named_key(public_file, named));
    run.out << std::format("{}  public  {}\n", named.key.key_id(), public_file.string());
    return {};
}

}  // namespace

void add_key_export(CLI::App& key, Run& run) {
    const auto options = std::make_shared<Options>();
    CLI::App* const command =
        key.add_subcommand("export", "Write the public half for others, or a sealed copy of the private key");
    command->add_option("KEY", options->file, "The private key")->required()->type_name("FILE.key");
    command->add_option("--out", options->out, "Where it goes; never replaces a file")->required()->type_name("FILE");
    command->add_option("--name", options->name, "Whose it is; by default as in the .pub beside KEY")
        ->type_name("TEXT");
    command->add_option("--passphrase-file", options->passphrase_file, "Opens KEY (a file of mode 0600)")
        ->type_name("FILE");
    command->add_flag("--private", options->with_private, "The private key itself, sealed anew");
    command->add_option("--passphrase-file-out", options->new_passphrase_file, "Seals the copy (a file of mode 0600)")
        ->type_name("FILE");
    command->footer(
        "Examples:\n"
        "  pitstop key export alice-pq.key --out to-the-office/alice-pq.pub --passphrase-file secret\n"
        "  pitstop key export alice-pq.key --out safe/alice-pq.key --private --passphrase-file secret "
        "--passphrase-file-out other-secret");
    command->callback([options, &run] { run.finish(export_key(*options, run)); });
}

void add_key_import(CLI::App& key, Run& run) {
    const auto options = std::make_shared<Options>();
    CLI::App* const command =
        key.add_subcommand("import", "Take a key into a folder: FILE.pub of somebody else, or a sealed private key");
    command->add_option("FILE", options->file, "PEM: SPKI, or PKCS#8 sealed with a passphrase")
        ->required()
        ->type_name("FILE");
    command->add_option("--dir", options->folder, "Folder for it")->required()->type_name("DIR");
    command->add_option("--name", options->name, "Whose it is")->type_name("TEXT");
    command->add_option("--passphrase-file", options->passphrase_file, "Opens a sealed private key (mode 0600)")
        ->type_name("FILE");
    command->footer(
        "Examples:\n"
        "  pitstop key import bob-pq.pub --dir signers\n"
        "  pitstop key import safe/alice-pq.key --dir keys --passphrase-file other-secret");
    command->callback([options, &run] { run.finish(import_key(*options, run)); });
}

}  // namespace pitstop::cli
