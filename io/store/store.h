// What the server remembers, as tables over one Database.
//
// Bring:  an open Database, used from one thread; rows as in rows.h.
// Back:   "not there" is an empty optional. Lists come in the order of their key, `limit` rows after `after`: that is
// what a
//         cursor is made of.
// Faults: store.* (faults.h). Only store.conflict is the caller's to handle; the others stop the server.
// Group what belongs together in Database::transaction.
#pragma once

#include "io/store/database.h"
#include "io/store/rows.h"

#include <string_view>
#include <vector>

namespace pitstop::io::store {

class Vehicles {
public:
    explicit Vehicles(Database& database) : database_(database) {}
    [[nodiscard]] Result<void> put(const VehicleRow& row);
    [[nodiscard]] Result<std::optional<VehicleRow>> find(const Vin& vin);
    [[nodiscard]] Result<std::vector<VehicleRow>> list(std::string_view after_vin, std::size_t limit);

private:
    Database& database_;
};

class Campaigns {
public:
    explicit Campaigns(Database& database) : database_(database) {}
    [[nodiscard]] Result<void> add(const CampaignRow& row);  // store.conflict when the id is taken
    [[nodiscard]] Result<void> set_package(const CampaignId& id, const StoredPackage& package);
    [[nodiscard]] Result<std::optional<CampaignRow>> find(const CampaignId& id);
    [[nodiscard]] Result<std::vector<CampaignRow>> list(std::string_view after_id, std::size_t limit);

private:
    Database& database_;
};

class Assignments {
public:
    explicit Assignments(Database& database) : database_(database) {}
    [[nodiscard]] Result<void> put(const AssignmentRow& row);  // store.conflict when vehicle or campaign is unknown
    [[nodiscard]] Result<std::optional<AssignmentRow>> find(const Vin& vin, const CampaignId& campaign);
    [[nodiscard]] Result<std::vector<AssignmentRow>> of_campaign(const CampaignId& campaign, std::string_view after_vin,
                                                                 std::size_t limit);
    [[nodiscard]] Result<std::vector<AssignmentRow>> of_vehicle(const Vin& vin);
    [[nodiscard]] Result<std::vector<AssignmentRow>> all_open();
    [[nodiscard]] Result<std::vector<PhaseCount>> count_phases(const CampaignId& campaign);

private:
    Database& database_;
};

class Events {
public:
    explicit Events(Database& database) : database_(database) {}
    [[nodiscard]] Result<void> add(const EventRow& row);  // its id is given
    // The last ones, oldest first.
    [[nodiscard]] Result<std::vector<EventRow>> of_assignment(const Vin& vin, const CampaignId& campaign,
                                                              std::size_t limit);

private:
    Database& database_;
};

class MetadataFiles {
public:
    explicit MetadataFiles(Database& database) : database_(database) {}
    [[nodiscard]] Result<void> put(const MetadataRow& row);
    [[nodiscard]] Result<std::optional<MetadataRow>> find(Repository repository, std::string_view vin,
                                                          std::string_view role, std::uint64_t version);
    [[nodiscard]] Result<std::optional<MetadataRow>> newest(Repository repository, std::string_view vin,
                                                            std::string_view role);
    [[nodiscard]] Result<void> forget_all(Repository repository, std::string_view vin, std::string_view role);

private:
    Database& database_;
};

// Which messages of a vehicle were already acted upon. The last `kept_per_vehicle` are remembered: a vehicle repeats
// only what was not acknowledged, which is never that many.
class SeenMessages {
public:
    static constexpr std::int64_t kept_per_vehicle = 256;
    enum class Seen { first_time, again };

    explicit SeenMessages(Database& database) : database_(database) {}
    [[nodiscard]] Result<Seen> remember(const Vin& vin, std::string_view message_id);

private:
    Database& database_;
};

class ApiKeys {
public:
    explicit ApiKeys(Database& database) : database_(database) {}
    [[nodiscard]] Result<void> put(const ApiKeyRow& row);
    [[nodiscard]] Result<std::optional<ApiKeyRow>> find(const Sha256Digest& digest);
    [[nodiscard]] Result<std::vector<ApiKeyRow>> list();

private:
    Database& database_;
};

struct Store {
    explicit Store(Database& database)
        : vehicles(database),
          campaigns(database),
          assignments(database),
          events(database),
          metadata_files(database),
          seen_messages(database),
          api_keys(database) {}

    Vehicles vehicles;
    Campaigns campaigns;
    Assignments assignments;
    Events events;
    MetadataFiles metadata_files;
    SeenMessages seen_messages;
    ApiKeys api_keys;
};

}  // namespace pitstop::io::store
