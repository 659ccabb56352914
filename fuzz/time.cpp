// core/uptane: time attestations. Input: what follows in the first line, then JSON.
//
//     signed     the `signed` part, which gets true signatures, so that the judgement itself is reached
//     file       anything, as a time server would send it
#include "core/crypto/private_key.h"
#include "core/uptane/attested_time.h"
#include "fuzz/property.h"

#include <array>

using namespace pitstop;
using fuzz::must;

namespace {

const UtcTime before = *UtcTime::parse("2026-11-20T12:00:00Z");
const uptane::Nonce own{0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa};

struct Server {
    Server() {
        root.time = uptane::RoleKeys{};
        for (const auto* key : {&classical.public_key(), &post_quantum.public_key()}) {
            root.keys.by_id.emplace(key->key_id(), *key);
            root.time->keyids.push_back(key->key_id());
        }
    }
    crypto::SoftwareSigner classical{*crypto::generate(crypto::KeyType::ed25519)};
    crypto::SoftwareSigner post_quantum{*crypto::generate(crypto::KeyType::ml_dsa_44)};
    uptane::Root root;
};
Server& server() {
    static Server made;
    return made;
}

void judge(View file) {
    uptane::AttestedTime time(uptane::KnownTime{before, before});
    const auto accepted = time.accept({file}, server().root, own);
    const auto claimed = uptane::claimed_time({file});
    fuzz::must_repeat(claimed, uptane::claimed_time({file}));
    if (!accepted) return must(time.known() == uptane::KnownTime{before, before}, "a refused file changes nothing");
    must(claimed == time.known()->last, "what is claimed is what was attested");
    must(time.known()->last >= before, "time does not go back");
    must(time.known()->last <= before + uptane::time_jump_max, "and does not jump");
    must(time.accept({file}, server().root, own).has_value(), "it may stand still");
}

void judge_signed(const json::Object& body) {
    const auto attestation = uptane::read_time_attestation(body);
    fuzz::must_repeat(attestation, uptane::read_time_attestation(body));
    if (attestation)
        must(fuzz::must_have(uptane::read_time_attestation(to_json(*attestation)), "what we write can be read") ==
                 *attestation,
             "and means the same");
    const std::array<crypto::Signer*, 2> signers{&server().classical, &server().post_quantum};
    if (const auto file = uptane::sign(body, signers)) judge(*file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [title, text] = fuzz::titled({data, size});
    if (title == "file") judge(text);
    if (title != "signed") return 0;
    const auto document = json::parse(text, uptane::attestation_bytes_max);
    if (document && document->is_object()) judge_signed(document->get_object());
    return 0;
}
