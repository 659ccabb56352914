#include "core/uptane/partial.h"

#include "core/uptane/faults.h"
#include "core/uptane/partial_text.h"

#include <algorithm>

namespace pitstop::uptane {
namespace {

using json_text::String;
using json_text::Value;

Result<void> check_not_expired(UtcTime expires, UtcTime now, std::string_view what) {
    if (now < expires) return {};
    return fail(faults::expired, what);
}

// Rising, so none stands twice.
Result<bool> contains_nonce(const Value& body, const Nonce& own) {
    TRY(const Value list, json_text::array(body, "nonces"));
    const std::size_t count = json_text::count(list);
    if (count == 0 || count > nonces_of_an_attestation_max) return fail(faults::bad_member, "'nonces', 1 to 128");
    std::optional<Nonce> before;
    bool found = false;
    for (json_text::Items items(list); items.next();) {
        const auto text = json_text::as_string(items.value());
        Nonce nonce{};
        if (!text || !read_exact_hex(*text, nonce)) return fail(faults::bad_member, "a nonce has 32 digits");
        if (before && nonce <= *before) return fail(faults::bad_member, "'nonces' do not rise");
        before = nonce;
        found = found || nonce == own;
    }
    return found;
}

}  // namespace

struct PartialVerifier::Files {
    BundleReader reader;  // where the roots are taken from
    std::optional<View> time, targets;
};

// What would be trusted after this bundle; until the end the state stays as it is.
struct PartialVerifier::Candidate {
    const PartialState& state;
    std::optional<RootText> root;  // nothing: the state's
    UtcTime attested, confirmed;
    bool is_fresh = false;
    std::uint32_t targets_before = 0;  // 0 also where they are forgotten
    std::optional<FileHead> targets;
    Sha256Digest targets_digest{};
    Judgement judgement;

    [[nodiscard]] const KeySource& keys() const {
        if (root) return *root;
        return state;
    }
    [[nodiscard]] std::uint32_t root_version() const { return root ? root->head().version : state.root_version(); }
    [[nodiscard]] UtcTime root_expires() const { return root ? root->head().expires : state.root_expires(); }
};

Result<PartialState> PartialVerifier::from_factory(Room storage, View root_file, UtcTime made_at,
                                                   crypto::Verifier& crypto, JudgeRoom& room) {
    TRY(const SignedFile file, open_signed_file(root_file, file_signatures_max, crypto));
    TRY(const RootText root, RootText::read(file.body, crypto, room.key));
    ENSURE(check_signatures(file, root, KeyRole::root, crypto, room.signature));
    TRY(PartialState state, PartialState::empty(storage, made_at));
    ENSURE(state.check_room(root, crypto));
    state.adopt(root);
    return state;
}

Result<Judgement> PartialVerifier::judge(View bundle, const EcuIdentity& who) {
    TRY(Files files, collect(bundle));
    Candidate next{.state = state_,
                   .root = {},
                   .attested = state_.attested(),
                   .confirmed = state_.confirmed(),
                   .targets_before = state_.targets_version(),
                   .targets = {},
                   .judgement = {}};
    while (const auto file = files.reader.next())
        if (file->repository == BundleRepository::director && file->role == BundleRole::root)
            ENSURE(succeed(next, file->file));
    if (next.root) {
        ENSURE(state_.check_room(*next.root, crypto_));
        // Recovery from a fast-forward attack (#check_root): who stole a key may have signed a huge version number.
        // Forgotten only where no file of the old keys could come back.
        if (!state_.targets_could_return(*next.root, crypto_)) next.targets_before = 0;
    }
    if (files.time) ENSURE(attest(next, *files.time));
    if (files.targets) ENSURE(accept_targets(next, *files.targets, who));
    ENSURE(check_jump(next));
    keep(next);
    return next.judgement;
}

// At most one time and one Targets, behind all roots, so that the newest keys judge them.
Result<PartialVerifier::Files> PartialVerifier::collect(View bundle) const {
    TRY(const BundleReader reader, BundleReader::open(bundle, partial_bundle_size_bytes_max));
    Files files{reader, {}, {}};
    BundleReader each = reader;
    while (const auto file = each.next()) {
        const bool is_time = file->role == BundleRole::time_attestation;
        if (!is_time && file->repository != BundleRepository::director) continue;
        if (file->role == BundleRole::root && (files.time || files.targets))
            return fail(faults::bad_bundle, "a root behind what it should judge");
        if (is_time && (files.time || files.targets))
            return fail(faults::bad_bundle, "a second time, or one behind the targets");
        if (file->role == BundleRole::targets && files.targets) return fail(faults::bad_bundle, "second targets");
        if (is_time) files.time = file->file;
        if (file->role == BundleRole::targets) files.targets = file->file;
    }
    return files;
}

Result<void> PartialVerifier::succeed(Candidate& next, View bytes) {
    TRY(const SignedFile file, open_signed_file(bytes, file_signatures_max, crypto_));
    TRY(const RootText root, RootText::read(file.body, crypto_, room_.key));
    ENSURE(check_signatures(file, next.keys(), KeyRole::root, crypto_, room_.signature));
    ENSURE(check_signatures(file, root, KeyRole::root, crypto_, room_.signature));
    const std::uint32_t version = root.head().version;
    if (version < next.root_version()) return fail(faults::rolled_back, "root");
    if (version != std::uint64_t{next.root_version()} + 1) return fail(faults::wrong_version, "root");
    next.root = root;
    return {};
}

Result<void> PartialVerifier::attest(Candidate& next, View bytes) {
    if (next.keys().rule(KeyRole::time).threshold == 0) return fail(faults::no_time_keys);
    TRY(const SignedFile file, open_signed_file(bytes, time_file_signatures_max, crypto_));
    ENSURE(check_signatures(file, next.keys(), KeyRole::time, crypto_, room_.signature));
    ENSURE(check_kind(file.body, "time"));
    TRY(const UtcTime time, read_time_member(file.body, "time"));
    TRY(const bool is_ours, contains_nonce(file.body, nonce_.value_or(Nonce{})));
    if (!nonce_ || !is_ours) return fail(faults::nonce_missing);
    if (time < next.attested) return fail(faults::time_back);
    next.attested = time;
    next.is_fresh = true;
    return {};
}

Result<void> PartialVerifier::accept_targets(Candidate& next, View bytes, const EcuIdentity& who) {
    if (!next.is_fresh) return fail(faults::no_fresh_time);
    ENSURE(check_not_expired(next.root_expires(), next.attested, "root"));
    TRY(const SignedFile file, open_signed_file(bytes, file_signatures_max, crypto_));
    ENSURE(check_signatures(file, next.keys(), KeyRole::targets, crypto_, room_.signature));
    TRY(next.targets, read_file_head(file.body, "targets"));
    if (next.targets->version < next.targets_before) return fail(faults::rolled_back, "targets");
    if (next.targets->version == next.targets_before && file.sha256 != state_.targets_digest())
        return fail(faults::same_version_changed, "targets");
    ENSURE(check_not_expired(next.targets->expires, next.attested, "targets"));
    next.targets_digest = file.sha256;
    next.judgement.targets = Judgement::Targets::accepted;
    TRY(next.judgement.image, read_own_target(file.body, who));
    return {};
}

Result<void> PartialVerifier::check_jump(Candidate& next) const {
    if (next.targets && next.targets->version > next.targets_before) next.confirmed = next.attested;
    if (next.attested > next.confirmed + unconfirmed_time_max) return fail(faults::time_jump);
    return {};
}

void PartialVerifier::keep(const Candidate& next) {
    if (next.root) state_.adopt(*next.root);
    if (next.targets)
        state_.trust_targets(next.targets->version, next.targets_digest);
    else if (next.targets_before == 0)
        state_.trust_targets(0, {});
    state_.attest(next.attested, next.confirmed);
}

}  // namespace pitstop::uptane
