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
    explicit Judge(const uptane::TrustedTarget& target) : target_(target) {}

    Result<void> on_header(const package::Header& header) override {
        if (!header.form.is_plain())
            return fail(faults::unknown_form, target_.name.view());
        if (header.target != target_.ecu) return wrong("it is for another ECU");
        if (header.version != target_.version) return wrong("it has another version");
        if (header.payload_size_bytes != target_.length_bytes) return wrong("it has another size");
        return {};
    }
    Result<void> on_payload(View piece) override {
        sha256_.update(piece);
        sha512_.update(piece);
        return {};
    }
    Result<void> on_end() override {
        if (sha256_.finish() != target_.sha256) return wrong("it has another SHA-256");
        if (sha512_.finish() != target_.sha512) return wrong("it has another SHA-512");
        return {};
    }

private:
    [[nodiscard]] std::unexpected<Error> wrong(std::string_view how) const {
        return fail(faults::wrong_image, std::format("{}: {}", target_.name.view(), how));
    }
    const uptane::TrustedTarget& target_;
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

Result<void> check_record(const std::filesystem::path& file, const uptane::TrustedTarget& target) {
    const io::files::Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened.is_open())
        return fail(io::files::faults::unreadable, std::format("{}: {}", file.string(), std::strerror(errno)));
    Judge judge(target);
    package::Reader reader(judge, {.records_max = 1});
    Bytes piece(piece_size_bytes);
    for (;;) {
        TRY(const std::size_t size, read_piece(opened.get(), piece, file));
        if (size == 0) break;
        ENSURE(reader.push(View(piece).first(size)));
    }
    ENSURE(reader.finish());
    return io::files::sync_file(opened.get(), file);
}

}  // namespace pitstop::gateway
