// Our side of tests/peers/hpke: reads one command in a line, answers with one line. Numbers decimal, bytes in hex, "-"
// for none.
//
//     public SEED                                         ok KEY
//     encapsulate KEY RANDOMNESS                          ok CIPHERTEXT SECRET
//     decapsulate SEED CIPHERTEXT                         ok SECRET
//     seal KEY INFO AAD MESSAGE                           ok SEALED
//     open SEED INFO AAD SEALED                           ok MESSAGE
//     seal-payload CAMPAIGN ECU CHUNK PAYLOAD [ECU KEY]…  ok SEALED
//     unseal SEED ECU CAMPAIGN SEALED                     ok PAYLOAD
//
// Whatever is refused: "refused CODE".
#include "core/base/collected.h"
#include "core/crypto/digest.h"
#include "core/seal/openssl_opener.h"
#include "core/seal/seal.h"

#include <iostream>
#include <sstream>

using namespace pitstop;
namespace xwing = crypto::xwing;

namespace {

std::string hex_of(View bytes) { return bytes.empty() ? "-" : to_hex(bytes); }

class Words {
public:
    explicit Words(const std::string& line) : line_(line) { line_ >> verb_; }

    [[nodiscard]] const std::string& verb() const { return verb_; }
    [[nodiscard]] std::string text() {
        std::string word;
        line_ >> word;
        return word;
    }
    [[nodiscard]] bool more() { return !(line_ >> std::ws).eof(); }
    [[nodiscard]] std::uint32_t number() { return static_cast<std::uint32_t>(std::stoul(text())); }
    [[nodiscard]] Result<Bytes> bytes() {
        const std::string word = text();
        return word == "-" ? Bytes() : from_hex(word);
    }
    [[nodiscard]] Result<xwing::PublicKey> key() {
        TRY(const Bytes raw, bytes());
        return xwing::PublicKey::from_bytes(raw);
    }
    [[nodiscard]] Result<xwing::PrivateKey> seed() {
        TRY(const Bytes raw, bytes());
        return xwing::PrivateKey::from_seed(raw);
    }

private:
    std::istringstream line_;
    std::string verb_;
};

Result<std::string> encapsulate(Words& words) {
    TRY(const auto key, words.key());
    TRY(const Bytes randomness, words.bytes());
    TRY(const auto made, key.encapsulate_derand(randomness));
    return hex_of(made.ciphertext) + " " + hex_of(made.secret.view());
}

Result<std::string> decapsulate(Words& words) {
    TRY(const auto key, words.seed());
    TRY(const Bytes ciphertext, words.bytes());
    TRY(const auto secret, key.decapsulate(ciphertext));
    return hex_of(secret.view());
}

Result<std::string> seal(Words& words) {
    TRY(const auto key, words.key());
    TRY(const Bytes info, words.bytes());
    TRY(const Bytes context, words.bytes());
    TRY(const Bytes message, words.bytes());
    TRY(const Bytes sealed, crypto::hpke::seal(key, info, context, message));
    return hex_of(sealed);
}

Result<std::string> open(Words& words) {
    TRY(const auto key, words.seed());
    TRY(const Bytes info, words.bytes());
    TRY(const Bytes context, words.bytes());
    TRY(const Bytes sealed, words.bytes());
    TRY(const Bytes message, crypto::hpke::open(key, info, context, sealed));
    return hex_of(message);
}

Result<std::string> seal_payload(Words& words) {
    TRY(const auto campaign, CampaignId::parse(words.text()));
    TRY(const auto ecu, EcuId::from_number(words.number()));
    const seal::Order order{campaign, ecu, words.number()};
    TRY(const Bytes payload, words.bytes());
    std::vector<seal::Recipient> recipients;
    while (words.more()) {
        TRY(const auto id, EcuId::from_number(words.number()));
        TRY(auto key, words.key());
        recipients.push_back({id, std::move(key)});
    }
    Collected content;
    TRY(const auto key, seal::ContentKey::generate());
    TRY(auto sealer, seal::Sealer::begin(order, payload.size(), key, content));
    ENSURE(sealer.push(payload));
    ENSURE(sealer.finish());
    TRY(const Bytes envelopes, seal::wrap(key, sealer.header(), recipients));
    return hex_of(envelopes) + hex_of(content.bytes);
}

Result<std::string> unseal(Words& words) {
    TRY(const auto key, words.seed());
    TRY(const auto ecu, EcuId::from_number(words.number()));
    const std::string campaign = words.text();
    TRY(const Bytes sealed, words.bytes());
    seal::XWingKeyOpener opener(key);
    seal::OpenSslChunkCipher cipher;
    crypto::Sha256 hasher;
    Bytes room(seal::Unsealer::room_size_bytes(std::size_t{1} << seal::chunk_log2_max));
    Collected out;
    seal::Unsealer unsealer({opener, cipher, hasher}, {ecu.address(), ecu.address(), campaign}, room, out);
    ENSURE(unsealer.push(sealed));
    ENSURE(unsealer.finish());
    return hex_of(out.bytes);
}

Result<std::string> public_key(Words& words) {
    TRY(const auto key, words.seed());
    return hex_of(key.public_key().bytes());
}

Result<std::string> answer(Words& words) {
    if (words.verb() == "public") return public_key(words);
    if (words.verb() == "encapsulate") return encapsulate(words);
    if (words.verb() == "decapsulate") return decapsulate(words);
    if (words.verb() == "seal") return seal(words);
    if (words.verb() == "open") return open(words);
    if (words.verb() == "seal-payload") return seal_payload(words);
    if (words.verb() == "unseal") return unseal(words);
    std::cerr << "hpke-peer: no command is called '" << words.verb() << "'\n";
    std::exit(2);
}

}  // namespace

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        Words words(line);
        const auto answered = answer(words);
        std::cout << (answered ? "ok " + *answered : "refused " + std::string(answered.error().code())) << std::endl;
    }
}
