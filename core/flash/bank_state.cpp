#include "core/flash/bank_state.h"

#include "core/flash/faults.h"

#include <algorithm>

namespace pitstop::flash {
namespace {

constexpr std::uint8_t boot_loader = 0xFF;
constexpr std::size_t digest_at = 9;

}  // namespace

std::array<std::uint8_t, bank_state_size_bytes> to_bytes(const BankState& state) {
    std::array<std::uint8_t, bank_state_size_bytes> bytes{};
    bytes[0] = state.running ? static_cast<std::uint8_t>(*state.running) : boot_loader;
    bytes[1] = static_cast<std::uint8_t>(state.committed);
    bytes[2] = static_cast<std::uint8_t>(state.phase);
    bytes[3] = state.attempts;
    bytes[4] = static_cast<std::uint8_t>(state.last_change);
    store_be(bytes.data() + 5, state.release_counter);
    std::ranges::copy(state.new_image, bytes.begin() + digest_at);
    return bytes;
}

Result<BankState> parse_bank_state(View bytes) {
    if (bytes.size() != bank_state_size_bytes) return fail(faults::bad_record, "a bank state has 41 bytes");
    const bool in_range = (bytes[0] <= 1 || bytes[0] == boot_loader) && bytes[1] <= 1 &&
                          bytes[2] <= static_cast<std::uint8_t>(Phase::returning) &&
                          bytes[4] <= static_cast<std::uint8_t>(LastChange::rolled_back_on_request);
    if (!in_range) return fail(faults::bad_record, "a bank state with a value that has no meaning");
    BankState state;
    if (bytes[0] != boot_loader) state.running = static_cast<Bank>(bytes[0]);
    state.committed = static_cast<Bank>(bytes[1]);
    state.phase = static_cast<Phase>(bytes[2]);
    state.attempts = bytes[3];
    state.last_change = static_cast<LastChange>(bytes[4]);
    state.release_counter = load_be<std::uint32_t>(bytes.data() + 5);
    std::ranges::copy(bytes.subspan(digest_at), state.new_image.begin());
    return state;
}

}  // namespace pitstop::flash
