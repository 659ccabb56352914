// core/uptane: what a small ECU makes of a trust bundle, with signatures that are always good, so that everything
// behind them is reached. Input: a line with the factory's Root, then lines "root …", "time …", "targets …". The whole
// input is also judged as a bundle, and opened as a saved state.
#include "core/uptane/partial.h"
#include "core/crypto/openssl_verifier.h"
#include "core/uptane/bundle_writer.h"
#include "fuzz/property.h"

using namespace pitstop;
using fuzz::must;

namespace {

class BelievesEverything final : public crypto::Verifier {
public:
    void start(crypto::DigestKind which) override { digest_.start(which); }
    void update(View piece) override { digest_.update(piece); }
    void finish(Room into) override { digest_.finish(into); }
    bool verify(crypto::SignatureKind, View, View, View signature) override { return signature[0] != 0; }

private:
    crypto::OpenSslVerifier digest_;
};

const uptane::Nonce nonce{1};

uptane::EcuIdentity ecu() {
    return {*Vin::parse("VIN00001"), *EcuId::parse("ECU_011"), *HardwareId::parse("BRK-2"), 4};
}

// Whether the rest of a line after its word is a file of the bundle.
void add(std::vector<uptane::BundleFile>& files, std::string_view line) {
    using uptane::BundleRepository, uptane::BundleRole;
    if (line.starts_with("root "))
        files.push_back({BundleRepository::director, BundleRole::root, "", view_of(line.substr(5))});
    if (line.starts_with("time "))
        files.push_back({BundleRepository::time, BundleRole::time_attestation, "", view_of(line.substr(5))});
    if (line.starts_with("targets "))
        files.push_back({BundleRepository::director, BundleRole::targets, "", view_of(line.substr(8))});
}

void check_state(View bytes) {
    Bytes copy(bytes.begin(), bytes.end());
    const auto state = uptane::PartialState::open(copy, copy.size());
    must(state.has_value(), "what is trusted can be read after a restart");
    must(std::ranges::equal(state->bytes(), bytes), "and is the same");
}

void judge(uptane::PartialVerifier& verifier, const uptane::PartialState& state, View bundle) {
    const Bytes before(state.bytes().begin(), state.bytes().end());
    const UtcTime time_before = state.attested();
    const auto judged = verifier.judge(bundle, ecu());
    must(state.attested() >= time_before, "time never goes back");
    check_state(state.bytes());
    if (!judged) {
        must(std::ranges::equal(before, state.bytes()), "what is refused changes nothing");
        return;
    }
    if (!judged->image) return;
    must(judged->targets == uptane::Judgement::Targets::accepted, "an image comes from targets");
    must(judged->image->release_counter >= ecu().release_counter, "never an older release");
    must(judged->image->size_bytes > 0 && judged->image->hardware == ecu().hardware, "an image that can be installed");
}

void judge_lines(View input) {
    BelievesEverything crypto;
    uptane::JudgeRoom room;
    Bytes storage(uptane::PartialState::storage_bytes_usual);
    auto [root, rest] = fuzz::titled(input);
    auto state = uptane::PartialVerifier::from_factory(storage, view_of(root), {}, crypto, room);
    if (!state) return;
    check_state(state->bytes());
    uptane::PartialVerifier verifier(*state, crypto, room);
    verifier.begin(nonce);
    std::vector<uptane::BundleFile> files;
    while (!rest.empty()) {
        const auto line = fuzz::titled(rest);
        add(files, line.title);
        rest = line.text;
    }
    if (const auto bundle = uptane::write_bundle(files, uptane::partial_bundle_size_bytes_max)) {
        judge(verifier, *state, *bundle);
        judge(verifier, *state, *bundle);
    }
    judge(verifier, *state, input);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes copy(data, data + size);
    if (const auto state = uptane::PartialState::open(copy, size)) check_state(state->bytes());
    judge_lines({data, size});
    return 0;
}
