// What a diagnostic tester has to show at ECUs' doors (docs/formats/access.md), as a folder:
//
//     classical.crt .key      its chain, its own certificate first, and the key to it: ECDSA P-256
//     pq.crt .key             the same, ML-DSA
//     keys/<ECU id>.key       64 hex digits: the secret of an ECU that knows 0x27 only
//
// Each may be missing, not all. Key files have mode 0600. Faults: keys.no-credential, bad-certificate, exposed,
// unreadable, base.not-hex and those of core/crypto for what is inside.
#pragma once

#include "core/base/ids.h"
#include "core/crypto/prover.h"
#include "core/crypto/secret.h"
#include "core/crypto/signer.h"

#include <filesystem>
#include <optional>

namespace pitstop::io::keys {

class Credential {
public:
    static Result<Credential> load(const std::filesystem::path& folder);

    // A tester of one ECU; the credential outlives it.
    class Tester final : public crypto::Prover {
    public:
        [[nodiscard]] View chain(crypto::ProofKind kind) const override;
        [[nodiscard]] bool has(crypto::ProofKind kind) const override;
        [[nodiscard]] Result<Bytes> prove(crypto::ProofKind kind, View text) override;

    private:
        friend class Credential;
        Tester(Credential& of, std::optional<crypto::Secret<32>> secret) : of_(of), secret_(std::move(secret)) {}
        Credential& of_;
        std::optional<crypto::Secret<32>> secret_;
    };
    [[nodiscard]] Result<Tester> tester_of(EcuId ecu);

private:
    struct Half {
        Bytes chain;
        crypto::SoftwareSigner signer;
    };
    static Result<std::optional<Half>> load_half(const std::filesystem::path& folder, const std::string& name);
    [[nodiscard]] const std::optional<Half>& half(crypto::ProofKind kind) const {
        return kind == crypto::ProofKind::classical ? classical_ : post_quantum_;
    }

    std::filesystem::path folder_;
    std::optional<Half> classical_, post_quantum_;
};

// 64 hex digits in a file of mode 0600.
[[nodiscard]] Result<crypto::Secret<32>> load_ecu_secret(const std::filesystem::path& file);

}  // namespace pitstop::io::keys
