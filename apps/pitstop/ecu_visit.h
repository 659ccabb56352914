// A tester's visit at one ECU over DoIP: it connects, opens a session and proves who it is where the command line says
// so, asks, and leaves the ECU in the default session.
//
// Bring the options as the command line filled them in. An ECU that is busy is asked again for some seconds: the
// gateway may be talking to it. Faults: base.bad-ecu-id, those of io/keys/credential.h, uds.no-way-in,
// uds.refused with the code in clear text, and those of DoipClient.
#pragma once

#include "apps/pitstop/commands.h"
#include "core/base/ids.h"
#include "core/uds/services.h"
#include "io/ethernet/doip_client.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace pitstop::cli {

struct VisitOptions {
    io::ethernet::DoipPeer peer;
    std::string ecu;
    std::filesystem::path credential;  // empty: nothing is shown
    bool json = false;
};
[[nodiscard]] VisitOptions visit_options();

// --host, --port, --tls-…, --ecu, --credential, --json. `options` lives until the command has run.
void add_visit_options(CLI::App& command, VisitOptions& options);

class EcuVisit {
public:
    EcuVisit(io::Loop& loop, const VisitOptions& options, EcuId ecu);

    // `session`: nothing is the default one, or with a credential the extended one, for a proof needs one.
    [[nodiscard]] io::Task<void> begin(std::optional<uds::Session> session = {});
    [[nodiscard]] io::Task<uds::Answer> ask(Bytes request);  // a refusal is an answer
    [[nodiscard]] io::Task<Bytes> order(Bytes request);      // the positive answer
    [[nodiscard]] io::Task<void> stay(std::chrono::seconds time);
    void on_restart() { in_session_ = false; }  // of the ECU: nothing is left to end
    [[nodiscard]] io::Task<void> end();

private:
    [[nodiscard]] io::Task<void> show_credential();

    io::Loop& loop_;
    const VisitOptions& options_;
    EcuId ecu_;
    io::ethernet::DoipClient link_;
    bool in_session_ = false;
};

// One visit from begin() to end(), whatever `work` comes to.
[[nodiscard]] Result<void> visit(const VisitOptions& options, std::optional<uds::Session> session,
                                 const std::function<io::Task<void>(EcuVisit&, EcuId)>& work);

}  // namespace pitstop::cli
