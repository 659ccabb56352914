// Port: what turns the bytes of a download into the image, where they are not the image themselves (core/base/form.h):
// on every ECU package::Opener in memory that was set aside at its start. ECU profile.
#pragma once

#include "core/base/form.h"
#include "core/base/sink.h"
#include "core/package/waypoint.h"

#include <cstdint>
#include <optional>

namespace pitstop::flash {

class Opening {
public:
    // What was done with the flash.
    struct Work {
        std::uint32_t read_bytes = 0, erased_bytes = 0, programmed_bytes = 0;

        [[nodiscard]] Work since(const Work& before) const {
            return {read_bytes - before.read_bytes, erased_bytes - before.erased_bytes,
                    programmed_bytes - before.programmed_bytes};
        }
    };
    struct Begin {
        Form form;
        std::uint32_t image_bytes = 0;
        std::optional<package::Waypoint> from{};  // where the payload goes on; nothing: at its beginning
    };

    // The image goes to `bank`, which outlives end(). package.cannot-open and others say why this ECU cannot open it.
    [[nodiscard]] virtual Result<void> begin(const Begin& what, ByteSink& bank) = 0;
    // Between begin() and end(): one small step, and what it leaves of the payload's piece. While something is held
    // that was not given on, further steps go on with that.
    [[nodiscard]] virtual Result<View> push_some(View piece) = 0;
    [[nodiscard]] virtual bool is_holding() const = 0;
    [[nodiscard]] virtual std::optional<package::Waypoint> waypoint() const = 0;  // passed last
    // On the way, beside what went to `bank`: where the only bank is written in place.
    [[nodiscard]] virtual Work work() const = 0;
    [[nodiscard]] virtual Result<void> finish() = 0;
    virtual void end() = 0;

protected:
    // Never deleted through this class, as crypto::Hasher.
    Opening() = default;
    Opening(const Opening&) = default;
    Opening& operator=(const Opening&) = default;
    ~Opening() = default;
};

}  // namespace pitstop::flash
