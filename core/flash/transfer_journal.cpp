#include "core/flash/transfer_journal.h"

#include "core/package/crc32.h"

#include <algorithm>

namespace pitstop::flash {
namespace {

constexpr std::uint32_t magic = 0x50544A31;  // "PTJ1"
constexpr std::size_t kind_at = 4, format_at = 5, size_at = 8, name_at = 12, waypoint_at = 8, crc_at = 60;

package::Waypoint waypoint_in(View slot) {
    const std::uint8_t* const at = &slot[waypoint_at];
    return {load_be<std::uint32_t>(at), load_be<std::uint32_t>(at + 4), load_be<std::uint32_t>(at + 8),
            load_be<std::uint32_t>(at + 12)};
}

TransferJournal::Head head_in(View slot) {
    TransferJournal::Head head{{slot[format_at], {}}, load_be<std::uint32_t>(&slot[size_at])};
    std::ranges::copy(slot.subspan(name_at, head.transfer.name.size()), head.transfer.name.begin());
    return head;
}

bool is_blank(View cells) {
    return std::ranges::all_of(cells, [](std::uint8_t cell) { return cell == 0xFF; });
}

}  // namespace

std::uint32_t TransferJournal::slot_bytes() const {
    return std::max(slot_bytes_min, device_.geometry().program_unit_bytes);
}

Result<std::optional<TransferJournal::Kind>> TransferJournal::read(std::uint32_t at, Slot& slot) {
    ENSURE(device_.read(room_.offset + at, pitstop::Room(slot).first(slot_bytes())));
    const bool is_whole = load_be<std::uint32_t>(slot.data()) == magic && slot[kind_at] >= 1 && slot[kind_at] <= 3 &&
                          load_be<std::uint32_t>(&slot[crc_at]) == package::crc32(View(slot).first(crc_at));
    return is_whole ? std::optional(static_cast<Kind>(slot[kind_at])) : std::nullopt;
}

Result<void> TransferJournal::open(const Room& room) {
    room_ = room;
    next_ = 0;
    head_.reset();
    Slot slot{};
    while (free_slots() > 0) {
        TRY(const auto kind, read(next_, slot));
        if (!kind && is_blank(View(slot).first(slot_bytes()))) break;
        if (kind == Kind::end) head_.reset();
        if (kind == Kind::head) {
            head_ = head_in(slot);
            head_at_ = next_;
            note_from_ = 0;
        }
        next_ += slot_bytes();
        if (kind == Kind::head) set_spacing();
        if (kind == Kind::waypoint && head_)
            note_from_ = std::max(note_from_, waypoint_in(slot).image_offset + spacing_bytes_);
    }
    return {};
}

// As many waypoints as there is room for, from the image's beginning to its end; one slot stays for the end.
void TransferJournal::set_spacing() {
    const std::uint32_t waypoints = free_slots() > 1 ? free_slots() - 1 : 1;
    spacing_bytes_ = head_->image_bytes / waypoints;
}

Result<void> TransferJournal::add(Kind kind, Slot& slot) {
    store_be(slot.data(), magic);
    slot[kind_at] = static_cast<std::uint8_t>(kind);
    store_be(&slot[crc_at], package::crc32(View(slot).first(crc_at)));
    const std::uint32_t at = room_.offset + next_;
    next_ += slot_bytes();
    return device_.program(at, View(slot).first(slot_bytes()));
}

Result<void> TransferJournal::begin(const Head& head) {
    if (!can_begin()) return {};
    Slot slot{};
    slot[format_at] = head.transfer.data_format;
    store_be(&slot[size_at], head.image_bytes);
    std::ranges::copy(head.transfer.name, slot.begin() + name_at);
    const std::uint32_t at = next_;
    ENSURE(add(Kind::head, slot));
    head_ = head;
    head_at_ = at;
    note_from_ = 0;
    set_spacing();
    return {};
}

Result<void> TransferJournal::note(const package::Waypoint& waypoint) {
    if (!head_ || free_slots() < 2 || waypoint.image_offset < note_from_) return {};
    note_from_ = waypoint.image_offset + std::max<std::uint32_t>(spacing_bytes_, 1);
    Slot slot{};
    store_be(&slot[waypoint_at], waypoint.again_bytes);
    store_be(&slot[waypoint_at + 4], waypoint.payload_offset);
    store_be(&slot[waypoint_at + 8], waypoint.image_offset);
    store_be(&slot[waypoint_at + 12], waypoint.inner_offset);
    return add(Kind::waypoint, slot);
}

Result<void> TransferJournal::end() {
    Slot slot{};
    ENSURE(add(Kind::end, slot));
    head_.reset();
    return {};
}

Result<std::optional<package::Waypoint>> TransferJournal::last_before(std::uint32_t package::Waypoint::* member,
                                                                      std::uint32_t limit) {
    std::optional<package::Waypoint> last;
    Slot slot{};
    for (std::uint32_t at = head_at_; at < next_; at += slot_bytes()) {
        TRY(const auto kind, read(at, slot));
        if (kind == Kind::waypoint && waypoint_in(slot).*member <= limit) last = waypoint_in(slot);
    }
    return last;
}

}  // namespace pitstop::flash
