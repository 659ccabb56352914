#include "apps/ecu/partial_store.h"

#include "core/uptane/faults.h"
#include "io/files/atomic_file.h"

namespace pitstop::ecu {
namespace {

constexpr std::size_t root_size_bytes_max = 1 << 20;  // DESIGN §6
// The clocks of factory and cloud need not agree to the hour.
constexpr std::chrono::hours clock_difference_max{24};

}  // namespace

Result<std::unique_ptr<PartialStore>> PartialStore::open(flash::FlashDevice& flash, const flash::Layout& layout,
                                                         const Settings& settings, Age age, UtcTime now) {
    std::unique_ptr<PartialStore> store(new PartialStore(flash, layout, settings.identity));
    ENSURE(store->load(*settings.trust, age, now));
    store->verifier_.emplace(*store->state_, store->crypto_, store->room_);
    return store;
}

Result<void> PartialStore::load(const TrustSettings& trust, Age age, UtcTime now) {
    const Room state = Room(blob_).subspan(ReportMemory::size_bytes);
    TRY(const auto saved, area_.load(blob_));
    if (saved) {
        if (saved->size() < ReportMemory::size_bytes) return fail(uptane::faults::broken_state);
        TRY(memory_, parse_report_memory(saved->first(ReportMemory::size_bytes)));
        TRY(state_, uptane::PartialState::open(state, saved->size() - ReportMemory::size_bytes));
        return {};
    }
    if (age == Age::in_use) return fail(uptane::faults::broken_state, "both trust areas are empty or damaged");
    TRY(const Bytes root, io::files::read_file(trust.director_root, root_size_bytes_max));
    TRY(state_, uptane::PartialVerifier::from_factory(state, root, now + -clock_difference_max, crypto_, room_));
    return save();
}

Result<void> PartialStore::save() {
    std::ranges::copy(to_bytes(memory_), blob_.begin());
    return area_.save(View(blob_).first(ReportMemory::size_bytes + state_->bytes().size()));
}

Result<void> PartialStore::remember(const ReportMemory& memory) {
    memory_ = memory;
    return save();
}

flash::TrustStanding PartialStore::standing() const {
    return {{}, state_->root_version(), state_->targets_version(), 0, flash::Verification::partial};
}

Result<std::optional<flash::ImageRecord>> PartialStore::judge(View bundle, std::uint32_t release_counter) {
    TRY(const uptane::Judgement judgement,
        verifier_->judge(bundle, {identity_.vin, identity_.id, identity_.hardware_id, release_counter}));
    ENSURE(save());
    if (!judgement.image) return std::nullopt;
    const uptane::ApprovedImage& image = *judgement.image;
    return flash::ImageRecord{image.size_bytes, image.sha256, image.version, image.release_counter,
                              Text<flash::ImageRecord::hardware_id_size_max>(image.hardware.view())};
}

}  // namespace pitstop::ecu
