#include "apps/gateway/record_check.h"

#include "apps/gateway/faults.h"
#include "core/crypto/digest.h"
#include "core/package/reader.h"
#include "io/files/descriptor.h"
#include "io/files/faults.h"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
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

Result<std::size_t> read_piece(int file, Room into, const std::filesystem::path& named) {
    for (;;) {
        const ssize_t size = ::read(file, into.data(), into.size());
        if (size >= 0) return static_cast<std::size_t>(size);
        if (errno != EINTR)
            return fail(io::files::faults::unreadable, std::format("{}: {}", named.string(), std::strerror(errno)));
    }
}

}  // namespace

Result<void> check_stored(const std::filesystem::path& file, const update::Member& member) {
    const io::files::Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened.is_open())
        return fail(io::files::faults::unreadable, std::format("{}: {}", file.string(), std::strerror(errno)));
    Judge judge(member);
    package::Reader reader(judge, {.records_max = 1});
    const bool is_record = member.source == update::Source::package;
    Bytes piece(piece_size_bytes);
    for (;;) {
        TRY(const std::size_t size, read_piece(opened.get(), piece, file));
        if (size == 0) break;
        const View read = View(piece).first(size);
        ENSURE(is_record ? reader.push(read) : judge.on_payload(read));
    }
    ENSURE(is_record ? reader.finish() : judge.on_end());
    return io::files::sync_file(opened.get(), file);
}

}  // namespace pitstop::gateway
