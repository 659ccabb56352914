// What is played: an ECU with an old image, and what brings the new one.
#pragma once

#include "core/flash/ram_flash.h"
#include "core/flash/test_tester.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pitstop::cuts {

enum class Kind : std::uint8_t {
    full,
    full_short,  // by a tester that knows nothing of going on
    delta,
    sealed,
    sealed_delta,
    rollback,  // the new image is refused once while it is on trial, then installed after all
    one_bank,
    in_place,         // one bank, a delta onto it
    sealed_in_place,  // the same, sealed
    one_bank_rollback,
};
inline constexpr std::size_t kinds = 10;
[[nodiscard]] std::string_view to_string(Kind kind);
[[nodiscard]] bool has_one_bank(Kind kind);

struct Images {
    std::uint32_t old_bytes = 1100, new_bytes = 1403;
    std::uint32_t seed = 1;
};

struct Memory {
    std::string name;
    flash::Geometry geometry;
    Images images{};
    std::uint32_t block_size_bytes = 30;  // of a TransferData request: small, for many operations
    std::uint64_t second_cut_every = 1;   // operation of each recovery
};
// Even, uneven, tiny program units, large ones, no room for a journal, three sizes. Of deltas in place, whose every
// life takes as long as many others, also small ones: there the second cuts come at every operation, on the others at
// some.
[[nodiscard]] std::vector<Memory> memories(Kind kind);

// The key's own work, three times longer than a whole life of an ECU, is done once for the same envelope.
class RememberingOpener final : public seal::KeyOpener {
public:
    explicit RememberingOpener(seal::KeyOpener& key) : key_(key) {}
    [[nodiscard]] seal::KeyHint hint() const override { return key_.hint(); }
    [[nodiscard]] bool open(View info, View header, View wrapped_key, Room content_key) override;

private:
    seal::KeyOpener& key_;
    Bytes asked_, answer_;
};

struct Scenario {
    Kind kind = Kind::full;
    std::string memory;
    Bytes old_image, new_image;
    std::unique_ptr<flash::test::EcuParts> parts;
    std::optional<flash::test::Delivery> delivery, whole;  // the second where the first cannot be opened
    std::optional<flash::RamFlash> before;                 // with the old image installed
    flash::test::Erase erase = flash::test::Erase::long_form;
    std::uint64_t second_cut_every = 1;

    Scenario() = default;
    Scenario(Scenario&&) = default;
    Scenario& operator=(Scenario&&) = default;
};

// Nothing when the geometry cannot hold these images.
[[nodiscard]] std::optional<Scenario> make_scenario(Kind kind, const Memory& memory);

}  // namespace pitstop::cuts
