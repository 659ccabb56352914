// pitstop repo sign: one signer's part of a ceremony. Needs the staged file and the signer's keys, nothing else.
#include "apps/pitstop/faults.h"
#include "apps/pitstop/repo_commands.h"
#include "apps/pitstop/signing_keys.h"
#include "apps/pitstop/staged_words.h"
#include "core/uptane/faults.h"
#include "io/keys/key_file.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <format>
#include <memory>
#include <ostream>
#include <vector>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
    fs::path file, passphrase_file;
    std::vector<fs::path> keys, merge;
    std::string expected_digest;
};

// What the signers compare may be written in groups and in either case.
std::string plain_digest(std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == ':'; });
    std::ranges::transform(text, text.begin(), [](char c) { return c >= 'A' && c <= 'F' ? char(c - 'A' + 'a') : c; });
    return text;
}

Result<void> check_expected(const StagedFile& staged, const std::string& expected) {
    if (expected.empty()) return {};
    TRY(const std::string digest, digest_of(staged));
    if (plain_digest(expected) != digest) return fail(faults::unexpected_content, std::format("it is {}", digest));
    return {};
}

// False: this key has signed before. An ECDSA signature differs every time, so it would look like news and is none.
Result<bool> add_signature(StagedFile& staged, const SigningStatus& status, crypto::Signer& signer) {
    const Holder* const holder = status.holder(signer.public_key());
    if (!holder) return fail(faults::may_not_sign, called(signer.public_key().key_id(), staged.names));
    if (holder->has_signed) return false;
    if (staged.signatures.size() == uptane::signatures_max)
        return fail(uptane::faults::too_many_signatures, std::format("{} are there", staged.signatures.size()));
    TRY(const std::string canonical, json::canonical(staged.body));
    TRY(uptane::Signature signature, uptane::sign_canonical(canonical, signer));
    signature.keyid = holder->keyid;
    staged.signatures.push_back(std::move(signature));
    return true;
}

// Signatures that others collected on copies of the same file.
Result<void> take_over(StagedFile& staged, const fs::path& from, Run& run) {
    TRY(const StagedFile other, read_staged(from));
    TRY(const std::string here, digest_of(staged));
    TRY(const std::string there, digest_of(other));
    if (here != there || other.repository != staged.repository || other.role != staged.role)
        return fail(faults::different_files, std::format("{} is {}", from.string(), title_of(other)));
    TRY([[maybe_unused]] const SigningStatus checked, status_of(other));
    for (const uptane::Signature& signature : other.signatures) {
        const auto same = [&](const uptane::Signature& one) { return one.keyid == signature.keyid; };
        if (std::ranges::any_of(staged.signatures, same)) continue;
        staged.signatures.push_back(signature);
        run.out << std::format("took over the signature of {}\n", called(signature.keyid, staged.names));
    }
    return {};
}

Result<void> sign_with(const Options& options, StagedFile& staged, Run& run) {
    TRY(const Passphrase passphrase, passphrase_from(options.passphrase_file));
    for (const fs::path& file : options.keys) {
        TRY(auto key, io::keys::load_private_key(file, passphrase));
        crypto::SoftwareSigner signer(std::move(key));
        TRY(const SigningStatus status, status_of(staged));
        TRY(const bool added, add_signature(staged, status, signer));
        run.out << std::format("{} {}\n", called(signer.public_key().key_id(), staged.names),
                               added ? "signed" : "has signed before: nothing to add");
    }
    return {};
}

void say_next(const Options& options, const fs::path& file, const StagedFile& staged, const SigningStatus& status,
              Run& run) {
    if (status.is_complete()) {
        run.out << "Complete. Next, where the repository is: pitstop repo publish --dir DIR\n";
        return;
    }
    run.out << "Still to sign (as many as the numbers above ask for):\n";
    for (const std::string& person : still_to_sign(status, staged.names)) run.out << "  " << person << '\n';
    if (options.keys.empty())
        run.out << std::format("Nothing was signed. To sign: pitstop repo sign {} --key FILE.key\n", file.string());
    else
        run.out << "Pass the file on, or send it back to be merged.\n";
}

Result<void> sign(const Options& options, Run& run) {
    std::vector<fs::path> files = options.merge;
    if (!options.file.empty()) files.insert(files.begin(), options.file);
    if (files.empty()) return fail(faults::not_a_ceremony, "no file was named");
    TRY(StagedFile staged, read_staged(files.front()));
    ENSURE(check_proposal(staged, run.now));
    ENSURE(check_expected(staged, options.expected_digest));
    TRY(const SigningStatus before, status_of(staged));
    ENSURE(explain(staged, before, run.now, run.out));
    for (const fs::path& other : files)
        if (other != files.front()) ENSURE(take_over(staged, other, run));
    ENSURE(sign_with(options, staged, run));
    TRY(const SigningStatus after, status_of(staged));
    if (files.size() > 1 || !options.keys.empty()) {
        ENSURE(write_staged(files.front(), staged));
        print_signatures(staged, after, run.out);
    }
    say_next(options, files.front(), staged, after, run);
    return {};
}

}  // namespace

void add_repo_sign(CLI::App& repo, Run& run) {
    const auto options = std::make_shared<Options>();  // CLI11 writes into it until the callback has run
    CLI::App* const command =
        repo.add_subcommand("sign", "Show what a staged file changes, and sign it; works far from the repository");
    command->add_option("FILE", options->file, "Staged file; it takes up the signatures")->type_name("FILE");
    command->add_option("--key", options->keys, "Private key; without one the file is only explained. May be repeated")
        ->type_name("FILE.key");
    command->add_option("--passphrase-file", options->passphrase_file, "Opens the keys (a file of mode 0600)")
        ->type_name("FILE");
    command
        ->add_option("--expect", options->expected_digest,
                     "SHA-256 that the signers agreed on; anything else is refused")
        ->type_name("HEX");
    command->add_option("--merge", options->merge, "Copies whose signatures are taken over into the first file")
        ->type_name("FILE");
    command->footer(
        "Examples:\n"
        "  pitstop repo sign image-2.root.json                         look at it first\n"
        "  pitstop repo sign image-2.root.json --key alice-classical.key --key alice-pq.key --passphrase-file secret\n"
        "  pitstop repo sign --merge image-2.root.json from-alice.json from-bob.json");
    command->callback([options, &run] { run.finish(sign(*options, run)); });
}

}  // namespace pitstop::cli
