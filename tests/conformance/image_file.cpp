#include "tests/conformance/image_file.h"

#include "core/crypto/digest.h"
#include "core/uptane/faults.h"
#include "io/runtime/task.h"
#include "tests/conformance/quoting.h"

#include <format>
#include <fstream>

namespace pitstop::conformance {
namespace {

using uptane::TargetInfo;
namespace faults = uptane::faults;

constexpr std::size_t piece_bytes = 64 * 1024;

// Length and digests of what passes through.
class Seen {
public:
    void take(View piece) {
        sha256_.update(piece);
        sha512_.update(piece);
        length_bytes_ += piece.size();
    }
    Result<void> check(const TargetInfo& promised) {
        const auto sha256 = sha256_.finish();
        const auto sha512 = sha512_.finish();
        if (length_bytes_ != promised.length_bytes)
            return fail(faults::wrong_length,
                        std::format("{} bytes, promised are {}", length_bytes_, promised.length_bytes));
        if (promised.sha256 && sha256 != *promised.sha256) return fail(faults::wrong_hash, "SHA-256 of an image");
        if (promised.sha512 && sha512 != *promised.sha512) return fail(faults::wrong_hash, "SHA-512 of an image");
        return {};
    }

private:
    crypto::Sha256 sha256_;
    crypto::Sha512 sha512_;
    std::uint64_t length_bytes_ = 0;
};

Result<void> fetch_into(Fetcher& repository, const std::vector<std::string>& addresses, const TargetInfo& promised,
                        const std::filesystem::path& file) {
    for (const std::string& address : addresses) {
        std::ofstream out(file, std::ios::binary | std::ios::trunc);
        Seen seen;
        const auto sink = [&](View piece) -> Result<void> {
            seen.take(piece);
            out.write(text_of(piece).data(), static_cast<std::streamsize>(piece.size()));
            if (!out) return fail(io::error_of_errno(errno, file.string()));
            return {};
        };
        TRY(const bool there, repository.download(address, promised.length_bytes, sink));
        out.close();
        if (!there) continue;
        if (!out) return fail(io::error_of_errno(errno, file.string()));
        return seen.check(promised);
    }
    return fail(faults::not_published, addresses.front());
}

}  // namespace

Result<void> fetch_image(Fetcher& repository, const std::vector<std::string>& addresses, const TargetInfo& promised,
                         const std::filesystem::path& file) {
    const std::filesystem::path unfinished = file.parent_path() / ".unfinished";
    std::error_code problem;
    const auto fetched = fetch_into(repository, addresses, promised, unfinished);
    if (fetched) std::filesystem::rename(unfinished, file, problem);
    if (!fetched || problem) std::filesystem::remove(unfinished);
    if (problem) return fail(io::error_of(problem, file.string()));
    return fetched;
}

bool is_there(const TargetInfo& promised, const std::filesystem::path& file) {
    std::error_code problem;
    if (std::filesystem::file_size(file, problem) != promised.length_bytes || problem) return false;
    std::ifstream in(file, std::ios::binary);
    Seen seen;
    Bytes piece(piece_bytes);
    while (in.read(reinterpret_cast<char*>(piece.data()), piece_bytes), in.gcount() > 0)
        seen.take(View(piece).first(static_cast<std::size_t>(in.gcount())));
    return seen.check(promised).has_value();
}

std::string consistent_address(std::string_view name, const TargetInfo& promised) {
    const std::string digest = promised.sha256 ? to_hex(*promised.sha256) : to_hex(*promised.sha512);
    const std::size_t last = name.rfind('/') == std::string_view::npos ? 0 : name.rfind('/') + 1;
    return std::format("/{}{}.{}", quote_path(name.substr(0, last)), digest, quote_path(name.substr(last)));
}

}  // namespace pitstop::conformance
