#include "io/keys/credential.h"

#include "core/crypto/mac.h"
#include "io/files/atomic_file.h"
#include "io/keys/certificate_authority.h"
#include "io/keys/faults.h"
#include "io/keys/key_file.h"

#include <openssl/pem.h>

#include <format>

namespace pitstop::io::keys {
namespace {

namespace fs = std::filesystem;
using crypto::ProofKind;

bool is_there(const fs::path& file) {
    std::error_code failure;
    return fs::exists(file, failure);
}

void append_der(X509* certificate, Bytes& to) {
    std::uint8_t* encoded = nullptr;
    const int size = i2d_X509(certificate, &encoded);
    if (size > 0) to.insert(to.end(), encoded, encoded + size);
    OPENSSL_free(encoded);
}

Result<Bytes> load_chain(const fs::path& file) {
    TRY(const Bytes pem, files::read_file(file, Certificate::pem_bytes_max));
    const auto from = crypto::reading(text_of(pem));
    Bytes chain;
    while (const crypto::Owned<X509> next{PEM_read_bio_X509(from.get(), nullptr, nullptr, nullptr)})
        append_der(next.get(), chain);
    static_cast<void>(crypto::take_reason());  // the end of the file is one
    if (chain.empty()) return fail(faults::bad_certificate, file.string());
    return chain;
}

}  // namespace

Result<crypto::Secret<32>> load_ecu_secret(const fs::path& file) {
    TRY(std::string text, load_secret(file));
    auto digits = from_hex(text);
    crypto::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    if (!digits) return fail(digits.error());
    if (digits->size() != 32) return fail(faults::no_credential, std::format("{}: 64 hex digits", file.string()));
    const crypto::Secret<32> secret(*digits);
    crypto::wipe(*digits);
    return secret;
}

Result<std::optional<Credential::Half>> Credential::load_half(const fs::path& folder, const std::string& name) {
    const fs::path certificate = folder / (name + ".crt"), key_file = folder / (name + ".key");
    if (!is_there(certificate)) return std::nullopt;
    TRY(const Certificate own, load_certificate(certificate));
    TRY(auto key, load_private_key(key_file));
    if (own.public_key() != key.public_key())
        return fail(faults::no_credential,
                    std::format("{} is not the key of {}", key_file.string(), certificate.string()));
    TRY(auto chain, load_chain(certificate));
    return Half{std::move(chain), crypto::SoftwareSigner(std::move(key))};
}

Result<Credential> Credential::load(const fs::path& folder) {
    Credential credential;
    credential.folder_ = folder;
    TRY(credential.classical_, load_half(folder, "classical"));
    TRY(credential.post_quantum_, load_half(folder, "pq"));
    if (!credential.classical_ && !credential.post_quantum_ && !is_there(folder / "keys"))
        return fail(faults::no_credential, folder.string());
    return credential;
}

Result<Credential::Tester> Credential::tester_of(EcuId ecu) {
    const fs::path file = folder_ / "keys" / (ecu.str() + ".key");
    if (!is_there(file)) return Tester(*this, std::nullopt);
    TRY(auto secret, load_ecu_secret(file));
    return Tester(*this, std::move(secret));
}

View Credential::Tester::chain(ProofKind kind) const {
    return kind != ProofKind::symmetric && of_.half(kind) ? View(of_.half(kind)->chain) : View();
}

bool Credential::Tester::has(ProofKind kind) const {
    return kind == ProofKind::symmetric ? secret_.has_value() : of_.half(kind).has_value();
}

Result<Bytes> Credential::Tester::prove(ProofKind kind, View text) {
    if (!has(kind)) return fail(faults::no_credential, "of this kind");
    if (kind != ProofKind::symmetric)
        return (kind == ProofKind::classical ? of_.classical_ : of_.post_quantum_)->signer.sign(text);
    const auto tag = crypto::hmac_sha256(secret_->view(), text);
    return Bytes(tag.begin(), tag.end());
}

}  // namespace pitstop::io::keys
