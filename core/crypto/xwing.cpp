#include "core/crypto/xwing.h"

#include "core/crypto/digest.h"
#include "core/crypto/faults.h"
#include "core/crypto/sha3.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <format>

namespace pitstop::crypto::xwing {

struct PublicKey::Material {
    std::array<std::uint8_t, public_key_size_bytes> bytes;
    KeyId id;
    Owned<EVP_PKEY> ml_kem, x25519;
};

namespace {

constexpr const char* ml_kem_name = "ML-KEM-768";
constexpr const char* x25519_name = "X25519";
constexpr std::size_t half = 32;  // ML-KEM's secret, and everything of X25519
constexpr std::array<std::uint8_t, 6> label{0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c};  // draft §5.3, drawn as a fighter

Owned<EVP_PKEY> public_half(const char* name, View bytes) {
    return Owned<EVP_PKEY>(EVP_PKEY_new_raw_public_key_ex(nullptr, name, nullptr, bytes.data(), bytes.size()));
}

Owned<EVP_PKEY> x25519_private(View scalar) {
    return Owned<EVP_PKEY>(
        EVP_PKEY_new_raw_private_key_ex(nullptr, x25519_name, nullptr, scalar.data(), scalar.size()));
}

// FIPS 203 §7.1 with the seed d ‖ z.
Owned<EVP_PKEY> ml_kem_private(View d_and_z) {
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, ml_kem_name, nullptr));
    std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_ML_KEM_SEED, const_cast<std::uint8_t*>(d_and_z.data()),
                                          d_and_z.size()),
        OSSL_PARAM_construct_end()};
    EVP_PKEY* key = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.data()) != 1)
        return nullptr;
    return Owned<EVP_PKEY>(key);
}

bool raw_public(EVP_PKEY* key, Room into) {
    std::size_t size = into.size();
    return EVP_PKEY_get_raw_public_key(key, into.data(), &size) == 1 && size == into.size();
}

// OpenSSL refuses a secret of zeros.
bool agree_on(EVP_PKEY* mine, EVP_PKEY* theirs, Room secret) {
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, mine, nullptr));
    std::size_t size = secret.size();
    return context && EVP_PKEY_derive_init(context.get()) == 1 &&
           EVP_PKEY_derive_set_peer_ex(context.get(), theirs, 0) == 1 &&
           EVP_PKEY_derive(context.get(), secret.data(), &size) == 1 && size == secret.size();
}

// An empty `m` is drawn by OpenSSL.
bool ml_kem_encapsulate(EVP_PKEY* to, View m, Room ciphertext, Room secret) {
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, to, nullptr));
    std::array<OSSL_PARAM, 2> parameters{OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end()};
    if (!m.empty())
        parameters[0] =
            OSSL_PARAM_construct_octet_string(OSSL_KEM_PARAM_IKME, const_cast<std::uint8_t*>(m.data()), m.size());
    std::size_t ciphertext_size = ciphertext.size(), secret_size = secret.size();
    return context && EVP_PKEY_encapsulate_init(context.get(), parameters.data()) == 1 &&
           EVP_PKEY_encapsulate(context.get(), ciphertext.data(), &ciphertext_size, secret.data(), &secret_size) == 1 &&
           ciphertext_size == ciphertext.size() && secret_size == secret.size();
}

bool ml_kem_decapsulate(EVP_PKEY* mine, View ciphertext, Room secret) {
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, mine, nullptr));
    std::size_t size = secret.size();
    return context && EVP_PKEY_decapsulate_init(context.get(), nullptr) == 1 &&
           EVP_PKEY_decapsulate(context.get(), secret.data(), &size, ciphertext.data(), ciphertext.size()) == 1 &&
           size == secret.size();
}

// Draft §5.3: SHA3-256(ss_M ‖ ss_X ‖ ct_X ‖ pk_X ‖ label).
SharedSecret combine(View ml_kem_secret, View x25519_secret, View x25519_ciphertext, View x25519_public) {
    Secret<4 * half + label.size()> all;
    auto at = all.room().begin();
    for (const View piece : {ml_kem_secret, x25519_secret, x25519_ciphertext, x25519_public, View(label)})
        at = std::ranges::copy(piece, at).out;
    Sha256Digest joined = sha3_256(all.view());
    const SharedSecret secret{View(joined)};
    wipe(joined);
    return secret;
}

}  // namespace

Result<PublicKey> PublicKey::from_bytes(View bytes) {
    if (bytes.size() != public_key_size_bytes)
        return fail(faults::bad_key,
                    std::format("an X-Wing key of {} bytes, not {}", bytes.size(), public_key_size_bytes));
    Material material{.bytes = {},
                      .id = sha256(bytes),
                      .ml_kem = public_half(ml_kem_name, bytes.first(ml_kem_public_key_size_bytes)),
                      .x25519 = public_half(x25519_name, bytes.last(half))};
    if (!material.ml_kem || !material.x25519) return fail(faults::bad_key, take_reason());
    std::ranges::copy(bytes, material.bytes.begin());
    return PublicKey(std::make_shared<const Material>(std::move(material)));
}

View PublicKey::bytes() const { return material_->bytes; }
const KeyId& PublicKey::key_id() const { return material_->id; }

Result<Encapsulation> PublicKey::encapsulate() const {
    Secret<randomness_size_bytes> randomness;
    if (RAND_priv_bytes(randomness.room().data(), static_cast<int>(randomness.room().size())) != 1)
        return library_failed("drawing randomness");
    return encapsulate_derand(randomness.view());
}

Result<Encapsulation> PublicKey::encapsulate_derand(View randomness) const {
    if (randomness.size() != randomness_size_bytes)
        return fail(faults::bad_key, std::format("randomness of {} bytes, not 64", randomness.size()));
    const Owned<EVP_PKEY> ephemeral = x25519_private(randomness.last(half));
    Encapsulation made;
    const Room ml_kem_ciphertext = Room(made.ciphertext).first(ml_kem_ciphertext_size_bytes);
    const Room x25519_ciphertext = Room(made.ciphertext).last(half);
    Secret<half> ml_kem_secret, x25519_secret;
    if (!ephemeral || !raw_public(ephemeral.get(), x25519_ciphertext) ||
        !ml_kem_encapsulate(material_->ml_kem.get(), randomness.first(half), ml_kem_ciphertext, ml_kem_secret.room()))
        return library_failed("X-Wing");
    if (!agree_on(ephemeral.get(), material_->x25519.get(), x25519_secret.room())) {
        static_cast<void>(take_reason());
        return fail(faults::bad_key, "its X25519 half is a point of small order");
    }
    made.secret = combine(ml_kem_secret.view(), x25519_secret.view(), x25519_ciphertext, bytes().last(half));
    return made;
}

Result<PrivateKey> PrivateKey::generate() {
    Seed seed;
    if (RAND_priv_bytes(seed.room().data(), static_cast<int>(seed.room().size())) != 1)
        return library_failed("drawing a seed");
    return from_seed(seed.view());
}

Result<PrivateKey> PrivateKey::from_seed(View seed) {
    if (seed.size() != seed_size_bytes)
        return fail(faults::bad_key, std::format("an X-Wing seed of {} bytes, not 32", seed.size()));
    Secret<3 * half> expanded;
    shake256(seed, expanded.room());
    Owned<EVP_PKEY> ml_kem = ml_kem_private(expanded.view().first(2 * half));
    Owned<EVP_PKEY> x25519 = x25519_private(expanded.view().last(half));
    std::array<std::uint8_t, public_key_size_bytes> both;
    if (!ml_kem || !x25519 || !raw_public(ml_kem.get(), Room(both).first(ml_kem_public_key_size_bytes)) ||
        !raw_public(x25519.get(), Room(both).last(half)))
        return library_failed("making an X-Wing key");
    TRY(auto public_key, PublicKey::from_bytes(both));
    return PrivateKey(Seed(seed), std::move(ml_kem), std::move(x25519), std::move(public_key));
}

Result<SharedSecret> PrivateKey::decapsulate(View ciphertext) const {
    if (ciphertext.size() != ciphertext_size_bytes)
        return fail(faults::bad_key,
                    std::format("an X-Wing ciphertext of {} bytes, not {}", ciphertext.size(), ciphertext_size_bytes));
    const View x25519_ciphertext = ciphertext.last(half);
    const Owned<EVP_PKEY> theirs = public_half(x25519_name, x25519_ciphertext);
    Secret<half> ml_kem_secret, x25519_secret;
    if (!theirs ||
        !ml_kem_decapsulate(ml_kem_.get(), ciphertext.first(ml_kem_ciphertext_size_bytes), ml_kem_secret.room()))
        return library_failed("X-Wing");
    if (!agree_on(x25519_.get(), theirs.get(), x25519_secret.room())) {
        static_cast<void>(take_reason());
        return fail(faults::not_authentic, "the X25519 half of a ciphertext is a point of small order");
    }
    return combine(ml_kem_secret.view(), x25519_secret.view(), x25519_ciphertext, public_key_.bytes().last(half));
}

}  // namespace pitstop::crypto::xwing
