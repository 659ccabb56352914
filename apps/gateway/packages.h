// The images of the update under way, on the gateway's disk: one file an ECU and payload, either the SWPG record as it
// stands in the package, or the bare payload of a form that the package does not have (a delta above all).
//
// A download goes on where it was cut, also after a restart: what is stored is the file's size. An image counts only
// after check_stored; one that lies is deleted. Faults: http.*, package.*, gateway.*, update.package-differs, files.*
#pragma once

#include "core/package/campaign_metadata.h"
#include "core/update/state.h"
#include "io/http/client.h"
#include "io/runtime/pool.h"

#include <filesystem>
#include <functional>
#include <map>

namespace pitstop::gateway {

class Packages {
public:
    Packages(io::http::Client& server, io::Pool& pool, std::filesystem::path folder)
        : server_(server),
          pool_(pool),
          folder_(std::move(folder)) {}

    // campaign_metadata.json, which lies beside the package; it must be the announced one.
    [[nodiscard]] io::Task<package::CampaignMetadata> directory(update::Package package);

    // Until every member's image is here and checked.
    struct Order {
        CampaignId campaign;
        update::Package package;
        std::vector<update::Member> members;
        std::function<bool()> given_up;                               // asked with every piece
        std::function<void(std::uint64_t)> on_stored_bytes;           // of all members together
        std::function<void(const update::Member&)> on_complete = {};  // all bytes of one are here; not checked yet
    };
    [[nodiscard]] io::Task<void> fetch(Order order);

    [[nodiscard]] std::filesystem::path file_of(const CampaignId& campaign, const update::Member& member) const;
    void drop(const CampaignId& campaign);  // what cannot be deleted now is deleted with the next

private:
    [[nodiscard]] Result<std::map<EcuId, std::uint64_t>> stored(const Order& order) const;
    [[nodiscard]] io::Task<void> fetch_range(const Order& order, std::uint64_t first_byte, std::uint64_t size_bytes,
                                             std::uint64_t stored_before);
    [[nodiscard]] io::Task<void> fetch_payload(const Order& order, const update::Member& member,
                                               std::uint64_t first_byte, std::uint64_t stored_before);
    [[nodiscard]] io::Task<void> check(const Order& order);

    io::http::Client& server_;
    io::Pool& pool_;
    std::filesystem::path folder_;
};

}  // namespace pitstop::gateway
