// Every key of the hostile world, good and bad, and a ledger of what each really signed.
//
// Keys, and with them signatures, follow from their number alone (a seed for ML-DSA-44, a scalar for ECDSA P-256,
// RFC 6979 nonces, deterministic ML-DSA), so that a case can be repeated to the byte. The oracle never verifies: it
// asks the ledger. Straight on OpenSSL, so that a mistake in core/crypto cannot hide here.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

using EVP_PKEY = struct evp_pkey_st;

namespace pitstop::hostile {

[[nodiscard]] std::string sha256(std::string_view text);  // raw bytes
[[nodiscard]] std::string sha384(std::string_view text);
[[nodiscard]] std::string sha512(std::string_view text);
[[nodiscard]] std::string hex(std::string_view bytes);
[[nodiscard]] bool unhex(std::string_view text, std::string& bytes);

struct Key {
    bool post_quantum = false;
    std::string pem, id;  // SPKI; hex SHA-256 of its DER
    std::shared_ptr<EVP_PKEY> native;
};

class Keyring {
public:
    // The n-th pair: 2n is classical, 2n + 1 ML-DSA.
    explicit Keyring(std::size_t pairs);

    [[nodiscard]] std::size_t size() const { return keys_.size(); }
    [[nodiscard]] const Key& operator[](std::size_t number) const { return keys_.at(number); }
    // By PEM without line ends; null for one that was never made.
    [[nodiscard]] const Key* find(std::string_view packed_pem) const;
    [[nodiscard]] std::size_t number_of(const Key& key) const { return static_cast<std::size_t>(&key - keys_.data()); }

    // What a key of this family signs for a canonical text (TAP 21 for ML-DSA).
    [[nodiscard]] static std::string message_for(const Key& key, std::string_view canonical);

    [[nodiscard]] std::string sign(std::size_t number, std::string_view message);
    // The other ECDSA signature (r, n-s) of the same message, which everybody must accept as well.
    [[nodiscard]] std::string twin(std::size_t number, std::string_view message);
    [[nodiscard]] bool has_signed(const Key& key, std::string_view message, std::string_view signature) const;
    void forget_signatures();

private:
    void record(const Key& key, std::string_view message, std::string_view signature);

    std::vector<Key> keys_;
    std::map<std::string, std::size_t, std::less<>> by_pem_;
    std::unordered_set<std::string> ledger_;
    std::unordered_map<std::string, std::string> made_;  // signatures made before: signing is the slowest part
};

[[nodiscard]] std::string packed(std::string_view pem);  // without line ends and trailing white space

}  // namespace pitstop::hostile
