#include "core/uptane/partial_file.h"

#include "core/base/faults.h"
#include "core/uptane/faults.h"
#include "core/uptane/partial_text.h"

#include <limits>

namespace pitstop::uptane {
namespace {

using json_text::Value;

class DigestSink final : public json_text::Sink {
public:
    DigestSink(crypto::Verifier& crypto, crypto::DigestKind kind) : crypto_(crypto) { crypto_.start(kind); }
    void take(View piece) override { crypto_.update(piece); }

private:
    crypto::Verifier& crypto_;
};

// Twice over the text rather than two digests at once: an engine in hardware has only one.
void digest(const Value& body, crypto::DigestKind kind, crypto::Verifier& crypto, Room into) {
    DigestSink sink(crypto, kind);
    json_text::write_canonical(body, sink);
    crypto.finish(into);
}

}  // namespace

Result<SignedFile> open_signed_file(View file, std::size_t signatures_allowed, crypto::Verifier& crypto) {
    TRY(const Value document, json_text::check(file));
    if (document.kind() != json_text::Kind::object) return fail(pitstop::faults::wrong_type, "a metadata file");
    TRY(const Value body, json_text::object(document, "signed"));
    TRY(const Value signatures, json_text::array(document, "signatures"));
    if (json_text::count(signatures) > signatures_allowed) return fail(faults::too_many_signatures);
    SignedFile opened{body, signatures, {}, {}};
    digest(body, crypto::DigestKind::sha256, crypto, opened.sha256);
    digest(body, crypto::DigestKind::sha512, crypto, opened.sha512);
    return opened;
}

Result<void> check_kind(const Value& body, std::string_view type) {
    TRY(const json_text::String found, json_text::string(body, "_type"));
    if (!found.is(type)) return fail(faults::wrong_role, type);
    TRY(const json_text::String spec_version, json_text::string(body, "spec_version"));
    if (!is_spec_version(spec_version)) return fail(faults::wrong_spec_version, type);
    return {};
}

Result<FileHead> read_file_head(const Value& body, std::string_view type) {
    ENSURE(check_kind(body, type));
    FileHead head;
    TRY(const std::uint64_t version, json_text::number(body, "version", std::numeric_limits<std::uint32_t>::max()));
    if (version == 0) return fail(faults::bad_member, "'version' is 0, the first is 1");
    head.version = static_cast<std::uint32_t>(version);
    TRY(head.expires, read_time_member(body, "expires"));
    return head;
}

Result<UtcTime> read_time_member(const Value& from, std::string_view name) {
    TRY(const json_text::String text, json_text::string(from, name));
    const auto time = read_time(text);
    if (!time) return fail(pitstop::faults::bad_time, name);
    return *time;
}

}  // namespace pitstop::uptane
