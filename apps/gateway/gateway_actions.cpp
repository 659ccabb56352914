// What each action of update::decide does in the world.
#include "apps/gateway/gateway.h"
#include "apps/gateway/vci.h"
#include "core/flash/directed.h"
#include "core/update/plan.h"
#include "io/log/log.h"

namespace pitstop::gateway {
namespace {

constexpr std::uint64_t progress_steps = 20;  // of a download; decide tells the server about half of them
constexpr std::uint8_t percent_step = 5;      // of an ECU's transfer, likewise
// The server asks for an inventory before it offers an update: signed reports, the longest answers on a slow bus.
constexpr std::chrono::seconds survey_fresh_for{20};

flash::Plan plan_of(update::Work work) {
    switch (work) {
        case update::Work::activate: return flash::Plan::activate;
        case update::Work::confirm: return flash::Plan::confirm;
        case update::Work::undo: return flash::Plan::roll_back;
        default: return flash::Plan::stage;
    }
}

}  // namespace

std::function<bool()> Gateway::given_up() const {
    return [this, began = generation_] { return began != generation_; };
}

void Gateway::perform(const update::Send& action) {
    for (const update::Outgoing& message : state_.outbox)
        if (message.id == action.id) return parts_.cloud.publish(message);
}

void Gateway::perform(const update::AskDriver&) { parts_.consent.ask(*state_.job); }

void Gateway::perform(const update::JudgeReadiness& action) { loop_.spawn("readiness", judge_readiness(action)); }

io::Task<void> Gateway::judge_readiness(update::JudgeReadiness action) {
    const auto entries = co_await collect(parts_.car, io::survey::What::readiness);
    std::vector<EcuId> members;
    if (state_.job)
        for (const update::Member& member : state_.job->members) members.push_back(member.ecu());
    post(update::ReadinessJudged{action.asker, action.campaign,
                                 parts_.conditions.judge(action.storage_needed_bytes, reasons_of(entries, members))});
    co_return Result<void>{};
}

void Gateway::perform(const update::FetchMetadata&) {
    begin(update::Work::trust, std::nullopt, fetch_metadata(*state_.job->package));
}

void Gateway::perform(const update::Download&) {
    std::uint64_t total_bytes = 0;
    for (const update::Member& member : state_.job->members) total_bytes += member.stored_size_bytes;
    const auto on_stored = [this, total_bytes, told = std::uint64_t{0},
                            alive = given_up()](std::uint64_t bytes) mutable {
        const std::uint64_t step = total_bytes == 0 ? 0 : bytes * progress_steps / total_bytes;
        if (std::exchange(told, step) != step && !alive()) post(update::DownloadProgressed{bytes});
    };
    const auto on_complete = [this, campaign = state_.job->campaign](const update::Member& member) {
        loop_.spawn("prefetch for " + member.ecu().str(), prefetch(campaign, member));
    };
    begin(update::Work::download, std::nullopt,
          download(
              {state_.job->campaign, *state_.job->package, state_.job->members, given_up(), on_stored, on_complete}));
}

io::flashing::ReadImage Gateway::payload_of(const CampaignId& campaign, const update::Member& member) const {
    return io::flashing::image_in(parts_.packages.file_of(campaign, member),
                                  member.source == update::Source::package ? package::header_size_bytes : 0);
}

// What does not work now is done when the ECU's turn has come.
io::Task<void> Gateway::prefetch(CampaignId campaign, update::Member member) {
    const auto brought = co_await parts_.flasher.prefetch(
        member.ecu(), {flash::payload_of(member.target), payload_of(campaign, member)}, given_up());
    if (!brought) io::log::problem(brought.error(), "prefetch for " + member.ecu().str());
    co_return Result<void>{};
}

void Gateway::perform(const update::Flash& action) {
    seen_.reset();
    const auto member = std::ranges::find(state_.job->members, action.ecu, &update::Member::ecu);
    io::flashing::Order order{
        .plan = plan_of(action.work), .ecu = action.ecu, .image = flash::record_of(member->target)};
    order.read_image = payload_of(state_.job->campaign, *member);
    order.payload = {member->form(), static_cast<std::uint32_t>(member->payload_bytes())};
    order.given_up = given_up();
    order.on_progress = [this, ecu = action.ecu, stopped = given_up(),
                         told = std::uint8_t{0}](const flash::Progress& progress) mutable {
        const auto percent = io::flashing::percent_of(progress);
        if (!percent || *percent < told + percent_step || stopped()) return;
        told = *percent;
        post(update::EcuProgressed{ecu, told});
    };
    begin(action.work, action.ecu, flash(action, std::move(order), flash::payload_of(member->target)));
}

void Gateway::perform(const update::ReadInventory&) {
    if (std::exchange(reading_inventory_, true)) return;  // one answer serves all who asked
    begin(update::Work::read_inventory, std::nullopt, read_inventory());
}

void Gateway::perform(const update::StopWork&) { ++generation_; }

void Gateway::perform(const update::DropPackage& action) { parts_.packages.drop(action.campaign); }

io::Task<Survey> Gateway::look_at_the_car() {
    CO_TRY(Survey survey, co_await parts_.car.survey());
    parts_.reports.tell(survey);
    seen_ = {survey, loop_.now()};
    co_return survey;
}

io::Task<Survey> Gateway::recent_survey() {
    std::optional<Seen> seen = std::exchange(seen_, std::nullopt);
    if (seen && seen->survey.silent.empty() && loop_.now() - seen->at < survey_fresh_for)
        co_return std::move(seen->survey);
    co_return co_await look_at_the_car();
}

io::Task<update::Event> Gateway::fetch_metadata(update::Package package) {
    CO_TRY(const Survey survey, co_await recent_survey());
    auto trusted = co_await parts_.trust.cycle(survey);
    if (!trusted) {
        parts_.reports.note_if_attack(trusted.error());
        co_return fail(trusted.error());
    }
    const std::vector<uptane::TrustedTarget> targets = *std::move(trusted);
    CO_TRY(const package::CampaignMetadata metadata, co_await parts_.packages.directory(package));
    std::vector<EcuId> up_to_date;
    for (const KnownEcu& known : survey.known) {
        const auto target = std::ranges::find(targets, known.report.ecu, &uptane::TrustedTarget::ecu);
        if (target != targets.end() && known.settled && known.report.active_image == target->sha256)
            up_to_date.push_back(known.report.ecu);
    }
    CO_TRY(std::vector<update::Member> members,
           update::plan_members(targets, metadata, parts_.car.vehicle(), up_to_date));
    co_return update::Event(update::MetadataTrusted{std::move(members)});
}

io::Task<update::Event> Gateway::download(Packages::Order order) {
    CO_ENSURE(co_await parts_.packages.fetch(std::move(order)));
    co_return update::Event(update::Downloaded{});
}

io::Task<update::Event> Gateway::flash(update::Flash action, io::flashing::Order order, flash::StoredBytes payload) {
    CO_ENSURE(co_await parts_.flasher.carry_out(std::move(order), payload));
    co_return update::Event(update::EcuDone{action.work, action.ecu});
}

io::Task<update::Event> Gateway::read_inventory() {
    CO_TRY(const Survey survey, co_await look_at_the_car());
    for (const SilentEcu& silent : survey.silent) io::log::problem(silent.why, silent.ecu.str());
    co_return update::Event(update::InventoryRead{survey.inventory(rules_.vin, loop_.utc_now())});
}

}  // namespace pitstop::gateway
