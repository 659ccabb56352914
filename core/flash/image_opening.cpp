#include "core/flash/image_opening.h"

#include "core/package/faults.h"

namespace pitstop::flash {

ImageOpening::ImageOpening(const Openings& openings, Slots& slots, crypto::Hasher& hasher, Room storage,
                           std::optional<Key> key)
    : openings_(openings),
      slots_(slots),
      hasher_(hasher),
      storage_(storage),
      key_(key),
      running_(slots) {}

std::size_t ImageOpening::storage_bytes(const Openings& openings) {
    const std::size_t workspace = package::workspace_bytes(openings);
    return workspace == 0 ? 0 : block_bytes + workspace;
}

Result<void> ImageOpening::begin(const Form& form, std::uint32_t image_bytes, ByteSink& bank) {
    opener_.reset();
    if (!openings_.can_open(form)) return fail(package::faults::cannot_open, form.str());
    if (storage_.size() < block_bytes) return fail(package::faults::cannot_open, "memory");
    // Its digest was read from flash when it was booted.
    const ImageRecord* runs = slots_.running_image();
    const package::OldImagePort old_image{running_, runs == nullptr ? std::nullopt : std::optional(runs->sha256)};
    package::OpenerPorts ports{.hasher = hasher_};
    if (runs != nullptr) ports.old_image = &old_image;
    if (key_) {
        ports.key = &key_->opener;
        ports.chunks = &key_->chunks;
        ports.expected = {.image_of = key_->address, .recipient = key_->address, .campaign = {}};
    }
    package::Opener& opener = opener_.emplace(form, ports, storage_.subspan(block_bytes),
                                              package::Wanted{image_bytes, openings_.window_bytes}, bank);
    if (opener.failed()) return fail(*opener.failed());
    return {};
}

}  // namespace pitstop::flash
