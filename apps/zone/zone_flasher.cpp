#include "apps/zone/zone_flasher.h"

#include "apps/zone/faults.h"
#include "core/flash/faults.h"
#include "core/uptane/bundle.h"
#include "io/files/atomic_file.h"
#include "io/flashing/faults.h"
#include "io/log/log.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <set>

namespace pitstop::zone {
namespace {

using flash::WorkState;
using update::Standing;

constexpr std::uint32_t block_size_bytes_max = 16 * 1024 + 2;  // a lost frame costs one block
constexpr std::chrono::milliseconds look_interval{500};
constexpr std::chrono::seconds unanswering_after{2};  // of a block: the bus has carried it long ago

bool is_active(WorkState state) { return state == WorkState::waiting || state == WorkState::running; }

}  // namespace

struct ZoneFlasher::Work {
    Work(io::Loop& loop, Place& at, const flash::ZoneOrder& first) : place(at), order(first), turn(loop.context()) {}

    Place& place;
    flash::ZoneOrder order;
    std::optional<flash::ZoneOrder> next;  // in its place, as soon as it has stopped
    WorkState state = WorkState::waiting;
    Standing standing = Standing::waiting;
    bool stopping = false;
    std::uint8_t percent = 0;
    std::string step;
    std::optional<flash::Trouble> trouble;
    boost::asio::steady_timer turn;  // on the bus: cancelled when it is there
};

ZoneFlasher::ZoneFlasher(io::Loop& loop, Store& store, const ZoneTrust* trust, std::map<EcuId, Place> places)
    : loop_(loop),
      store_(store),
      trust_(trust),
      places_(std::move(places)) {}

ZoneFlasher::~ZoneFlasher() = default;

Result<void> ZoneFlasher::check(const flash::ZoneOrder& order) const {
    if (!places_.contains(order.ecu)) return fail(faults::not_ours, order.ecu.str());
    if (order.plan != flash::Plan::stage) return {};
    if (trust_ != nullptr && !trust_->directs(order))
        return fail(flash::faults::not_approved,
                    order.ecu.str() + ": the zone has judged no metadata that directs this");
    ENSURE(Whole::open(store_.path_of(order.payload.sha256), order.payload.size_bytes));
    if (order.metadata.size_bytes > 0)
        ENSURE(Whole::open(store_.path_of(order.metadata.sha256), order.metadata.size_bytes));
    return {};
}

Result<void> ZoneFlasher::start(const flash::ZoneOrder& order) {
    ENSURE(check(order));
    const auto found = works_.find(order.ecu);
    if (found == works_.end()) {
        Place& place = places_.at(order.ecu);
        works_.emplace(order.ecu, std::make_unique<Work>(loop_, place, order));
    } else if (Work& work = *found->second; work.state != WorkState::running) {
        begin(work, order);
    } else if (work.order.id() != order.id() || work.stopping) {
        work.stopping = true;
        work.next = order;
    }
    grant();
    return {};
}

void ZoneFlasher::begin(Work& work, const flash::ZoneOrder& order) {
    work.order = order;
    work.next.reset();
    work.state = WorkState::waiting;
    work.standing = Standing::waiting;
    work.stopping = false;
    work.percent = 0;
    work.step.clear();
    work.trouble.reset();
}

void ZoneFlasher::stop(std::optional<EcuId> ecu) {
    for (const auto& [id, work] : works_) {
        if ((ecu && id != *ecu) || !is_active(work->state)) continue;
        work->next.reset();
        work->stopping = true;
        if (work->state == WorkState::running) continue;
        work->state = WorkState::failed;
        work->trouble = flash::Trouble::of(Error(io::flashing::faults::stopped, id.str()));
    }
}

std::vector<flash::WorkReport> ZoneFlasher::report() const {
    std::vector<flash::WorkReport> rows;
    for (const auto& [id, work] : works_) {
        const flash::ZoneOrder& order = work->next ? *work->next : work->order;
        rows.push_back({id, order.plan, order.id(), work->next ? WorkState::waiting : work->state, work->percent,
                        work->step, work->trouble});
    }
    return rows;
}

void ZoneFlasher::forget() {
    if (!is_working()) works_.clear();
}

bool ZoneFlasher::is_working() const {
    return std::ranges::any_of(works_, [](const auto& each) { return is_active(each.second->state); });
}

bool ZoneFlasher::is_working_on(EcuId ecu) const {
    const auto found = works_.find(ecu);
    return found != works_.end() && found->second->state == WorkState::running;
}

bool ZoneFlasher::is_working_on_bus(std::string_view bus) const {
    return std::ranges::any_of(works_, [&](const auto& each) {
        return each.second->state == WorkState::running && each.second->place.bus == bus;
    });
}

std::vector<Sha256Digest> ZoneFlasher::in_use() const {
    std::vector<Sha256Digest> digests;
    const auto add = [&](const flash::ZoneOrder& order) {
        digests.push_back(order.payload.sha256);
        digests.push_back(order.metadata.sha256);
    };
    for (const auto& [id, work] : works_) {
        if (is_active(work->state)) add(work->order);
        if (work->next) add(*work->next);
    }
    return digests;
}

io::Task<void> ZoneFlasher::run() {
    for (;;) {
        co_await io::pause(look_interval);
        grant();
    }
}

update::BusUser ZoneFlasher::user_of(const Work& work) const {
    Standing standing = work.standing;
    const auto asked_at = work.place.link.asked_at();
    if (standing == Standing::transfers && asked_at && loop_.now() - *asked_at > unanswering_after)
        standing = Standing::unanswering;
    const std::uint64_t size_bytes = work.order.plan == flash::Plan::stage ? work.order.payload.size_bytes : 0;
    return {work.order.ecu, standing, size_bytes * (100 - work.percent) / 100};
}

void ZoneFlasher::grant() {
    std::map<std::string_view, std::vector<update::BusUser>> users;
    for (const auto& [id, work] : works_)
        if (is_active(work->state)) users[work->place.bus].push_back(user_of(*work));
    for (const auto& [bus, on_bus] : users) {
        const update::Grants grants = update::schedule(on_bus, {});
        for (const EcuId ecu : grants.begin) {
            Work& work = *works_.at(ecu);
            work.state = WorkState::running;
            work.standing = Standing::on_its_own;
            loop_.spawn("work on " + ecu.str(), work_on(work));
        }
        for (const EcuId ecu : grants.transfer) {
            works_.at(ecu)->standing = Standing::transfers;
            works_.at(ecu)->turn.cancel();
        }
    }
}

io::Task<void> ZoneFlasher::work_on(Work& work) {
    const Result<void> outcome = co_await carry_out(work);
    work.standing = Standing::on_its_own;
    if (outcome) {
        work.state = WorkState::done;
        work.percent = 100;
    } else {
        work.state = WorkState::failed;
        work.trouble = flash::Trouble::of(outcome.error());
        io::log::problem(outcome.error(), "work on " + work.order.ecu.str());
    }
    if (work.next) begin(work, flash::ZoneOrder(*work.next));
    grant();
    co_return Result<void>{};
}

// What a disk kept may have changed since it came.
io::Task<void> ZoneFlasher::check_stored(flash::StoredBytes bytes) {
    CO_TRY(Whole whole, Whole::open(store_.path_of(bytes.sha256), bytes.size_bytes));
    for (;;) {
        CO_TRY(const auto digest, whole.step());
        if (digest == bytes.sha256) co_return Result<void>{};
        if (digest) break;
        co_await io::pause({});  // others have their turn
    }
    store_.drop(bytes);
    co_return fail(faults::not_stored, "another digest");
}

io::flashing::Order ZoneFlasher::order_of(Work& work, Bytes metadata) {
    io::flashing::Order order{.plan = work.order.plan, .ecu = work.order.ecu, .image = work.order.image};
    order.read_image = io::flashing::image_in(store_.path_of(work.order.payload.sha256));
    order.payload = {work.order.form, work.order.payload.size_bytes};
    order.metadata = std::move(metadata);
    order.given_up = [&work] { return work.stopping; };
    order.on_progress = [this, &work](const flash::Progress& progress) { on_progress(work, progress); };
    order.may_transfer = [this, &work] { return wait_for_bus(work); };
    return order;
}

io::Task<void> ZoneFlasher::carry_out(Work& work) {
    Bytes metadata;
    if (work.order.plan == flash::Plan::stage) {
        CO_ENSURE(co_await check_stored(work.order.payload));
        if (work.order.metadata.size_bytes > 0) {
            CO_ENSURE(co_await check_stored(work.order.metadata));
            CO_TRY(metadata, io::files::read_file(store_.path_of(work.order.metadata.sha256),
                                                  uptane::full_bundle_size_bytes_max));
        }
    }
    co_return co_await io::flashing::carry_out(
        loop_, {work.place.link, work.order.ecu.address(), block_size_bytes_max, visitor_, true},
        order_of(work, std::move(metadata)));
}

void ZoneFlasher::on_progress(Work& work, const flash::Progress& progress) {
    work.step = flash::to_string(progress.step);
    work.percent = io::flashing::percent_of(progress).value_or(work.percent);
    if (progress.step == flash::ProgrammerStep::transfer || work.standing == Standing::on_its_own) return;
    work.standing = Standing::on_its_own;  // the bus is the next one's
    grant();
}

boost::asio::awaitable<bool> ZoneFlasher::wait_for_bus(Work& work) {
    work.standing = Standing::wants_bus;
    grant();
    if (work.standing == Standing::wants_bus) {
        work.turn.expires_after(io::flashing::tester_present_after);
        co_await work.turn.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    co_return work.standing == Standing::transfers;
}

}  // namespace pitstop::zone
