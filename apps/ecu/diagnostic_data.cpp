#include "apps/ecu/diagnostic_data.h"

#include "core/flash/bank_state.h"

namespace pitstop::ecu {
namespace {

std::string running_version(const flash::Slots& slots) {
    const flash::ImageRecord* image = slots.running_image();
    return (image != nullptr ? image->version : Version{}).str();
}

}  // namespace

uds::Nrc read_data(std::uint16_t did, const Identity& identity, const flash::Slots& slots, uds::Reply& out) {
    namespace did_of = uds::did;
    switch (did) {
        case did_of::boot_software: out.put_text(identity.boot_software); break;
        case did_of::part_number: out.put_text(identity.part_number); break;
        case did_of::software_version:
        case did_of::supplier_software_version: out.put_text(running_version(slots)); break;
        case did_of::serial_number: out.put_text(identity.serial_number); break;
        case did_of::vin: out.put_text(identity.vin.view()); break;
        case did_of::hardware_number: out.put_text(identity.hardware_id.view()); break;
        case did_of::system_name: out.put_text(identity.id.str()); break;
        case did_of::bank_state: out.put(to_bytes(slots.bank_state())); break;
        case did_of::resume_state: out.put(to_bytes(slots.resume_state())); break;
        case did_of::image_digest:
            out.put(slots.running_image() != nullptr ? slots.running_image()->sha256 : Sha256Digest{});
            break;
        default: return uds::Nrc::request_out_of_range;
    }
    return uds::Nrc::positive_response;
}

}  // namespace pitstop::ecu
