#include "apps/gateway/packages.h"

#include "apps/gateway/faults.h"
#include "apps/gateway/record_check.h"
#include "core/crypto/digest.h"
#include "core/update/plan.h"
#include "io/files/descriptor.h"
#include "io/log/log.h"

#include <fcntl.h>
#include <cerrno>
#include <cstring>
#include <format>

namespace pitstop::gateway {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view directory_name = "campaign_metadata.json";

Result<io::files::Descriptor> open_to_append(const fs::path& path) {
    io::files::Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!file.is_open()) return fail(faults::cannot_store, std::format("{}: {}", path.string(), std::strerror(errno)));
    return file;
}

// "/packages/OTA-1/" of "/packages/OTA-1/full_package.bin": where the rest of the campaign's files lie.
std::string folder_of(const update::Package& package) { return package.path.substr(0, package.path.rfind('/') + 1); }

// Puts the bytes of a range of the package into the files of the records that they belong to.
class RecordWriter {
public:
    RecordWriter(const Packages& packages, const Packages::Order& order, std::uint64_t first_byte,
                 std::uint64_t size_bytes)
        : packages_(packages),
          order_(order),
          at_(first_byte),
          end_(first_byte + size_bytes) {}

    [[nodiscard]] bool complete() const { return at_ == end_; }
    [[nodiscard]] std::uint64_t left_bytes() const { return end_ - at_; }

    Result<void> write(View piece) {
        piece = piece.first(std::min<std::uint64_t>(piece.size(), left_bytes()));
        while (!piece.empty()) {
            TRY(const update::Member* member, member_here());
            const std::uint64_t here = std::min<std::uint64_t>(piece.size(), end_of(*member) - at_);
            ENSURE(io::files::write_all(file_.get(), piece.first(here), packages_.file_of(order_.campaign, *member)));
            at_ += here;
            piece = piece.subspan(here);
            if (at_ == end_of(*member) && order_.on_complete) order_.on_complete(*member);
        }
        return {};
    }

private:
    static std::uint64_t end_of(const update::Member& member) { return member.offset_bytes + member.stored_size_bytes; }

    Result<const update::Member*> member_here() {
        if (member_ && at_ < end_of(*member_)) return member_;
        for (const update::Member& member : order_.members)
            if (member.source == update::Source::package && at_ >= member.offset_bytes && at_ < end_of(member))
                member_ = &member;
        TRY(file_, open_to_append(packages_.file_of(order_.campaign, *member_)));
        return member_;
    }

    const Packages& packages_;
    const Packages::Order& order_;
    std::uint64_t at_, end_;
    const update::Member* member_ = nullptr;  // whose file is open
    io::files::Descriptor file_;
};

}  // namespace

// By the payload too: what is directed may change while a job goes on.
fs::path Packages::file_of(const CampaignId& campaign, const update::Member& member) const {
    const bool is_record = member.source == update::Source::package;
    return folder_ / campaign.view() /
           std::format("{}-{:.16}.{}", member.ecu().str(), to_hex(member.payload_sha256()),
                       is_record ? "swpg" : "payload");
}

void Packages::drop(const CampaignId& campaign) {
    std::error_code problem;
    fs::remove_all(folder_ / campaign.view(), problem);
    if (problem) io::log::warning("{} is not deleted: {}", (folder_ / campaign.view()).string(), problem.message());
}

io::Task<package::CampaignMetadata> Packages::directory(update::Package package) {
    const std::string path = folder_of(package) + std::string(directory_name);
    CO_TRY(io::http::Answer answer, co_await server_.get(path, {}, package::metadata_size_bytes_max));
    CO_TRY(answer, io::http::accepted(std::move(answer)));
    const View file = view_of(answer.body);
    if (crypto::sha256(file) != package.metadata_sha256) co_return fail(faults::metadata_changed, path);
    co_return package::from_json(file);
}

Result<std::map<EcuId, std::uint64_t>> Packages::stored(const Order& order) const {
    std::map<EcuId, std::uint64_t> sizes;
    for (const update::Member& member : order.members) {
        const fs::path path = file_of(order.campaign, member);
        std::error_code problem;
        fs::create_directories(path.parent_path(), problem);
        if (problem)
            return fail(faults::cannot_store, std::format("{}: {}", path.parent_path().string(), problem.message()));
        const std::uintmax_t size = fs::file_size(path, problem);
        if (problem) continue;  // not begun
        if (size > member.stored_size_bytes)
            fs::remove(path, problem);
        else
            sizes[member.ecu()] = size;
    }
    return sizes;
}

io::Task<void> Packages::fetch_range(const Order& order, std::uint64_t first_byte, std::uint64_t size_bytes,
                                     std::uint64_t stored_before) {
    RecordWriter writer(*this, order, first_byte, size_bytes);
    const auto sink = [&](View piece) -> Result<void> {
        if (order.given_up()) return fail(faults::work_stopped, order.campaign.view());
        ENSURE(writer.write(piece));
        order.on_stored_bytes(stored_before + size_bytes - writer.left_bytes());
        // More of the package follows that this vehicle does not need: an error is how a sink says enough.
        if (writer.complete() && first_byte + size_bytes < order.package.size_bytes) return fail(faults::work_stopped);
        return {};
    };
    const auto received = co_await server_.download({.path = order.package.path,
                                                     .first_byte = first_byte,
                                                     .size_bytes_max = order.package.size_bytes,
                                                     .etag = {},
                                                     .headers = {}},
                                                    sink);
    if (writer.complete()) co_return Result<void>{};
    if (!received) co_return fail(received.error());
    co_return fail(faults::package_too_short, std::format("{} bytes are missing", writer.left_bytes()));
}

io::Task<void> Packages::fetch_payload(const Order& order, const update::Member& member, std::uint64_t first_byte,
                                       std::uint64_t stored_before) {
    const fs::path path = file_of(order.campaign, member);
    CO_TRY(const io::files::Descriptor file, open_to_append(path));
    std::uint64_t at = first_byte;
    const auto sink = [&](View piece) -> Result<void> {
        if (order.given_up()) return fail(faults::work_stopped, order.campaign.view());
        if (piece.size() > member.stored_size_bytes - at) return fail(faults::wrong_image, member.target.name.view());
        ENSURE(io::files::write_all(file.get(), piece, path));
        at += piece.size();
        order.on_stored_bytes(stored_before + at - first_byte);
        return {};
    };
    CO_TRY(const std::uint64_t received,
           co_await server_.download({.path = folder_of(order.package) + "payloads/" + to_hex(member.payload_sha256()),
                                      .first_byte = first_byte,
                                      .size_bytes_max = member.stored_size_bytes,
                                      .etag = {},
                                      .headers = {}},
                                     sink));
    if (at < member.stored_size_bytes)
        co_return fail(faults::package_too_short,
                       std::format("{} bytes came, {} are missing", received, member.stored_size_bytes - at));
    co_return Result<void>{};
}

io::Task<void> Packages::check(const Order& order) {
    for (const update::Member& member : order.members) {
        const fs::path file = file_of(order.campaign, member);
        const Result<void> checked = co_await pool_.run([&] { return check_stored(file, member); });
        if (checked) continue;
        std::error_code ignored;
        fs::remove(file, ignored);  // nothing of it may be continued
        co_return fail(checked.error());
    }
    co_return Result<void>{};
}

io::Task<void> Packages::fetch(Order order) {
    CO_TRY(const auto sizes, stored(order));
    std::uint64_t stored_bytes = 0, needed_bytes = 0;
    for (const auto& [ecu, size] : sizes) stored_bytes += size;
    for (const update::Member& member : order.members) needed_bytes += member.stored_size_bytes;
    io::log::info("{} bytes are needed, {} of them are stored", needed_bytes, stored_bytes);
    for (const update::Member& member : order.members) {
        const auto found = sizes.find(member.ecu());
        const bool is_here = found != sizes.end() && found->second == member.stored_size_bytes;
        if (is_here && order.on_complete) order.on_complete(member);
    }
    for (const update::Range& range : update::plan_ranges(order.members, sizes)) {
        CO_ENSURE(co_await fetch_range(order, range.first_byte, range.size_bytes, stored_bytes));
        stored_bytes += range.size_bytes;
    }
    for (const update::Member& member : order.members) {
        const auto found = sizes.find(member.ecu());
        const std::uint64_t first_byte = found == sizes.end() ? 0 : found->second;
        if (member.source != update::Source::payload || first_byte == member.stored_size_bytes) continue;
        CO_ENSURE(co_await fetch_payload(order, member, first_byte, stored_bytes));
        stored_bytes += member.stored_size_bytes - first_byte;
        if (order.on_complete) order.on_complete(member);
    }
    co_return co_await check(order);
}

}  // namespace pitstop::gateway
