#include "core/update/decide.h"

#include "core/update/machine.h"

namespace pitstop::update {

std::string_view to_string(Work work) {
    switch (work) {
        case Work::trust: return "trust";
        case Work::download: return "download";
        case Work::stage: return "stage";
        case Work::activate: return "activate";
        case Work::confirm: return "confirm";
        case Work::undo: return "undo";
        case Work::read_inventory: return "read inventory";
    }
    return "";
}

Decision decide(const State& state, const Event& event, const Rules& rules, UtcTime now) {
    Machine machine(state, rules, now);
    std::visit([&machine](const auto& what) { machine.on(what); }, event);
    return std::move(machine).take();
}

}  // namespace pitstop::update
