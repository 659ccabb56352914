// forge: what an attacker with some of the keys can make. Takes a metadata file, changes members, signs it anew.
//
//     forge targets.json --out evil.json --key targets-classical.key --set /expires='"2020-01-01T00:00:00Z"'
//
// A key that is not given does not sign. Nothing is checked: that is the point.
#include "core/base/json.h"
#include "core/crypto/signer.h"
#include "core/uptane/envelope.h"
#include "io/files/atomic_file.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace {

using namespace pitstop;

constexpr std::size_t file_bytes_max = 8u << 20;

struct Wish {
    std::string in, out;
    std::vector<std::string> keys;
    std::vector<std::string> changes;  // "/json/pointer=value", the value in JSON
};

Result<void> change(json::Value& body, std::string_view wish) {
    const auto equals = std::min(wish.find('='), wish.size() - 1);
    TRY(json::Value value, json::parse(view_of(wish.substr(equals + 1)), file_bytes_max));
    boost::system::error_code problem;
    body.set_at_pointer(wish.substr(0, equals), std::move(value), problem);
    return {};
}

Result<void> forge(const Wish& wish) {
    TRY(const Bytes file, io::files::read_file(wish.in, file_bytes_max));
    TRY(const json::Value envelope, json::parse(file, file_bytes_max));
    json::Value body = envelope.at("signed");
    for (const auto& each : wish.changes) ENSURE(change(body, each));

    std::vector<std::unique_ptr<crypto::Signer>> signers;
    std::vector<crypto::Signer*> lent;
    for (const auto& path : wish.keys) {
        TRY(const Bytes pem, io::files::read_file(path, crypto::private_pem_bytes_max));
        TRY(crypto::PrivateKey key, crypto::private_from_pem(text_of(pem)));
        lent.push_back(signers.emplace_back(std::make_unique<crypto::SoftwareSigner>(std::move(key))).get());
    }
    TRY(const Bytes forged, uptane::sign(body.as_object(), lent));
    return io::files::write_atomically(wish.out, forged, io::files::FileMode::shared);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Changes and re-signs one metadata file, for the tests in tests/attacks."};
    Wish wish;
    app.add_option("file", wish.in, "the metadata file to start from")->required();
    app.add_option("--out", wish.out, "the forged file")->required();
    app.add_option("--key", wish.keys, "a private key that signs")->required();
    app.add_option("--set", wish.changes, "/json/pointer=value in JSON");
    CLI11_PARSE(app, argc, argv);
    if (const auto done = forge(wish); !done) {
        std::cerr << "forge: " << done.error().str() << '\n';
        return 1;
    }
    return 0;
}
