// The ECU as a DoIP entity of its own (ISO 13400-2): what io/ethernet's server asks and delivers.
//
// Bring an ECU that outlives it. While the ECU restarts, connections are closed and nobody is answered;
// then it announces itself. ethernet.bad-address, ethernet.listen-failed.
#pragma once

#include "apps/ecu/ecu.h"
#include "io/ethernet/doip_server.h"

#include <memory>

namespace pitstop::ecu {

class EthernetLink final : public io::ethernet::DiagnosticTarget {
public:
    static Result<std::unique_ptr<EthernetLink>> listen(io::Loop& loop, Ecu& ecu, const EthernetSettings& settings);

    [[nodiscard]] std::uint16_t port() const { return server_->port(); }

    [[nodiscard]] doip::PowerMode power_mode() const override {
        return ecu_.answers() ? doip::PowerMode::ready : doip::PowerMode::not_ready;
    }
    doip::Delivery look_up(std::uint16_t target, std::size_t uds_size_bytes) override;
    void on_request(const doip::Diagnostic& request, const std::shared_ptr<io::ethernet::ReplySink>& sink) override;
    void on_closed(const io::ethernet::ReplySink& sink) override { ecu_.on_closed(sink); }

private:
    explicit EthernetLink(Ecu& ecu) : ecu_(ecu) {}

    Ecu& ecu_;
    std::unique_ptr<io::ethernet::DoipServer> server_;
};

}  // namespace pitstop::ecu
