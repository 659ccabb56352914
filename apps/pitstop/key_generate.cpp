// pitstop key generate: a key pair as FILE and FILE.pub, or both halves that a role needs of each of its signers; or
// the key with which an ECU opens what was sealed for it, as FILE and FILE.seal.
#include "apps/pitstop/faults.h"
#include "apps/pitstop/key_commands.h"
#include "apps/pitstop/named_key.h"
#include "apps/pitstop/seal_keys.h"
#include "apps/pitstop/signing_keys.h"
#include "core/crypto/faults.h"
#include "io/keys/key_file.h"
#include "io/keys/seal_key.h"

#include <CLI/CLI.hpp>

#include <format>
#include <memory>
#include <ostream>
#include <vector>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* both = "pair";

struct Options {
    std::string type = "ml-dsa-65", name;
    std::vector<fs::path> outs;
    fs::path out, passphrase_file;  // out: each of outs in turn
};

struct Wanted {
    crypto::KeyType type;
    fs::path file;
};

// FILE-classical.key and FILE-pq.key are what every role needs of a signer: one key of each family.
Result<std::vector<Wanted>> wanted_by(const Options& options) {
    if (options.type != both) {
        TRY(const auto type, crypto::key_type_from(options.type));
        return std::vector{Wanted{type, options.out}};
    }
    fs::path stem = options.out;
    if (stem.extension() == ".key") stem.replace_extension();
    return std::vector{Wanted{crypto::KeyType::ecdsa_p256, stem.string() + "-classical.key"},
                       Wanted{crypto::KeyType::ml_dsa_65, stem.string() + "-pq.key"}};
}

Result<void> generate_seal_key(const Options& options, Run& run) {
    if (!options.passphrase_file.empty())
        return fail(crypto::faults::bad_key, "an ECU's key takes no passphrase: an ECU starts with nobody there");
    std::error_code failure;
    const fs::path public_file = seal_half(options.out);
    for (const fs::path& file : {options.out, public_file})
        if (fs::exists(file, failure)) return fail(faults::already_there, file.string());
    if (options.out.has_parent_path()) ENSURE(make_folder(options.out.parent_path()));
    TRY(const auto key, crypto::xwing::PrivateKey::generate());
    ENSURE(io::keys::save_seal_key(options.out, key));
    ENSURE(write_named_seal_key(public_file, {key.public_key(), options.name}));
    run.out << std::format("{}  {}  {}\nPackages are sealed for {}; {} stays with the ECU.\n",
                           to_hex(key.public_key().key_id()), seal_key_type, options.out.string(),
                           public_file.filename().string(), options.out.filename().string());
    return {};
}

Result<void> generate_one(const Options& options, Run& run) {
    ENSURE(check_person(options.name));
    if (options.type == seal_key_type) return generate_seal_key(options, run);
    TRY(const auto wanted, wanted_by(options));
    std::error_code failure;
    for (const Wanted& one : wanted)
        for (const fs::path& file : {one.file, public_half(one.file)})
            if (fs::exists(file, failure)) return fail(faults::already_there, file.string());
    TRY(const Passphrase passphrase, passphrase_from(options.passphrase_file));
    if (options.out.has_parent_path()) ENSURE(make_folder(options.out.parent_path()));
    for (const Wanted& one : wanted) {
        TRY(const auto key, crypto::generate(one.type));
        ENSURE(io::keys::save_private_key(one.file, key, passphrase));
        ENSURE(write_named_key(public_half(one.file), {key.public_key(), options.name}));
        run.out << std::format("{}  {}  {}\n", key.public_key().key_id(), to_string(one.type), one.file.string());
    }
    if (!passphrase) run.out << "Not sealed: who gets the file can sign. --passphrase-file seals it.\n";
    return {};
}

Result<void> generate(Options options, Run& run) {
    for (const fs::path& out : options.outs) {
        options.out = out;
        ENSURE(generate_one(options, run));
    }
    return {};
}

}  // namespace

void add_key_generate(CLI::App& key, Run& run) {
    const auto options = std::make_shared<Options>();  // CLI11 writes into it until the callback has run
    CLI::App* const command = key.add_subcommand("generate", "Make a key pair: FILE.key (mode 0600) and FILE.pub");
    command
        ->add_option(
            "--type", options->type,
            "pair (one of each family: FILE-classical.key and FILE-pq.key), ecdsa-p256, ecdsa-p384, ed25519, "
            "ml-dsa-44, ml-dsa-65 or ml-dsa-87; x-wing: an ECU's key to open sealed packages (FILE.key and FILE.seal)")
        ->check(CLI::IsMember(
            {both, "ecdsa-p256", "ecdsa-p384", "ed25519", "ml-dsa-44", "ml-dsa-65", "ml-dsa-87", seal_key_type}))
        ->type_name("TYPE")
        ->capture_default_str();
    command->add_option("--out", options->outs, "Where the private key goes, or several; never replaces one")
        ->required()
        ->type_name("FILE");
    command->add_option("--name", options->name, "Whose it is; stands in FILE.pub for the other signers")
        ->type_name("TEXT");
    command
        ->add_option("--passphrase-file", options->passphrase_file,
                     "File (mode 0600) with a passphrase that seals the key")
        ->type_name("FILE");
    command->footer(
        "Examples:\n"
        "  pitstop key generate --type pair --out alice --name \"Alice, release office\" --passphrase-file secret\n"
        "  pitstop key generate --type ml-dsa-65 --out keys/targets.key --passphrase-file secret\n"
        "  pitstop key generate --type x-wing --out ecu-011.key --name \"brake controller, bench 2\"");
    command->callback([options, &run] { run.finish(generate(*options, run)); });
}

}  // namespace pitstop::cli
