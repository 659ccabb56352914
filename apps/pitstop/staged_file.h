// A metadata file on its way through its signers: what shall be signed, who has signed it so far, and what a signer who
// has nothing but this file needs to judge it.
//
//     {"pitstop_ceremony": 1, "repository": "image", "role": "root",
//      "proposal":  {"signatures": […], "signed": {…}},        the file as it will be published
//      "trusted":   {…}     the Root that says who may sign; absent for a first Root
//      "delegator": {…}     for a delegated role: the Targets that delegates to it
//      "previous":  {…}     the file that this one replaces; absent for a first one
//      "names":     {"<key id>": "Alice, release office"}}
//
// Only the proposal is signed. What stands beside it is for people: whoever publishes takes the Root in force from the
// repository itself. Faults: cli.not-a-ceremony, those of core/uptane for what is inside.
#pragma once

#include "apps/pitstop/named_key.h"
#include "core/uptane/envelope.h"
#include "core/uptane/roles.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pitstop::cli {

struct StagedFile {
    uptane::Repository repository = uptane::Repository::image;
    std::string role;  // "root", "targets" or the name of a delegated role
    json::Object body;
    std::vector<uptane::Signature> signatures;
    std::optional<Bytes> trusted, delegator, previous;  // whole files
    Names names;

    [[nodiscard]] bool is_root() const { return role == "root"; }
    [[nodiscard]] uptane::Role kind() const { return is_root() ? uptane::Role::root : uptane::Role::targets; }
    [[nodiscard]] Result<std::uint32_t> version() const;
    // "image-2.root.json"
    [[nodiscard]] Result<std::string> file_name() const;
};

// Twice the largest Targets, and the Root beside it.
[[nodiscard]] std::size_t staged_size_bytes_max();

[[nodiscard]] Result<StagedFile> read_staged(const std::filesystem::path& file);
[[nodiscard]] Result<void> write_staged(const std::filesystem::path& file, const StagedFile& staged);

// As it will be published, with the signatures that are there.
[[nodiscard]] Result<Bytes> proposal_of(const StagedFile& staged);

// SHA-256 in hex of what is signed: the same on every signer's screen, or the files are not the same.
[[nodiscard]] Result<std::string> digest_of(const StagedFile& staged);

}  // namespace pitstop::cli
