// A campaign's package on disk: Campaign_<id>/{campaign_metadata.json, full_package.bin} (docs/formats/package.md).
//
// It appears under its name only when it is complete. Faults: cli.already-there, those of core/image, core/package,
// io/files.
#pragma once

#include "apps/pitstop/ecu_options.h"
#include "apps/pitstop/signing_keys.h"
#include "core/base/time.h"
#include "core/package/full_package.h"

#include <filesystem>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace pitstop::cli {

// Told what is being done; an empty function when nobody watches.
using Progress = std::function<void(std::string_view)>;

struct BuildOrder {
    CampaignId campaign;
    UtcTime created;
    std::vector<EcuOrder> ecus;
    std::filesystem::path output_folder;
};

struct BuiltCampaign {
    std::filesystem::path folder;
    package::CampaignMetadata metadata;
};

[[nodiscard]] std::filesystem::path metadata_file(const std::filesystem::path& campaign_folder);
[[nodiscard]] std::filesystem::path package_file(const std::filesystem::path& campaign_folder);

[[nodiscard]] Result<BuiltCampaign> build_campaign(const BuildOrder& order, SigningPair& keys,
                                                   const Progress& progress);

// Signatures of both families, every record and every digest. The records also go to `sink`.
[[nodiscard]] Result<package::CampaignMetadata> verify_campaign(const std::filesystem::path& campaign_folder,
                                                                std::span<const crypto::PublicKey> trusted,
                                                                package::RecordSink& sink);

// For those who want the answer and not the records.
class NoSink final : public package::RecordSink {
public:
    Result<void> on_header(const package::Header&) override { return {}; }
    Result<void> on_payload(View) override { return {}; }
    Result<void> on_end() override { return {}; }
};

// A file of any size, one piece at a time. files.not-there, files.unreadable
[[nodiscard]] Result<void> read_in_pieces(const std::filesystem::path& file,
                                          const std::function<Result<void>(View)>& take);

}  // namespace pitstop::cli
