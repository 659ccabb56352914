#include "io/tls/profile.h"

#include "io/tls/faults.h"

#include <array>
#include <format>

namespace pitstop::io::tls {
namespace {

using enum crypto::KeyType;

constexpr std::string_view ecdsa = "ecdsa_secp256r1_sha256";
constexpr std::string_view no_hybrid = "no hybrid of ML-KEM-512 is standardised";
constexpr std::string_view hybrid_768 = "hybrid: X25519 with ML-KEM-768";
constexpr std::string_view hybrid_1024 = "hybrid: P-384 with ML-KEM-1024";

constexpr std::array<Profile, 13> table{{
    {0, "X25519 · ECDSA P-256", "X25519", "X25519", ecdsa_p256, ecdsa, "classical baseline, refused unless allowed"},
    {1, "ML-KEM-512 · ECDSA P-256", "MLKEM512", "MLKEM512", ecdsa_p256, ecdsa, no_hybrid},
    {2, "ML-KEM-768 · ECDSA P-256", "MLKEM768", "X25519MLKEM768", ecdsa_p256, ecdsa,
     "the default; hybrid: X25519 with ML-KEM-768"},
    {3, "ML-KEM-1024 · ECDSA P-256", "MLKEM1024", "SecP384r1MLKEM1024", ecdsa_p256, ecdsa, hybrid_1024},
    {4, "ML-KEM-512 · ML-DSA-44", "MLKEM512", "MLKEM512", ml_dsa_44, "mldsa44", no_hybrid},
    {5, "ML-KEM-512 · ML-DSA-65", "MLKEM512", "MLKEM512", ml_dsa_65, "mldsa65", no_hybrid},
    {6, "ML-KEM-512 · ML-DSA-87", "MLKEM512", "MLKEM512", ml_dsa_87, "mldsa87", no_hybrid},
    {7, "ML-KEM-768 · ML-DSA-44", "MLKEM768", "X25519MLKEM768", ml_dsa_44, "mldsa44", hybrid_768},
    {8, "ML-KEM-768 · ML-DSA-65", "MLKEM768", "X25519MLKEM768", ml_dsa_65, "mldsa65", hybrid_768},
    {9, "ML-KEM-768 · ML-DSA-87", "MLKEM768", "X25519MLKEM768", ml_dsa_87, "mldsa87", hybrid_768},
    {10, "ML-KEM-1024 · ML-DSA-44", "MLKEM1024", "SecP384r1MLKEM1024", ml_dsa_44, "mldsa44", hybrid_1024},
    {11, "ML-KEM-1024 · ML-DSA-65", "MLKEM1024", "SecP384r1MLKEM1024", ml_dsa_65, "mldsa65", hybrid_1024},
    {12, "ML-KEM-1024 · ML-DSA-87", "MLKEM1024", "SecP384r1MLKEM1024", ml_dsa_87, "mldsa87", hybrid_1024},
}};

}  // namespace

std::span<const Profile> profiles() { return table; }

Result<Profile> find_profile(int id, AllowClassical allow) {
    if (id < 0 || id >= static_cast<int>(table.size()))
        return fail(faults::unknown_profile, std::format("profile {}", id));
    if (id == 0 && allow == AllowClassical::no) return fail(faults::classical_refused);
    return table[static_cast<std::size_t>(id)];
}

}  // namespace pitstop::io::tls
