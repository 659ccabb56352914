#include "apps/ecu/ethernet_link.h"

#include "io/log/log.h"

namespace pitstop::ecu {
namespace {

constexpr std::uint16_t functional_address = 0xE400;  // every ECU of the vehicle, DESIGN §5

}  // namespace

Result<std::unique_ptr<EthernetLink>> EthernetLink::listen(io::Loop& loop, Ecu& ecu, const EthernetSettings& settings) {
    std::unique_ptr<EthernetLink> link(new EthernetLink(ecu));
    const Identity& identity = ecu.settings().identity;
    io::ethernet::DoipServerSettings server = settings.doip;
    server.host = settings.host;
    server.port = settings.port;
    server.request_bytes_max = ecu.settings().block_size_bytes_max;
    server.identity = doip::Identity::of(identity.vin.view(), identity.id.address());
    TRY(link->server_, io::ethernet::DoipServer::listen(loop, std::move(server), *link));
    ecu.when_restarting([link = link.get()] { link->server_->pause(); },
                        [link = link.get()] { link->server_->resume(); });
    io::log::info("{}: DoIP at {}:{}, address 0x{:04X}", identity.id.str(), settings.host, link->port(),
                  identity.id.address());
    return link;
}

doip::Delivery EthernetLink::look_up(std::uint16_t target, std::size_t uds_size_bytes) {
    if (target != ecu_.settings().identity.id.address() && target != functional_address)
        return doip::Delivery::unknown_target;
    if (uds_size_bytes > ecu_.settings().block_size_bytes_max) return doip::Delivery::message_too_large;
    return ecu_.answers() ? doip::Delivery::accepted : doip::Delivery::target_unreachable;
}

void EthernetLink::on_request(const doip::Diagnostic& request, const std::shared_ptr<io::ethernet::ReplySink>& sink) {
    const bool to_all = request.target == functional_address;
    ecu_.on_request(request.uds, to_all ? uds::Addressing::functional : uds::Addressing::physical, sink);
}

}  // namespace pitstop::ecu
