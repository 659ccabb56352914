#include "apps/gateway/zone_client.h"

#include "apps/gateway/faults.h"
#include "core/flash/faults.h"
#include "core/uds/exchange.h"
#include "io/log/log.h"

#include <algorithm>
#include <format>

namespace pitstop::gateway {
namespace {

constexpr std::chrono::milliseconds poll_interval{200};
constexpr std::chrono::seconds silent_max{30};  // a zone that restarts is back long before
constexpr std::uint32_t block_overhead_bytes = 2;

constexpr auto extended_session = uds::request_for(uds::Session::extended);

// 74 · length format · the longest request that the zone takes
Result<std::uint32_t> block_size_of(View answer) {
    if (answer.size() != 6 || answer[1] != 0x40) return fail(flash::faults::strange_answer, "download to the zone");
    return load_be<std::uint32_t>(&answer[2]);
}

}  // namespace

io::Task<Bytes> ZoneClient::ask(Car::Way way, Bytes request) {
    co_return co_await way.link.request(way.target_address, request);
}

io::Task<Bytes> ZoneClient::ask_inside(Car::Way way, Bytes request) {
    CO_TRY(const uds::Answer answer, co_await way.link.ask(way.target_address, request, {}));
    if (!answer.refused()) co_return answer.positive;
    CO_ENSURE(co_await enter(way));
    co_return co_await ask(way, std::move(request));
}

io::Task<void> ZoneClient::enter(Car::Way way) {
    CO_ENSURE(co_await way.link.request(way.target_address, extended_session));
    if (car_.visitor() == nullptr) co_return Result<void>{};
    CO_TRY(auto visit, car_.visitor()->visit(zone_, loop_.utc_now()));
    co_return co_await io::flashing::enter(std::move(visit), [way](Bytes request) -> io::Task<uds::Answer> {
        co_return co_await way.link.ask(way.target_address, request, {});
    });
}

io::Task<ZoneClient::Ability> ZoneClient::ability() {
    if (ability_) co_return *ability_;
    CO_TRY(const Car::Way way, car_.way_to(zone_));
    const Bytes request = flash::ask_report();
    CO_TRY(const uds::Answer answer, co_await way.link.ask(way.target_address, request, {}));
    if (answer.refusal == uds::Nrc::busy_repeat_request) co_return fail(uds::to_error(request[0], answer.refusal));
    ability_ = answer.refused() ? Ability::routes_only : Ability::flashes;
    io::log::info("{} {}", zone_.str(), answer.refused() ? "routes only" : "flashes its own ECUs");
    co_return *ability_;
}

io::Task<void> ZoneClient::bring(std::vector<Cargo> cargo, std::optional<flash::ZoneOrder> order,
                                 std::function<bool()> given_up) {
    CO_TRY(const Car::Way way, car_.way_to(zone_));
    const Car::Turn held = co_await car_.turn(zone_);
    for (const Cargo& piece : cargo) CO_ENSURE(co_await put(way, piece, given_up));
    if (!order) co_return Result<void>{};
    CO_TRY(const Bytes answer, co_await ask_inside(way, flash::ask_work(*order)));
    co_return flash::parse_done(answer, told_);
}

io::Task<void> ZoneClient::put(Car::Way way, const Cargo& cargo, const std::function<bool()>& given_up) {
    CO_TRY(const Bytes offered, co_await ask_inside(way, flash::ask_offer(cargo.bytes)));
    CO_TRY(const flash::Offered at, flash::parse_offered(offered, told_));
    if (at.stored_bytes >= cargo.bytes.size_bytes) co_return Result<void>{};
    io::log::info("{}: {} of {} bytes to its store", zone_.str(), cargo.bytes.size_bytes - at.stored_bytes,
                  cargo.bytes.size_bytes);
    CO_TRY(const Bytes begun, co_await ask(way, flash::ask_download_to_zone(at, cargo.bytes.size_bytes)));
    CO_TRY(const std::uint32_t longest, block_size_of(begun));
    const std::uint32_t block_bytes = std::min(longest, way.block_size_bytes_max);
    if (block_bytes <= block_overhead_bytes) co_return fail(flash::faults::strange_answer, "download to the zone");
    CO_ENSURE(co_await transfer(way, cargo, at.stored_bytes, block_bytes - block_overhead_bytes, given_up));
    const Bytes end{static_cast<std::uint8_t>(uds::Service::request_transfer_exit)};
    CO_TRY(const uds::Answer ended, co_await way.link.ask(way.target_address, end, {}));
    if (ended.refused())
        co_return fail(faults::not_taken, std::format("{} by {}", to_hex(cargo.bytes.sha256), zone_.str()));
    co_return Result<void>{};
}

io::Task<void> ZoneClient::transfer(Car::Way way, const Cargo& cargo, std::uint32_t first_byte,
                                    std::uint32_t block_bytes, const std::function<bool()>& given_up) {
    Bytes request;
    std::uint8_t counter = 0;
    for (std::uint32_t at = first_byte; at < cargo.bytes.size_bytes;) {
        if (given_up && given_up()) co_return fail(faults::work_stopped, zone_.str());
        const std::uint32_t size = std::min(block_bytes, cargo.bytes.size_bytes - at);
        request.resize(block_overhead_bytes + size);
        request[0] = static_cast<std::uint8_t>(uds::Service::transfer_data);
        request[1] = ++counter;
        CO_ENSURE(cargo.read(at, Room(request).subspan(block_overhead_bytes)));
        CO_ENSURE(co_await way.link.request(way.target_address, request));
        at += size;
    }
    co_return Result<void>{};
}

io::Task<void> ZoneClient::stop(EcuId ecu) {
    CO_TRY(const Car::Way way, car_.way_to(zone_));
    const Car::Turn held = co_await car_.turn(zone_);
    CO_TRY(const Bytes answer, co_await ask_inside(way, flash::ask_stop(ecu)));
    co_return flash::parse_done(answer, told_);
}

io::Task<void> ZoneClient::poll() {
    CO_TRY(const Car::Way way, car_.way_to(zone_));
    CO_TRY(const Bytes answer, co_await ask(way, flash::ask_report()));
    CO_TRY(report_, flash::parse_report(answer));
    heard_at_ = loop_.now();
    co_return Result<void>{};
}

io::Task<bool> ZoneClient::knows(std::uint64_t order_id, EcuId ecu) {
    CO_ENSURE(co_await poll());
    co_return std::ranges::any_of(report_, [&](const flash::WorkReport& row) {
        return row.ecu == ecu && row.order_id == order_id && row.state != flash::WorkState::failed;
    });
}

// What a poll says that began after this call. Null: the zone does not answer at the moment.
io::Task<const flash::WorkReport*> ZoneClient::next_row(std::uint64_t order_id, EcuId ecu) {
    const std::uint64_t begun_before = polls_begun_;
    while (polls_ended_ <= begun_before) {
        if (polling_) {
            co_await polled_.wait();
            continue;
        }
        struct Polling {
            explicit Polling(ZoneClient& of) : zone(of) { zone.polling_ = true; }
            ~Polling() {
                zone.polling_ = false;
                zone.polled_.notify();
            }
            ZoneClient& zone;
        };
        const Polling polling(*this);
        co_await io::pause(poll_interval);
        const std::uint64_t number = ++polls_begun_;
        last_poll_ = co_await poll();
        polls_ended_ = number;
    }
    if (!last_poll_ && loop_.now() - heard_at_ > silent_max) co_return fail(last_poll_.error());
    if (!last_poll_) co_return nullptr;
    const auto row = std::ranges::find_if(
        report_, [&](const flash::WorkReport& each) { return each.ecu == ecu && each.order_id == order_id; });
    if (row == report_.end()) co_return fail(faults::zone_forgot, std::format("{}: {}", zone_.str(), ecu.str()));
    co_return &*row;
}

io::Task<void> ZoneClient::watch(std::uint64_t order_id, EcuId ecu, Watch watch) {
    heard_at_ = std::max(heard_at_, loop_.now());
    std::uint8_t shown = 0;
    for (;;) {
        CO_TRY(const flash::WorkReport* row, co_await next_row(order_id, ecu));
        if (row != nullptr && row->state == flash::WorkState::done) co_return Result<void>{};
        if (row != nullptr && row->state == flash::WorkState::failed)
            co_return fail(told_.error_of(row->trouble.value_or(flash::Trouble{})));
        if (row != nullptr && watch.on_percent && std::exchange(shown, row->percent) != row->percent)
            watch.on_percent(row->percent);
        if (!watch.given_up || !watch.given_up()) continue;
        if (const auto stopped = co_await stop(ecu); !stopped) io::log::problem(stopped.error(), "stop " + ecu.str());
        co_return fail(faults::work_stopped, ecu.str());
    }
}

}  // namespace pitstop::gateway
