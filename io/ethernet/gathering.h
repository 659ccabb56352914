// What the ECUs of a group answer to one functional request. Part of DoipClient.
#pragma once

#include "core/uds/exchange.h"
#include "io/ethernet/doip_client.h"

#include <algorithm>
#include <map>
#include <vector>

namespace pitstop::io::ethernet {

class Gathering {
public:
    Gathering(View request, uds::TesterTimings timings) : request_(request), timings_(timings) {}

    void open_until(Tick until) { until_ = until; }

    void on_response(std::uint16_t ecu, View uds, Tick now) {
        if (std::ranges::contains(answers_, ecu, &GroupAnswer::ecu)) return;
        auto& exchange = pending_.try_emplace(ecu, request_, timings_, now).first->second;
        const auto progress = exchange.on_response(uds, now);
        if (std::holds_alternative<uds::Waiting>(progress)) return;
        if (const auto* answered = std::get_if<uds::Answered>(&progress))
            answers_.push_back({ecu, {Bytes(answered->positive.begin(), answered->positive.end())}});
        else if (const auto* refused = std::get_if<uds::Refused>(&progress))
            answers_.push_back({ecu, {{}, refused->nrc}});
        pending_.erase(ecu);
    }

    // The window's end, or later: as long as somebody who asked for time may take.
    [[nodiscard]] Tick deadline() const {
        Tick last = until_;
        for (const auto& [ecu, exchange] : pending_) last = std::max(last, exchange.deadline());
        return last;
    }
    [[nodiscard]] std::vector<GroupAnswer> take() { return std::move(answers_); }

private:
    View request_;
    uds::TesterTimings timings_;
    Tick until_{};
    std::map<std::uint16_t, uds::Exchange> pending_;
    std::vector<GroupAnswer> answers_;
};

}  // namespace pitstop::io::ethernet
