// Sealing beside what OpenSSL's primitives cost by themselves. Google Benchmark's flags; bench/seal.py reads its JSON.
//
// wraps: the content key for 256 ECUs on two threads, beside as many bare ML-KEM-768 and X25519 key agreements with the
// same keys. seal, open: 64 MiB in chunks of 64 KiB or 1 MiB, one thread, the content in memory and the output counted,
// beside AES-256-GCM over the same bytes in one message and 64 KiB calls, as `openssl speed` does it. open also has the
// key unwrapped, so it is what an ECU pays.
#include "core/base/collected.h"
#include "core/crypto/digest.h"
#include "core/seal/openssl_opener.h"
#include "core/seal/seal.h"
#include "io/runtime/for_each.h"

#include <benchmark/benchmark.h>

#include <iostream>

namespace {

using namespace pitstop;
using namespace pitstop::seal;
using crypto::Owned;

constexpr std::size_t recipients = 256, payload_bytes = std::size_t{64} << 20, call_bytes = 64 * 1024;

// Ends the program with a sentence: a benchmark of what does not work is worth nothing.
template <class T>
T good(Result<T> result) {
    if (!result) {
        std::cerr << result.error().str() << '\n';
        std::exit(1);
    }
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}
void must(bool done) {
    if (!done) good(Result<void>(crypto::library_failed("the bare primitive")));
}

const ForEach by_two = io::for_each_on(2);

struct Counted final : ByteSink {
    std::size_t bytes = 0;
    Result<void> push(View piece) override {
        bytes += piece.size();
        benchmark::DoNotOptimize(piece.data());
        return {};
    }
    Result<void> finish() override { return {}; }
};
struct Ground {
    crypto::xwing::PrivateKey key = good(crypto::xwing::PrivateKey::generate());
    ContentKey content_key = good(ContentKey::generate());
    Bytes payload = Bytes(payload_bytes, 0x5A);
    std::vector<Recipient> ecus;
    std::vector<Owned<EVP_PKEY>> ml_kem, x25519;  // the same keys, as the library holds them

    Ground() {
        for (std::size_t number = 0; number < recipients; ++number) {
            const auto fresh = good(crypto::xwing::PrivateKey::generate());
            const View bytes = fresh.public_key().bytes();
            ecus.push_back(
                {good(EcuId::from_number(static_cast<std::uint32_t>(1 + number % 100))), fresh.public_key()});
            ml_kem.emplace_back(EVP_PKEY_new_raw_public_key_ex(nullptr, "ML-KEM-768", nullptr, bytes.data(), 1184));
            x25519.emplace_back(EVP_PKEY_new_raw_public_key_ex(nullptr, "X25519", nullptr, &bytes[1184], 32));
        }
    }
    [[nodiscard]] static Order order(std::int64_t chunk_bytes) {
        return {good(CampaignId::parse("bench")), good(EcuId::from_number(11)),
                static_cast<std::uint32_t>(chunk_bytes)};
    }
};

Ground& ground() {
    static Ground made;
    return made;
}

void wraps(benchmark::State& state) {
    const Ground& with = ground();
    Counted nothing;
    const auto sealer = good(Sealer::begin(Ground::order(call_bytes), 0, with.content_key, nothing));
    for ([[maybe_unused]] auto round : state)
        benchmark::DoNotOptimize(good(wrap(with.content_key, sealer.header(), with.ecus, by_two)).data());
    state.SetItemsProcessed(static_cast<std::int64_t>(recipients) * state.iterations());
}

void bare_agreement(EVP_PKEY* ml_kem, EVP_PKEY* x25519) {
    std::array<std::uint8_t, 1088> ciphertext;
    std::array<std::uint8_t, 32> secret;
    std::size_t ciphertext_size = ciphertext.size(), secret_size = secret.size();
    const Owned<EVP_PKEY_CTX> kem(EVP_PKEY_CTX_new_from_pkey(nullptr, ml_kem, nullptr));
    must(EVP_PKEY_encapsulate_init(kem.get(), nullptr) == 1 &&
         EVP_PKEY_encapsulate(kem.get(), ciphertext.data(), &ciphertext_size, secret.data(), &secret_size) == 1);
    const Owned<EVP_PKEY> ephemeral(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
    const Owned<EVP_PKEY_CTX> agreement(EVP_PKEY_CTX_new_from_pkey(nullptr, ephemeral.get(), nullptr));
    must(EVP_PKEY_derive_init(agreement.get()) == 1 && EVP_PKEY_derive_set_peer_ex(agreement.get(), x25519, 0) == 1 &&
         EVP_PKEY_derive(agreement.get(), secret.data(), &secret_size) == 1);
}

void bare_agreements(benchmark::State& state) {
    const Ground& with = ground();
    for ([[maybe_unused]] auto round : state)
        by_two(recipients, [&](std::size_t i) { bare_agreement(with.ml_kem[i].get(), with.x25519[i].get()); });
    state.SetItemsProcessed(static_cast<std::int64_t>(recipients) * state.iterations());
}

void seal_payload(benchmark::State& state) {
    const Ground& with = ground();
    for ([[maybe_unused]] auto round : state) {
        Counted out;
        auto sealer = good(Sealer::begin(Ground::order(state.range(0)), payload_bytes, with.content_key, out));
        good(sealer.push(with.payload));
        good(sealer.finish());
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(payload_bytes) * state.iterations());
}

void open_payload(benchmark::State& state) {
    const Ground& with = ground();
    Collected content;
    auto sealer = good(Sealer::begin(Ground::order(state.range(0)), payload_bytes, with.content_key, content));
    good(sealer.push(with.payload));
    good(sealer.finish());
    const std::vector<Recipient> one{{good(EcuId::from_number(11)), with.key.public_key()}};
    const Bytes envelopes = good(wrap(with.content_key, sealer.header(), one));
    XWingKeyOpener opener(with.key);
    OpenSslChunkCipher cipher;
    crypto::Sha256 hasher;
    Bytes room(Unsealer::room_size_bytes(static_cast<std::size_t>(state.range(0))));
    for ([[maybe_unused]] auto round : state) {
        Counted out;
        Unsealer unsealer({opener, cipher, hasher}, {0x0011, 0x0011, "bench"}, room, out);
        good(unsealer.push(envelopes));
        for (View left = content.bytes; !left.empty(); left = left.subspan(std::min(call_bytes, left.size())))
            good(unsealer.push(left.first(std::min(call_bytes, left.size()))));
        good(unsealer.finish());
        if (out.bytes != payload_bytes) std::exit(1);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(payload_bytes) * state.iterations());
}

void bare_aes_gcm(benchmark::State& state) {
    const Ground& with = ground();
    const std::array<std::uint8_t, 32> key{1};
    const std::array<std::uint8_t, 12> nonce{2};
    Bytes out(call_bytes);
    std::array<std::uint8_t, 16> tag;
    const Owned<EVP_CIPHER_CTX> cipher(EVP_CIPHER_CTX_new());
    for ([[maybe_unused]] auto round : state) {
        int written = 0;
        must(EVP_EncryptInit_ex2(cipher.get(), EVP_aes_256_gcm(), key.data(), nonce.data(), nullptr) == 1);
        for (std::size_t at = 0; at < payload_bytes; at += call_bytes)
            must(EVP_EncryptUpdate(cipher.get(), out.data(), &written, &with.payload[at], int{call_bytes}) == 1);
        must(EVP_EncryptFinal_ex(cipher.get(), out.data(), &written) == 1 &&
             EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, tag.size(), tag.data()) == 1);
        benchmark::DoNotOptimize(out.data());
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(payload_bytes) * state.iterations());
}

BENCHMARK(wraps)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(bare_agreements)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(seal_payload)->Arg(64 * 1024)->Arg(1024 * 1024)->Unit(benchmark::kMillisecond);
BENCHMARK(open_payload)->Arg(64 * 1024)->Arg(1024 * 1024)->Unit(benchmark::kMillisecond);
BENCHMARK(bare_aes_gcm)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
