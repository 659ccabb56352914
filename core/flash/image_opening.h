// What an ECU opens images with: package::Opener over the image that runs, in storage that was set aside at its start;
// with one bank, over that bank. ECU profile.
//
// Bring what the ECU can open (core/base/form.h), slots that have booted, a hash engine that the slots do not use, at
// least storage_bytes() and, where it opens sealed images, its key. Faults: package.cannot-open; those of the pipeline.
#pragma once

#include "core/flash/one_bank.h"
#include "core/flash/opening.h"
#include "core/flash/running_image.h"
#include "core/package/opener.h"

#include <optional>

namespace pitstop::flash {

class ImageOpening final : public Opening {
public:
    struct Key {
        seal::KeyOpener& opener;
        seal::ChunkOpener& chunks;
        std::uint16_t address = 0;  // of this ECU: sealed images name it
    };

    ImageOpening(const Openings& openings, Slots& slots, crypto::Hasher& hasher, Room storage, std::optional<Key> key);

    // None for an ECU that takes images only as they are.
    [[nodiscard]] static std::size_t storage_bytes(const Openings& openings) {
        return package::workspace_bytes(openings);
    }

    [[nodiscard]] Result<void> begin(const Begin& what, ByteSink& bank) override;
    [[nodiscard]] Result<View> push_some(View piece) override { return opener_->push_some(piece); }
    [[nodiscard]] bool is_holding() const override { return opener_->is_holding(); }
    [[nodiscard]] std::optional<package::Waypoint> waypoint() const override { return opener_->waypoint(); }
    [[nodiscard]] Work work() const override { return one_bank_.work(); }
    [[nodiscard]] Result<void> finish() override { return opener_->finish(); }
    void end() override { opener_.reset(); }

private:
    Openings openings_;
    Slots& slots_;
    crypto::Hasher& hasher_;
    Room storage_;
    std::optional<Key> key_;
    RunningImage running_;
    OneBank one_bank_;
    MoveJournal move_journal_;
    std::optional<package::Opener> opener_;
};

}  // namespace pitstop::flash
