#include "core/uds/return_ticket.h"

#include "core/uds/application.h"

#include <algorithm>
#include <string_view>

namespace pitstop::uds {
namespace {

constexpr std::string_view domain = "pitstop return 1";

}  // namespace

ReturnLink link_after(const ReturnLink& link, const Door& door, crypto::Hasher& hasher) {
    std::array<std::uint8_t, 16 + 2 + 1 + 17 + 32> text{};
    Reply out(text);
    out.put_text(domain);
    out.put_u16(door.address);
    out.put_u8(static_cast<std::uint8_t>(door.vin.view().size()));
    out.put_text(door.vin.view());
    out.put(link);
    hasher.reset();
    hasher.update(out.written());
    return hasher.finish();
}

std::array<std::uint8_t, ReturnTicket::size_bytes> ReturnTicket::bytes() const {
    std::array<std::uint8_t, size_bytes> kept{};
    Reply out(kept);
    out.put(expects);
    out.put_u8(returns_left);
    out.put_u8(roles.bits());
    std::array<std::uint8_t, 8> seconds{};
    store_be(seconds.data(), static_cast<std::uint64_t>(until.seconds));
    out.put(seconds);
    return kept;
}

std::optional<ReturnTicket> ReturnTicket::parse(View bytes) {
    if (bytes.size() != size_bytes) return std::nullopt;
    ReturnTicket read;
    std::ranges::copy(bytes.first(32), read.expects.begin());
    read.returns_left = bytes[32];
    read.roles = crypto::Roles::of_bits(bytes[33]);
    read.until.seconds = static_cast<std::int64_t>(load_be<std::uint64_t>(&bytes[34]));
    if (read.returns_left == 0 || read.returns_left > returns_max || read.roles.empty()) return std::nullopt;
    return read;
}

}  // namespace pitstop::uds
