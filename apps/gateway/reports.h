// What the vehicle says of itself: every ECU's signed report in one manifest, signed by the gateway and sent to the
// server (Uptane 2.1.0 #vehicle_version_manifest, docs/formats/manifest.md).
//
// A counter is saved before it is said. What cannot be sent is logged and said again, in the state of then; a server
// that refuses it hears the next one. No update waits for it. Faults of open(): keys.*, files.*, base.*
#pragma once

#include "apps/gateway/car.h"
#include "apps/gateway/settings.h"
#include "apps/gateway/trust.h"
#include "core/crypto/signer.h"
#include "core/uptane/manifest.h"
#include "io/http/client.h"

#include <filesystem>
#include <optional>
#include <vector>

namespace pitstop::gateway {

class Reports {
public:
    struct Memory {
        std::uint64_t counter = 0;
        std::uint32_t attacks = 0;
        std::string previous_attack = {};
    };
    struct Parts {
        io::http::Client& server;
        Trust& trust;
    };

    // Without keys nothing is ever sent.
    static Result<Reports> open(io::Loop& loop, io::http::Client& server, Trust& trust, Vin vin,
                                const std::optional<KeySettings>& keys, const std::filesystem::path& folder);

    void tell(const Survey& survey);
    // Distrusted metadata stands in the manifests that follow.
    void note_if_attack(const Error& why);
    [[nodiscard]] io::Task<void> run();

private:
    Reports(io::Loop& loop, Parts parts, Vin vin, std::vector<crypto::SoftwareSigner> keys, std::filesystem::path file)
        : parts_(parts),
          vin_(vin),
          keys_(std::move(keys)),
          file_(std::move(file)),
          arrived_(std::make_unique<io::Signal>(loop)) {}

    [[nodiscard]] Result<void> load();
    [[nodiscard]] Result<void> save() const;
    [[nodiscard]] Result<Bytes> make_manifest(const Survey& survey);
    [[nodiscard]] io::Task<void> send(Survey survey);

    Parts parts_;
    Vin vin_;
    std::vector<crypto::SoftwareSigner> keys_;
    std::filesystem::path file_;
    std::unique_ptr<io::Signal> arrived_;
    Memory memory_;
    std::optional<Survey> untold_;
};

}  // namespace pitstop::gateway
