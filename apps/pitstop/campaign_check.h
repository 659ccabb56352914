// Whether a campaign's folder is what was built, to the last byte of every file in it: signatures of both families over
// the metadata, whose text has one form only; every record, size and digest of the full package, images opened where no
// key is needed; the zones' packages record by record the same; papers; and no file that nobody named.
//
// Faults: those of core/package; package.differs-from-metadata; cli.stray-file; those of io/files.
#pragma once

#include "apps/pitstop/campaign_folder.h"
#include "apps/pitstop/terminal.h"
#include "core/package/images_check.h"

#include <filesystem>
#include <functional>
#include <span>

namespace pitstop::cli {

// The images also go to `receiver`, which may be null.
[[nodiscard]] Result<package::CampaignMetadata> verify_campaign(const std::filesystem::path& campaign_folder,
                                                                std::span<const crypto::PublicKey> trusted,
                                                                package::ImageReceiver* receiver = nullptr,
                                                                const ShowProgress& progress = {});

// A file of any size, one piece at a time. files.not-there, files.unreadable
[[nodiscard]] Result<void> read_in_pieces(const std::filesystem::path& file,
                                          const std::function<Result<void>(View)>& take);

}  // namespace pitstop::cli
