#include "apps/gateway/record_check.h"

#include "apps/gateway/faults.h"
#include "core/crypto/digest.h"
#include "core/package/reader.h"
#include "io/files/descriptor.h"

#include <format>

namespace pitstop::gateway {
namespace {

constexpr std::size_t piece_size_bytes = 256 * 1024;

class Judge final : public package::RecordSink {
public:
    explicit Judge(const update::Member& member) : member_(member) {}

    Result<void> on_header(const package::Header& header) override {
        if (header.form != member_.form()) return wrong("it is in another form");
        if (header.target != member_.ecu()) return wrong("it is for another ECU");
        if (header.version != member_.target.version) return wrong("it has another version");
        if (header.payload_size_bytes != member_.payload_bytes()) return wrong("it has another size");
        return {};
    }
    Result<void> on_payload(View piece) override {
        size_bytes_ += piece.size();
        sha256_.update(piece);
        if (member_.form().is_plain()) sha512_.update(piece);
        return {};
    }
    Result<void> on_end() override {
        if (size_bytes_ != member_.payload_bytes()) return wrong("it has another size");
        if (sha256_.finish() != member_.payload_sha256()) return wrong("it has another SHA-256");
        if (member_.form().is_plain() && sha512_.finish() != member_.target.sha512)
            return wrong("it has another SHA-512");
        return {};
    }

private:
    [[nodiscard]] std::unexpected<Error> wrong(std::string_view how) const {
        return fail(faults::wrong_image, std::format("{}: {}", member_.target.name.view(), how));
    }
    const update::Member& member_;
    std::uint64_t size_bytes_ = 0;
    crypto::Sha256 sha256_;
    crypto::Sha512 sha512_;
};

}  // namespace

Result<void> check_stored(const std::filesystem::path& file, const update::Member& member) {
    TRY(const auto opened, io::files::open_regular(file));
    Judge judge(member);
    package::Reader reader(judge, {.records_max = 1});
    const bool is_record = member.source == update::Source::package;
    Bytes piece(piece_size_bytes);
    for (;;) {
        TRY(const std::size_t size, io::files::read_some(opened.get(), piece, file));
        if (size == 0) break;
        const View read = View(piece).first(size);
        ENSURE(is_record ? reader.push(read) : judge.on_payload(read));
    }
    ENSURE(is_record ? reader.finish() : judge.on_end());
    return io::files::sync_file(opened.get(), file);
}

}  // namespace pitstop::gateway
