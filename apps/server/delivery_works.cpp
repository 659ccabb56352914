#include "apps/server/delivery_works.h"

#include "apps/server/faults.h"
#include "core/crypto/digest.h"
#include "core/delta/apply.h"
#include "core/delta/image_in_memory.h"
#include "core/delta/make.h"
#include "io/runtime/for_each.h"

#include <algorithm>
#include <chrono>
#include <format>

namespace pitstop::server {
namespace {

using Clock = std::chrono::steady_clock;

Result<MadeDelivery> stored(const io::blobs::BlobFolder& payloads, View bytes) {
    TRY(auto writer, payloads.begin(bytes.size()));
    ENSURE(writer.write(bytes));
    TRY(const auto blob, writer.finish(std::nullopt));
    return MadeDelivery{true, blob.digest, blob.size_bytes, {}};
}

// Compares what comes with what should come.
class Expected final : public ByteSink {
public:
    explicit Expected(View bytes) : left_(bytes) {}
    Result<void> push(View piece) override {
        if (piece.size() > left_.size() || !std::ranges::equal(piece, left_.first(piece.size())))
            return fail(faults::delta_does_not_fit);
        left_ = left_.subspan(piece.size());
        return {};
    }
    Result<void> finish() override {
        if (!left_.empty()) return fail(faults::delta_does_not_fit, std::format("{} bytes are missing", left_.size()));
        return {};
    }

private:
    View left_;
};

}  // namespace

Result<void> check_gives_back(View base, View made, View image) {
    TRY(const delta::Header header, delta::decode_header(made));
    Bytes workspace(delta::workspace_bytes(header));
    delta::ImageInMemory old_image(base);
    Expected expected(image);
    crypto::Sha256 hasher;
    delta::Patcher patcher(old_image, workspace, expected, hasher);
    ENSURE(patcher.push(made));
    return patcher.finish();
}

Result<MadeDelivery> make_delivery(const DeliveryJob& job, const PayloadFolders& folders, double saves_at_least,
                                   const ForEach& for_each) {
    TRY(const Bytes image, read_image(folders.packages, job.image));
    if (!job.base) return stored(folders.payloads, image);
    TRY(const Bytes base, read_image(folders.packages, *job.base));
    const auto began = Clock::now();
    const delta::Options options{.window_bytes = job.key.window_bytes, .sector_bytes = job.key.sector_bytes};
    TRY(const Bytes made, delta::make(base, image, options, for_each));
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
    const double share = static_cast<double>(made.size()) / static_cast<double>(image.size());
    if (share > 1.0 - saves_at_least) return MadeDelivery{false, crypto::sha256(made), made.size(), took};
    ENSURE(check_gives_back(base, made, image));
    TRY(MadeDelivery delivery, stored(folders.payloads, made));
    delivery.took = took;
    return delivery;
}

DeliveryWorks::DeliveryWorks(io::Loop& loop, Deliveries& deliveries, PayloadFolders folders,
                             std::function<Result<void>(UtcTime)> on_finished)
    : loop_(loop),
      deliveries_(deliveries),
      folders_(folders),
      on_finished_(std::move(on_finished)),
      asked_(loop),
      pool_(deliveries.settings().jobs_at_once) {}

void DeliveryWorks::start() {
    deliveries_.on_job([this] { asked_.notify(); });
    for (std::size_t i = 0; i < deliveries_.settings().jobs_at_once; ++i) loop_.spawn("deliveries", work());
}

io::Task<void> DeliveryWorks::work() {
    const ForEach for_each =
        io::for_each_on(std::max<std::size_t>(1, io::cores() / deliveries_.settings().jobs_at_once));
    for (;;) {
        const auto job = deliveries_.next_job();
        if (!job) {
            co_await asked_.wait();
            continue;
        }
        const double saves_at_least = deliveries_.settings().saves_at_least;
        const Result<MadeDelivery> made =
            co_await pool_.run([&] { return make_delivery(*job, folders_, saves_at_least, for_each); });
        CO_ENSURE(deliveries_.finished(*job, made, loop_.utc_now()));
        CO_ENSURE(on_finished_(loop_.utc_now()));
    }
}

}  // namespace pitstop::server
