#include "core/package/images_check.h"

#include "core/package/faults.h"

#include <algorithm>
#include <format>

namespace pitstop::package {

bool opens_without_key(const Form& form) { return form.sealing == Sealing::none && form.encoding == Encoding::full; }

ImagesCheck::ImagesCheck(const CampaignMetadata& metadata, ImageReceiver* receiver)
    : metadata_(metadata),
      receiver_(receiver) {}

Result<void> ImagesCheck::on_header(const Header& header) {
    const auto entry = std::ranges::find(metadata_.records, header.target, &RecordEntry::ecu);
    if (entry == metadata_.records.end()) return fail(faults::differs_from_metadata, header.target.str());
    current_ = &*entry;
    opener_.reset();
    closed_.reset();
    const bool opens = opens_without_key(header.form);
    if (receiver_ != nullptr) ENSURE(receiver_->on_image(*current_, opens ? Opened::yes : Opened::as_it_is));
    if (!opens) closed_.emplace(*current_, metadata_.campaign);
    if (!opens || header.form.is_plain()) return {};
    workspace_.resize(std::max(workspace_.size(), workspace_bytes(header.form, compress::zstd_window_bytes_max)));
    ByteSink& images = *this;
    opener_ = std::make_unique<Opener>(header.form, OpenerPorts{.hasher = hasher_}, workspace_,
                                       Wanted{header.uncompressed_size_bytes, compress::zstd_window_bytes_max}, images);
    return {};
}

Result<void> ImagesCheck::on_payload(View piece) {
    if (closed_) ENSURE(closed_->push(piece));
    return opener_ ? opener_->push(piece) : push(piece);
}

Result<void> ImagesCheck::on_end() {
    if (closed_) ENSURE(closed_->finish());
    if (opener_) ENSURE(opener_->finish());
    if (opens_without_key(current_->form)) {
        // A plain image's SHA-256 is its payload's, which the check before has compared.
        const bool same = (!opener_ || sha256_.finish() == current_->sha256) && sha512_.finish() == current_->sha512;
        if (!same)
            return fail(faults::differs_from_metadata, std::format("{}: digest of its image", current_->ecu.str()));
        ++opened_;
    }
    opener_.reset();
    return receiver_ == nullptr ? Result<void>{} : receiver_->on_image_end();
}

Result<void> ImagesCheck::push(View piece) {
    if (opens_without_key(current_->form)) {
        if (opener_) sha256_.update(piece);
        sha512_.update(piece);
    }
    return receiver_ == nullptr ? Result<void>{} : receiver_->on_image_bytes(piece);
}

Result<void> ImagesCheck::finish() { return {}; }

}  // namespace pitstop::package
