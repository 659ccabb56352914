// core/flash: an ECU that finds anything at all in its flash. Whatever it is, boot() ends in a valid decision.
//
// Input: wishes (bits 0-1: make the CRC of area 0, 1 right; bits 2-3: make their digests right, too), the number of
// operations (at most 15) and the operations, 256 bytes for each record area, and the cells of the banks.
#include "core/crypto/digest.h"
#include "core/flash/faults.h"
#include "core/flash/ram_flash.h"
#include "core/flash/slots.h"
#include "core/package/crc32.h"
#include "fuzz/property.h"

#include <array>

using namespace pitstop;
using fuzz::must;
using fuzz::must_have;

namespace {

constexpr std::string_view our_hardware = "body-controller-2";
constexpr std::size_t area_size = flash::boot_record_size_bytes, crc_at = 252, size_in_image = 0, digest_in_image = 4;
constexpr std::array<std::size_t, 2> image_at{24, 136};  // as boot_records.h tells

flash::Geometry geometry() {
    flash::Geometry geometry;
    geometry.runs = {flash::SectorRun{8, area_size}};
    return geometry;
}

class Ecu {
public:
    Ecu(View areas, View cells, std::uint8_t wishes) {
        std::ranges::copy(areas, flash_.cells().begin());
        std::ranges::copy(cells.first(std::min(cells.size(), flash_.cells().size() - 4 * area_size)),
                          flash_.cells().begin() + 4 * area_size);
        for (std::size_t area = 0; area < 2; ++area) {
            const Room record = flash_.cells().subspan(area * area_size, area_size);
            if ((wishes >> (2 + area) & 1) != 0) mend_digests(record);
            if ((wishes >> area & 1) != 0) store_be(&record[crc_at], package::crc32(record.first(crc_at)));
        }
    }

    void boot() {
        const auto running = must_have(slots_.boot(), "a flash with power boots");
        const flash::BankState state = check_memory();
        must(state.running == running, "what runs is what was decided");
        starts_on_trial_ = state.phase == flash::Phase::trial ? starts_on_trial_ + 1 : 0;
        must(starts_on_trial_ <= flash::boot_attempts_max, "an image on trial starts three times and no more");
        if (!running) return;
        const flash::ImageRecord* image = slots_.running_image();
        must(image != nullptr, "what runs has a record");
        const flash::BankRange& bank = layout_.bank(*running);
        must(image->size_bytes <= bank.size_bytes, "and fits its bank");
        must(crypto::sha256(flash_.cells().subspan(bank.offset, image->size_bytes)) == image->sha256,
             "and is undamaged");
        must(*running == state.committed || state.phase == flash::Phase::trial,
             "an image that is not committed is on trial");
    }

    void operate(std::uint8_t operation) {
        if (operation % 8 != 0) starts_on_trial_ = 0;
        switch (operation % 8) {
            case 0: return boot();
            case 1: return allow(slots_.activate());
            case 2: return allow(slots_.commit());
            case 3: return allow(slots_.roll_back());
            case 4: return stage(operation);
            case 5: return check_again(operation);
            default: return cut_power(operation);
        }
    }

    // Nobody confirms anything any more: an image on trial is given up.
    void come_to_rest() {
        for (int starts = 0; starts <= flash::boot_attempts_max + 1; ++starts) boot();
        const flash::BankState before = slots_.bank_state();
        must(before.phase == flash::Phase::settled || before.phase == flash::Phase::checked,
             "a trial ends after three starts");
        boot();
        must(slots_.bank_state() == before, "and then every start is the same");
    }

private:
    // Refusing is allowed; the flash itself never fails here, nor is a rule of it broken.
    static void allow(const Result<void>& result) {
        if (result) return;
        must(result.error().remedy() != Remedy::stop, "no operation breaks down");
        must(!result.error().is(flash::faults::sets_a_bit), "nothing is programmed before it was erased");
        must(!result.error().is(flash::faults::bad_address), "nothing is touched outside the flash");
    }

    flash::BankState check_memory() {
        const flash::BankState state = slots_.bank_state();
        must(state.release_counter >= release_counter_, "the release counter never falls");
        release_counter_ = state.release_counter;
        return state;
    }

    Result<void> transfer(View image, const flash::ImageRecord& record) {
        ENSURE(slots_.begin(record.size_bytes));
        for (auto step = slots_.erase_step(); !step || *step == flash::Step::more; step = slots_.erase_step())
            if (!step) return fail(step.error());
        ENSURE(slots_.write(image));
        ENSURE(slots_.finish());
        return check(record);
    }

    Result<void> check(const flash::ImageRecord& record) {
        ENSURE(slots_.begin_check(record));
        for (;;) {
            TRY(const flash::Step step, slots_.check_step());
            if (step == flash::Step::done) return {};
        }
    }

    static flash::ImageRecord record_of(View image, std::uint32_t release_counter) {
        flash::ImageRecord record;
        record.size_bytes = static_cast<std::uint32_t>(image.size());
        record.sha256 = crypto::sha256(image);
        record.release_counter = release_counter;
        record.hardware_id = Text<flash::ImageRecord::hardware_id_size_max>(our_hardware);
        return record;
    }

    void stage(std::uint8_t operation) {
        const auto running = slots_.bank_state().running;
        const Bytes before = running ? cells_of(*running) : Bytes{};
        const Bytes image(1 + operation, operation);
        allow(transfer(image, record_of(image, slots_.bank_state().release_counter + (operation >> 3) % 2)));
        if (running) must(cells_of(*running) == before, "the bank that runs is never written");
    }

    void check_again(std::uint8_t operation) {
        const Bytes image(1 + operation, operation);
        allow(check(record_of(image, release_counter_)));
    }

    void cut_power(std::uint8_t operation) {
        flash_.cut_at(1 + (operation >> 5), static_cast<flash::Torn>(operation >> 3 & 3));
        const auto result = (operation & 1) != 0 ? slots_.roll_back() : slots_.activate();
        if (!result) must(result.error().remedy() != Remedy::stop, "a power cut is no defect");
        flash_.power_up();
        boot();
    }

    Bytes cells_of(flash::Bank bank) {
        const Room cells = flash_.cells().subspan(layout_.bank(bank).offset, layout_.bank(bank).size_bytes);
        return Bytes(cells.begin(), cells.end());
    }

    void mend_digests(Room record) {
        for (const flash::Bank bank : {flash::Bank::a, flash::Bank::b}) {
            const Room image = record.subspan(image_at[index_of(bank)], flash::ImageRecord::size_on_wire_bytes);
            const auto size = load_be<std::uint32_t>(&image[size_in_image]);
            if (size > layout_.bank(bank).size_bytes) continue;
            const auto digest = crypto::sha256(flash_.cells().subspan(layout_.bank(bank).offset, size));
            std::ranges::copy(digest, image.begin() + digest_in_image);
        }
    }

    flash::RamFlash flash_{geometry()};
    flash::Layout layout_ = *flash::plan_layout(geometry());
    crypto::Sha256 hasher_;
    flash::Slots slots_{flash_, layout_, hasher_, our_hardware};
    std::uint32_t release_counter_ = 0;
    int starts_on_trial_ = 0;  // in a row
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Script script({data, size});
    const std::uint8_t wishes = script.u8();
    const View operations = script.take(script.u8() % 16);
    const View areas = script.take(2 * area_size);
    Ecu ecu(areas, script.rest(), wishes);
    ecu.boot();
    for (const std::uint8_t operation : operations) ecu.operate(operation);
    ecu.come_to_rest();
    return 0;
}
