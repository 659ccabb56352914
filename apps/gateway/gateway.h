// The shell around update::decide: events in, one decision at a time, saved before it is acted upon.
//
// Every action runs as a task on the loop and comes back as an event. After StopWork the outcomes of older work are
// dropped. Faults of run(): those of saving the state (remedy stop): a gateway that cannot remember must not act.
#pragma once

#include "apps/gateway/car.h"
#include "apps/gateway/cloud.h"
#include "apps/gateway/conditions.h"
#include "apps/gateway/consent.h"
#include "apps/gateway/flasher.h"
#include "apps/gateway/packages.h"
#include "apps/gateway/reports.h"
#include "apps/gateway/trust.h"
#include "core/update/decide.h"

#include <deque>
#include <filesystem>
#include <string>

namespace pitstop::gateway {

struct Parts {
    Car& car;
    Cloud& cloud;
    Trust& trust;
    Packages& packages;
    Flasher& flasher;
    Reports& reports;
    const Conditions& conditions;
    const ConsentDesk& consent;
};

[[nodiscard]] Result<update::State> load_state(const std::filesystem::path& file, UtcTime now);

class Gateway {
public:
    // All that is referred to must outlive the loop's tasks.
    Gateway(io::Loop& loop, Parts parts, update::Rules rules, std::filesystem::path state_file, update::State state);

    void post(update::Event event);
    [[nodiscard]] io::Task<void> run();   // takes the events, one after another
    [[nodiscard]] io::Task<void> tick();  // time passes

private:
    [[nodiscard]] Result<void> handle_what_waits();

    void perform(const update::Send& action);
    void perform(const update::AskDriver& action);
    void perform(const update::JudgeReadiness& action);
    void perform(const update::FetchMetadata& action);
    void perform(const update::Download& action);
    void perform(const update::Flash& action);
    void perform(const update::ReadInventory& action);
    void perform(const update::StopWork& action);
    void perform(const update::DropPackage& action);

    // What the ECUs said of themselves, told to the server, and when.
    struct Seen {
        Survey survey;
        Tick at;
    };
    [[nodiscard]] io::Task<Survey> look_at_the_car();
    [[nodiscard]] io::Task<Survey> recent_survey();  // all ECUs answered, moments ago; else the car is looked at

    [[nodiscard]] io::Task<void> judge_readiness(update::JudgeReadiness action);
    [[nodiscard]] io::Task<update::Event> fetch_metadata(update::Package package);
    [[nodiscard]] io::Task<update::Event> download(Packages::Order order);
    [[nodiscard]] io::Task<void> prefetch(CampaignId campaign, update::Member member);
    [[nodiscard]] io::flashing::ReadImage payload_of(const CampaignId& campaign, const update::Member& member) const;
    [[nodiscard]] io::Task<update::Event> flash(update::Flash action, io::flashing::Order order,
                                                flash::StoredBytes payload);
    [[nodiscard]] io::Task<update::Event> read_inventory();

    // Runs the work and posts its outcome, unless the work was given up meanwhile.
    void begin(update::Work work, std::optional<EcuId> ecu, io::Task<update::Event> task);
    [[nodiscard]] io::Task<void> settle(update::Work work, std::optional<EcuId> ecu, std::uint64_t generation,
                                        io::Task<update::Event> task);
    [[nodiscard]] std::function<bool()> given_up() const;

    io::Loop& loop_;
    Parts parts_;
    update::Rules rules_;
    std::filesystem::path state_file_;
    update::State state_;
    std::deque<update::Event> events_;
    io::Signal arrived_;
    std::uint64_t generation_ = 0;  // of the work; StopWork begins a new one
    bool reading_inventory_ = false;
    std::optional<Seen> seen_;  // until something may have changed
};

}  // namespace pitstop::gateway
