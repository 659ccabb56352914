#include "core/package/packing.h"

#include "core/base/collected.h"
#include "core/compress/writers.h"

#include <utility>

namespace pitstop::package {
namespace {

bool is_worth_it(std::size_t packed_bytes, std::size_t image_bytes) {
    return packed_bytes * std::uint64_t{100} <= image_bytes * (100 - saving_percent_min);
}

void keep_smaller(Packed& best, Compression compression, Bytes bytes, std::size_t image_bytes) {
    if (!is_worth_it(bytes.size(), image_bytes)) return;
    if (best.form.is_plain() || bytes.size() < best.payload.size()) best = {{compression}, std::move(bytes)};
}

}  // namespace

Result<Packed> pack(View image, const PackingOptions& options) {
    Packed best;
    if (options.compressing == Compressing::off) return best;
    if (options.openings.gzip) {
        TRY(Bytes bytes, compress::gzip(image));
        keep_smaller(best, Compression::gzip, std::move(bytes), image.size());
    }
    if (options.openings.zstd) {
        TRY(Bytes bytes,
            compress::zstd(image, {.window_bytes = options.openings.window_bytes, .workers = packing_workers}));
        keep_smaller(best, Compression::zstd, std::move(bytes), image.size());
    }
    return best;
}

Result<Packed> seal_packed(const Packed& packed, View image, const seal::Order& order,
                           std::span<const seal::Recipient> recipients, const ForEach& for_each) {
    const View inside = packed.form.is_plain() ? image : View(packed.payload);
    TRY(const auto key, seal::ContentKey::generate());
    Packed made{packed.form, {}};
    made.form.sealing = Sealing::hpke;
    Collected content;
    TRY(auto sealer, seal::Sealer::begin(order, inside.size(), key, content));
    ENSURE(sealer.push(inside));
    ENSURE(sealer.finish());
    TRY(made.payload, seal::wrap(key, sealer.header(), recipients, for_each));
    made.payload.insert(made.payload.end(), content.bytes.begin(), content.bytes.end());
    return made;
}

}  // namespace pitstop::package
