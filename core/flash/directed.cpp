#include "core/flash/directed.h"

namespace pitstop::flash {

ImageRecord record_of(const uptane::TrustedTarget& target) {
    return {.size_bytes = static_cast<std::uint32_t>(target.length_bytes),
            .sha256 = target.sha256,
            .version = target.version,
            .release_counter = target.release_counter,
            .hardware_id = Text<ImageRecord::hardware_id_size_max>(target.hardware.view())};
}

Form form_of(const uptane::TrustedTarget& target) { return target.delivery ? target.delivery->form : Form{}; }

StoredBytes payload_of(const uptane::TrustedTarget& target) {
    if (target.delivery) return {target.delivery->sha256, static_cast<std::uint32_t>(target.delivery->length_bytes)};
    return {target.sha256, static_cast<std::uint32_t>(target.length_bytes)};
}

bool directs(const uptane::TrustedTarget& target, const ZoneOrder& order) {
    return target.ecu == order.ecu && record_of(target) == order.image && form_of(target) == order.form &&
           payload_of(target) == order.payload;
}

}  // namespace pitstop::flash
