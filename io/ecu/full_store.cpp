#include "io/ecu/full_store.h"

#include "core/flash/directed.h"
#include "core/uptane/faults.h"
#include "io/files/atomic_file.h"

#include <algorithm>

namespace pitstop::ecu {
namespace {

using io::files::FileMode;

constexpr std::size_t saved_size_bytes_max = std::size_t{64} << 20;  // as FullVerifier's
constexpr std::size_t root_size_bytes_max = 1 << 20;                 // DESIGN §6
constexpr std::chrono::hours clock_difference_max{24};               // of factory and cloud

std::filesystem::path memory_file(std::filesystem::path state) { return state += ".reports"; }

}  // namespace

Result<std::unique_ptr<FullStore>> FullStore::open(const FullTrustSettings& trust, const Vin& vin, JudgedFor ecus,
                                                   Age age, UtcTime now) {
    const auto made = [&](uptane::FullVerifier verifier, ReportMemory memory) {
        return std::unique_ptr<FullStore>(new FullStore(std::move(ecus), trust.state, std::move(verifier), memory));
    };
    TRY(const auto remembered, io::files::read_if_there(memory_file(trust.state), ReportMemory::size_bytes));
    ReportMemory memory;
    if (remembered) {
        TRY(memory, parse_report_memory(*remembered));
    }
    TRY(const auto saved, io::files::read_if_there(trust.state, saved_size_bytes_max));
    if (saved) {
        TRY(auto verifier, uptane::FullVerifier::load(*saved, vin));
        return made(std::move(verifier), memory);
    }
    if (age == Age::in_use) return fail(uptane::faults::broken_state, trust.state.string() + " is not there");
    TRY(const Bytes director, io::files::read_file(trust.director_root, root_size_bytes_max));
    TRY(const Bytes image, io::files::read_file(trust.image_root, root_size_bytes_max));
    TRY(auto verifier, uptane::FullVerifier::from_factory(director, image, vin, now + -clock_difference_max));
    ENSURE(io::files::write_atomically(trust.state, verifier.save(), FileMode::private_));
    return made(std::move(verifier), memory);
}

Result<void> FullStore::remember(const ReportMemory& memory) {
    memory_ = memory;
    return io::files::write_atomically(memory_file(file_), to_bytes(memory), FileMode::private_);
}

flash::TrustStanding FullStore::standing() const {
    return {{},
            verifier_.director_root_version(),
            verifier_.director_targets_version(),
            verifier_.image_root_version(),
            flash::Verification::full};
}

Result<std::optional<flash::ImageRecord>> FullStore::judge(View bundle, std::uint32_t release_counter) {
    std::vector<uptane::VehicleEcu> ecus = ecus_.others;
    if (ecus_.self) {
        ecus.push_back(*ecus_.self);
        ecus.back().release_counter = release_counter;
    }
    TRY(auto targets, verifier_.judge(bundle, ecus));
    ENSURE(io::files::write_atomically(file_, verifier_.save(), FileMode::private_));
    directed_ = std::move(targets);
    if (!ecus_.self) return std::nullopt;
    const auto image = std::ranges::find(directed_, ecus_.self->id, &uptane::TrustedTarget::ecu);
    if (image == directed_.end()) return std::nullopt;
    if (image->length_bytes > UINT32_MAX) return fail(uptane::faults::too_large, "an image");
    return flash::record_of(*image);
}

}  // namespace pitstop::ecu
