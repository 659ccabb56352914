#include "core/uds/authentication_text.h"

#include "core/uds/application.h"

#include <string_view>

namespace pitstop::uds {
namespace {

constexpr std::string_view domain = "pitstop access 1";

void put_short(Reply& out, View field) {
    out.put_u8(static_cast<std::uint8_t>(field.size()));
    out.put(field);
}

}  // namespace

ProofText::ProofText(ProofPurpose purpose, std::uint8_t level, const Door& door, View ecu_challenge,
                     View tester_challenge) {
    Reply out(bytes_);
    out.put_text(domain);
    out.put_u8(static_cast<std::uint8_t>(purpose));
    out.put_u8(level);
    out.put_u16(door.address);
    put_short(out, view_of(door.vin.view()));
    put_short(out, ecu_challenge.first(std::min(ecu_challenge.size(), challenge_bytes_max)));
    put_short(out, tester_challenge.first(std::min(tester_challenge.size(), challenge_bytes_max)));
    size_ = out.size();
}

}  // namespace pitstop::uds
