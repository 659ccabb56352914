// core/flash: what a transfer that was cut is believed to have left: the resume state (DID F1A5) as a tester reads it,
// and the journal as an ECU finds it in its flash, also with the checksums of its slots made right.
#include "core/flash/ram_flash.h"
#include "core/flash/resume.h"
#include "core/flash/transfer_journal.h"
#include "core/package/crc32.h"
#include "fuzz/property.h"

using namespace pitstop;
using flash::TransferJournal;
using fuzz::must;
using fuzz::must_have;

namespace {

constexpr std::uint32_t slot_bytes = TransferJournal::slot_bytes_min;
constexpr std::size_t crc_at = slot_bytes - 4;
constexpr std::uint32_t room_bytes = 16 * slot_bytes;
constexpr TransferJournal::Room room{0, room_bytes};

// Slots are written one after the other: behind the first blank one there is nothing.
flash::RamFlash flash_that_holds(View cells) {
    flash::Geometry geometry;
    geometry.runs = {flash::SectorRun{1, room_bytes}};
    geometry.program_unit_bytes = 8;
    flash::RamFlash flash(geometry);
    for (std::size_t at = 0; at < std::min<std::size_t>(cells.size(), room_bytes); at += slot_bytes) {
        const View slot = cells.subspan(at, std::min<std::size_t>(slot_bytes, cells.size() - at));
        if (std::ranges::all_of(slot, [](std::uint8_t cell) { return cell == 0xFF; })) break;
        std::ranges::copy(slot, flash.cells().begin() + static_cast<std::ptrdiff_t>(at));
    }
    return flash;
}

Bytes with_right_checksums(View cells) {
    Bytes mended(cells.begin(), cells.end());
    for (std::size_t at = 0; at + slot_bytes <= mended.size(); at += slot_bytes)
        store_be(&mended[at + crc_at], package::crc32(View(mended).subspan(at, crc_at)));
    return mended;
}

void check_waypoints(TransferJournal& journal, std::uint32_t limit) {
    for (const auto member : {&package::Waypoint::image_offset, &package::Waypoint::inner_offset}) {
        const auto last = must_have(journal.last_before(member, limit), "waypoints can be read");
        must(!last || *last.*member <= limit, "no waypoint is behind its limit");
    }
}

// What it holds already must not hinder what is noted now; and what is noted must be there at the next start.
void go_on_with(flash::RamFlash& flash, TransferJournal& journal) {
    const TransferJournal::Head head{{0x00, {7}}, 4096};
    if (journal.can_begin()) {
        must_have(journal.begin(head), "there is room to begin");
        must(journal.head() == head, "what begins is under way");
        must_have(journal.note({0, 1024, 1024, 1024}), "the first waypoint has a place");
        TransferJournal again(flash);
        must_have(again.open(room), "it can be read again");
        must(again.head() == head, "a start finds what began");
        must(must_have(again.last_before(&package::Waypoint::image_offset, 4096), "so").has_value(),
             "and its waypoint");
    }
    if (!journal.can_end()) return;
    must_have(journal.end(), "there is room to end");
    TransferJournal again(flash);
    must_have(again.open(room), "it can be read again");
    must(!again.head(), "what ended does not go on");
}

void check_journal(View cells, std::uint32_t limit) {
    flash::RamFlash flash = flash_that_holds(cells);
    TransferJournal journal(flash), twin(flash);
    must_have(journal.open(room), "any content can be read");
    must_have(twin.open(room), "and again");
    must(journal.head() == twin.head(), "with the same outcome");
    check_waypoints(journal, limit);
    go_on_with(flash, journal);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const View input(data, size);
    const auto state = flash::parse_resume_state(input);
    fuzz::must_repeat(state, flash::parse_resume_state(input));
    if (state) {
        must(std::ranges::equal(flash::to_bytes(*state), input), "a resume state has one form");
        must(state->point.payload_offset >= state->point.again_bytes, "it goes on behind what comes again");
    }
    const std::uint32_t limit = size < 4 ? 0 : load_be<std::uint32_t>(data + size - 4);
    check_journal(input, limit);
    check_journal(with_right_checksums(input), limit);
    return 0;
}
