// What people do with campaigns, and the record of it: create, give it its package, deploy, cancel.
//
// Runs on the engine's thread. Every wish, granted or not, stands in the audit log before it is answered.
// Faults: those of core/package and core/campaign; server.unknown-campaign, campaign-exists, bad-campaign.
#pragma once

#include "apps/server/audit_log.h"
#include "apps/server/engine.h"
#include "core/crypto/key.h"
#include "core/package/campaign_metadata.h"
#include "io/store/store.h"

#include <string_view>
#include <vector>

namespace pitstop::server {

class CampaignDesk {
public:
    CampaignDesk(io::store::Database& database, Engine& engine, StoredImages& images, AuditLog& audit,
                 std::vector<crypto::PublicKey> package_signers)
        : store_(database),
          engine_(engine),
          images_(images),
          audit_(audit),
          package_signers_(std::move(package_signers)) {}

    // {"title", "release_notes"?, "priority"?, "campaign_metadata": {…as built…}}: the targets follow from the
    // metadata, whose two signatures are checked. The same again is answered in the same way.
    [[nodiscard]] Result<io::store::CampaignRow> create(View body, const Principal& by, UtcTime now);

    [[nodiscard]] Result<package::CampaignMetadata> metadata(const CampaignId& id);
    [[nodiscard]] Result<void> attach(const CampaignId& id, const io::store::StoredPackage& package,
                                      const Principal& by, UtcTime now);
    [[nodiscard]] Result<std::vector<Outcome>> deploy(const CampaignId& id, View body, const Principal& by,
                                                      UtcTime now);  // {"vins": […]}
    [[nodiscard]] Result<std::vector<Outcome>> cancel(const CampaignId& id, const Principal& by, UtcTime now);

    // The outcome as it is, once it stands in the log.
    template <class T>
    [[nodiscard]] Result<T> recorded(Result<T> outcome, std::string_view action, std::string_view object,
                                     const Principal& by, UtcTime now) {
        const std::string said(outcome ? "done" : outcome.error().code());
        ENSURE(audit_.append(
            {now, by.name, std::string(to_string(by.role)), std::string(action), std::string(object), said}));
        return outcome;
    }

private:
    [[nodiscard]] Result<io::store::CampaignRow> create_unrecorded(View body, UtcTime now);
    [[nodiscard]] Result<void> attach_unrecorded(const CampaignId& id, const io::store::StoredPackage& package);
    [[nodiscard]] Result<std::vector<Outcome>> deploy_unrecorded(const CampaignId& id, View body, UtcTime now);

    io::store::Store store_;
    Engine& engine_;
    StoredImages& images_;
    AuditLog& audit_;
    std::vector<crypto::PublicKey> package_signers_;
};

}  // namespace pitstop::server
