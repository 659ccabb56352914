// Asking the driver, until the head unit does: the offer is written to `offer.json` in the state folder, and whoever
// shows it writes the answer into the file `answer` beside it: "accept", "decline", or "later 600" (seconds).
#pragma once

#include "core/update/decide.h"

#include <filesystem>
#include <optional>

namespace pitstop::gateway {

class ConsentDesk {
public:
    explicit ConsentDesk(std::filesystem::path folder) : folder_(std::move(folder)) {}

    void ask(const update::Job& job) const;
    // The answer, once; files with anything else in them are deleted and logged.
    [[nodiscard]] std::optional<update::DriverAnswered> take_answer() const;

private:
    std::filesystem::path folder_;
};

[[nodiscard]] std::optional<update::DriverAnswered> parse_answer(std::string_view text);

}  // namespace pitstop::gateway
