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
      running_(slots),
      one_bank_(slots.device(), slots.layout(), slots),
      move_journal_(slots.device(), slots.layout()) {}

Result<void> ImageOpening::begin(const Begin& what, ByteSink& bank) {
    opener_.reset();
    if (!openings_.can_open(what.form)) return fail(package::faults::cannot_open, what.form.str());
    // Its digest was read from flash when it was booted.
    const ImageRecord* runs = slots_.running_image();
    const package::OldImagePort old_image{running_, runs == nullptr ? std::nullopt : std::optional(runs->sha256)};
    package::OpenerPorts ports{.hasher = hasher_};
    const package::OneBankPort one_bank{one_bank_, move_journal_};
    if (slots_.layout().has_one_bank())
        ports.one_bank = &one_bank;
    else if (runs != nullptr)
        ports.old_image = &old_image;
    if (key_) {
        ports.key = &key_->opener;
        ports.chunks = &key_->chunks;
        ports.expected = {.image_of = key_->address, .recipient = key_->address, .campaign = {}};
    }
    const package::Wanted wanted{what.image_bytes, openings_.window_bytes, what.from};
    package::Opener& opener = opener_.emplace(what.form, ports, storage_, wanted, bank);
    if (opener.failed()) return fail(*opener.failed());
    return {};
}

}  // namespace pitstop::flash
