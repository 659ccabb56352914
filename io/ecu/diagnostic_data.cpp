#include "io/ecu/diagnostic_data.h"

#include "core/flash/bank_state.h"
#include "io/log/log.h"

namespace pitstop::ecu {
namespace {

std::string running_version(const flash::Slots& slots) {
    const flash::ImageRecord* image = slots.running_image();
    return (image != nullptr ? image->version : Version{}).str();
}

// The number at its end: "infotainment-4" is the fourth. Empty when it has none.
std::string_view hardware_version(std::string_view hardware_id) {
    const std::size_t last_letter = hardware_id.find_last_not_of("0123456789");
    return last_letter == std::string_view::npos ? hardware_id : hardware_id.substr(last_letter + 1);
}

uds::Nrc read_version_report(const Identity& identity, OwnTrust* trust, uds::Reply& out) {
    if (trust == nullptr || !trust->has_keys()) return uds::Nrc::request_out_of_range;
    const auto report = trust->version_report();
    if (!report) {
        io::log::problem(report.error(), identity.id.str() + ": version report");
        return uds::Nrc::conditions_not_correct;
    }
    out.put(*report);
    return uds::Nrc::positive_response;
}

}  // namespace

uds::Nrc read_data(std::uint16_t did, const ImageSettings& settings, const flash::Slots& slots, OwnTrust* trust,
                   uds::Reply& out) {
    namespace did_of = uds::did;
    const Identity& identity = settings.identity;
    switch (did) {
        case did_of::boot_software: out.put_text(identity.boot_software); break;
        case did_of::part_number:
        case did_of::software_number: out.put_text(identity.part_number); break;
        case did_of::software_version:
        case did_of::supplier_software_version: out.put_text(running_version(slots)); break;
        case did_of::serial_number: out.put_text(identity.serial_number); break;
        case did_of::vin: out.put_text(identity.vin.view()); break;
        case did_of::hardware_number: out.put_text(identity.hardware_id.view()); break;
        case did_of::hardware_version: out.put_text(hardware_version(identity.hardware_id.view())); break;
        case did_of::system_name: out.put_text(identity.id.str()); break;
        case did_of::rxswin:
            if (identity.rxswin.empty()) return uds::Nrc::request_out_of_range;
            out.put_text(identity.rxswin);
            break;
        case did_of::bank_state: out.put(to_bytes(slots.bank_state())); break;
        case did_of::resume_state: out.put(to_bytes(slots.resume_state())); break;
        case did_of::image_digest:
            out.put(slots.running_image() != nullptr ? slots.running_image()->sha256 : Sha256Digest{});
            break;
        case did_of::openings: out.put_text(settings.opening.opens.words().view()); break;
        case did_of::version_report: return read_version_report(identity, trust, out);
        default: return uds::Nrc::request_out_of_range;
    }
    return uds::Nrc::positive_response;
}

}  // namespace pitstop::ecu
