// Ownership of OpenSSL's objects, and its error queue as one sentence: the only place that frees what OpenSSL made.
//
//     auto context = Owned<EVP_MD_CTX>(EVP_MD_CTX_new());
//
// A new kind of object gets one line below. Rooms above io/tls own SSL objects in the same way with FreeWith.
#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

namespace pitstop::crypto {

template <auto free_function>
struct FreeWith {
    template <class T>
    void operator()(T* object) const {
        free_function(object);
    }
};

template <class T>
struct FreeOf;
// clang-format off
template <> struct FreeOf<ASN1_INTEGER> : FreeWith<ASN1_INTEGER_free> {};
template <> struct FreeOf<BIGNUM> : FreeWith<BN_free> {};
template <> struct FreeOf<BIO> : FreeWith<BIO_free_all> {};
template <> struct FreeOf<EVP_CIPHER_CTX> : FreeWith<EVP_CIPHER_CTX_free> {};
template <> struct FreeOf<EVP_KDF> : FreeWith<EVP_KDF_free> {};
template <> struct FreeOf<EVP_KDF_CTX> : FreeWith<EVP_KDF_CTX_free> {};
template <> struct FreeOf<EVP_MD_CTX> : FreeWith<EVP_MD_CTX_free> {};
template <> struct FreeOf<EVP_PKEY> : FreeWith<EVP_PKEY_free> {};
template <> struct FreeOf<EVP_PKEY_CTX> : FreeWith<EVP_PKEY_CTX_free> {};
template <> struct FreeOf<GENERAL_NAMES> : FreeWith<GENERAL_NAMES_free> {};
template <> struct FreeOf<PKCS8_PRIV_KEY_INFO> : FreeWith<PKCS8_PRIV_KEY_INFO_free> {};
template <> struct FreeOf<X509> : FreeWith<X509_free> {};
template <> struct FreeOf<X509_ALGOR> : FreeWith<X509_ALGOR_free> {};
template <> struct FreeOf<X509_EXTENSION> : FreeWith<X509_EXTENSION_free> {};
template <> struct FreeOf<X509_SIG> : FreeWith<X509_SIG_free> {};
// clang-format on

template <class T>
using Owned = std::unique_ptr<T, FreeOf<T>>;

// A BIO that reads from `text` without copying it; `text` must outlive it. Null when memory ran out.
[[nodiscard]] Owned<BIO> reading(std::string_view text);

// What a memory BIO has collected.
[[nodiscard]] std::string collected(BIO* memory);

// The most recent reason in this thread's error queue, which is then emptied. "unknown reason" when there is none.
[[nodiscard]] std::string take_reason();

// crypto.library-failed with the operation and OpenSSL's reason.
[[nodiscard]] std::unexpected<Error> library_failed(std::string_view operation);

}  // namespace pitstop::crypto
