// The text of one vehicle's Director Targets, written straight into its canonical form: what vehicles have in common
// (the head, and each image that some of them get) is rendered once, by the same to_json as everything else.
//
//     TRY(const auto texts, DirectorText::make(images, expires));
//     ENSURE(texts.write(vin, version, {{0, 2}}, text));   // this vehicle gets images[0] and images[2]
//
// Gives what json::canonical(to_json(*direct(vin, …))) gives, which for these texts is also how they are sent. Several
// threads may write at once. Faults: uptane.bad-member, duplicate-ecu, not-printable, as direct() has them.
#pragma once

#include "core/uptane/repository.h"

#include <span>
#include <string>
#include <vector>

namespace pitstop::uptane {

class DirectorText {
public:
    static constexpr std::size_t images_per_vehicle_max = 100;  // one for each ECU

    [[nodiscard]] static Result<DirectorText> make(std::span<const NamedTarget> images, UtcTime expires);

    // In place of what `text` held. `assigned` are places in `images`, in any order; there may be none.
    [[nodiscard]] Result<void> write(const Vin& vin, std::uint32_t version, std::span<const std::uint32_t> assigned,
                                     std::string& text) const;

private:
    struct Image {
        std::string member;  // "name":{…}
        std::uint32_t rank;  // among all images, in the order of their names
        std::uint32_t name;  // the same for images of the same name, which are for different ECUs
        std::uint16_t ecu;
    };

    DirectorText() = default;
    std::vector<Image> images_;
    std::vector<std::uint32_t> by_rank_;  // places in images_
    std::string before_targets_, before_version_, before_vin_, end_;
};

}  // namespace pitstop::uptane
