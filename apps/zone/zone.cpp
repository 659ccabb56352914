#include "apps/zone/zone.h"

#include "io/log/log.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pitstop::zone {
namespace {

namespace can = io::can;
namespace log = io::log;

constexpr std::uint16_t functional_address = 0xE400;  // every ECU of the vehicle, DESIGN §5
constexpr isotp::CanId functional_id{0x7DF};          // on buses with 11-bit identifiers (ISO 15765-4)
constexpr std::chrono::milliseconds bus_pause{250};

// In the name of an ECU.
void refuse(std::uint16_t ecu, View uds, uds::Nrc why, const std::shared_ptr<io::ethernet::ReplySink>& sink) {
    sink->reply(ecu, std::array{uds::negative_response_sid, uds[0], static_cast<std::uint8_t>(why)});
}

constexpr std::string_view not_directed = "erase or download refused: no judged metadata names an image for it";

}  // namespace

Zone::Zone(io::Loop& loop, const Settings& settings, ZoneParts parts)
    : loop_(loop),
      identity_(settings.identity),
      parts_(parts) {
    std::map<EcuId, Place> places;
    std::vector<io::survey::Member> members;
    for (const auto& route : settings.routes) {
        Route& made = routes_.try_emplace(route.ecu.address(), loop, route).first->second;
        RouteLink& link = links_.try_emplace(route.ecu.address(), loop, made).first->second;
        places.emplace(route.ecu, Place{route.bus, link});
        members.push_back({route.ecu, link});
    }
    if (parts.store != nullptr) own_.emplace(loop, *parts.store, parts.trust, std::move(places));
    collector_.emplace(loop, std::move(members),
                       [this](EcuId ecu) { return own_ && own_->flasher.is_working_on(ecu); });
    start_own_ecu();
}

void Zone::start_own_ecu() {
    ZoneTrust* const trust = parts_.trust != nullptr && parts_.trust->is_there() ? parts_.trust : nullptr;
    uds::Access* const access = parts_.access == nullptr ? nullptr : &parts_.access->port();
    if (access != nullptr) access->session_changed(uds::Session::default_);  // what was proved before is forgotten
    self_.emplace(loop_, identity_,
                  ZoneEcu::Parts{trust, own_ ? &own_->intake : nullptr, parts_.image, access, *collector_});
    // Its driver still runs when it tells that it is idle, so its end is left to a task.
    self_->when_idle([this] {
        if (self_ && self_->wants_restart()) loop_.spawn("restart", restart());
    });
}

io::Task<void> Zone::restart() {
    if (!self_ || !self_->wants_restart()) co_return Result<void>{};
    log::info("{} restarts", identity_.id.str());
    self_.reset();
    if (own_) {
        own_->flasher.forget();
        own_->intake.session_changed(uds::Session::default_);
    }
    collector_->forget();
    if (when_restarting_) when_restarting_();
    co_await io::pause(parts_.image->settings().boot_time);
    CO_ENSURE(parts_.image->power_on(*parts_.trust));
    start_own_ecu();
    if (when_restarted_) when_restarted_();
    co_return Result<void>{};
}

io::Task<void> Zone::work() {
    if (!own_) co_return Result<void>{};
    co_return co_await own_->flasher.run();
}

// Whether it is joined; a bus that is not there yet is no error.
io::Task<bool> Zone::try_to_join(const BusSettings& bus) {
    auto client = co_await can::BusClient::connect(loop_, bus.address);
    if (!client) {
        if (client.error().remedy() != Remedy::retry) co_return std::unexpected(client.error());
        co_return false;
    }
    buses_.push_back({bus.name, *std::move(client)});
    for (auto& [address, route] : routes_)
        if (route.settings().bus == bus.name) CO_ENSURE(route.open(*buses_.back().client));
    log::info("bus {} at {} joined", bus.name, bus.address);
    co_return true;
}

io::Task<void> Zone::join_later(BusSettings bus) {
    while (true) {
        co_await io::pause(bus_pause);
        CO_TRY(const bool joined, co_await try_to_join(bus));
        if (joined) co_return Result<void>{};
    }
}

io::Task<void> Zone::join(std::span<const BusSettings> buses) {
    for (const BusSettings& bus : buses) {
        CO_TRY(const bool joined, co_await try_to_join(bus));
        if (joined) continue;
        log::warning("bus {} at {} is not there yet: waiting for it", bus.name, bus.address);
        loop_.spawn("bus " + bus.name, join_later(bus));
    }
    co_return Result<void>{};
}

doip::Delivery Zone::look_up(std::uint16_t target, std::size_t uds_size_bytes) {
    if (!self_) return doip::Delivery::target_unreachable;
    if (target == identity_.id.address()) return doip::Delivery::accepted;
    if (target == functional_address) return look_up_all(uds_size_bytes);
    const auto route = routes_.find(target);
    return route == routes_.end() ? doip::Delivery::unknown_target : route->second.look_up(uds_size_bytes);
}

// A functional message is a single frame (ISO 15765-2 §9.6.1): more than any bus here carries would reach the zone
// alone.
doip::Delivery Zone::look_up_all(std::size_t uds_size_bytes) const {
    const bool fits = buses_.empty() || std::ranges::any_of(buses_, [&](const Bus& bus) {
                          return uds_size_bytes <= isotp::single_size_max(functional_form(bus.name));
                      });
    return fits ? doip::Delivery::accepted : doip::Delivery::message_too_large;
}

bool Zone::is_guarded(const Route& route, View uds) const {
    const ZoneTrust* const trust = parts_.trust;
    return trust != nullptr && overwrites_an_image(uds) && !trust->may_program(route.settings().ecu);
}

void Zone::on_request(const doip::Diagnostic& request, const Sink& sink) {
    if (!self_ || self_->wants_restart()) return;
    if (request.target == identity_.id.address())
        return self_->on_request(request.uds, uds::Addressing::physical, sink);
    if (request.target == functional_address) return on_functional(request.uds, sink);
    const auto found = routes_.find(request.target);
    if (found == routes_.end()) return;
    Route& route = found->second;
    const auto refuse_as = [&](uds::Nrc why) { refuse(request.target, request.uds, why, sink); };
    if (is_guarded(route, request.uds)) {
        log::warning("{}: {}", route.settings().ecu.str(), not_directed);
        return refuse_as(uds::Nrc::conditions_not_correct);
    }
    if (own_ && own_->flasher.is_working_on(route.settings().ecu) && !uds::disturbs_nobody(request.uds))
        return refuse_as(uds::Nrc::busy_repeat_request);
    route.on_request(request.uds, sink);
}

void Zone::on_closed(const io::ethernet::ReplySink& sink) {
    if (self_) self_->on_closed(sink);
    for (auto& [address, route] : routes_) route.on_closed(sink);
}

// All on a bus hear a functional request: also the one ECU that is somebody's, and the one that shall get no image.
uds::Nrc Zone::objection(std::string_view bus, const Sink& sink, View uds) const {
    const auto any = [&](const auto& is_so) {
        return std::ranges::any_of(
            routes_, [&](const auto& each) { return each.second.settings().bus == bus && is_so(each.second); });
    };
    if (any([&](const Route& route) { return is_guarded(route, uds); })) return uds::Nrc::conditions_not_correct;
    const bool is_busy = (own_ && own_->flasher.is_working_on_bus(bus) && !uds::disturbs_nobody(uds)) ||
                         any([&](const Route& route) { return route.is_kept_from(sink, uds); });
    return is_busy ? uds::Nrc::busy_repeat_request : uds::Nrc::positive_response;
}

// FD nodes understand classic frames, not the other way round.
isotp::FrameForm Zone::functional_form(std::string_view bus) const {
    const bool all_fd = std::ranges::none_of(routes_, [&](const auto& each) {
        const RouteSettings& route = each.second.settings();
        return route.bus == bus && route.format == CanFormat::classic;
    });
    return (all_fd ? can::fd_settings(functional_id, {}) : can::classic_settings(functional_id, {})).form;
}

void Zone::on_functional(View uds, const Sink& sink) {
    self_->on_request(uds, uds::Addressing::functional, sink);
    for (const Bus& bus : buses_) {
        const isotp::FrameForm form = functional_form(bus.name);
        if (!bus.client->connected()) continue;
        if (uds.size() > isotp::single_size_max(form)) {
            log::info("functional request of {} bytes: bus {} carries no more than {} in one frame", uds.size(),
                      bus.name, isotp::single_size_max(form));
            continue;
        }
        const uds::Nrc objection = this->objection(bus.name, sink, uds);
        const bool passes = objection == uds::Nrc::positive_response;
        if (objection == uds::Nrc::conditions_not_correct) log::warning("bus {}: {}", bus.name, not_directed);
        for (auto& [address, route] : routes_) {
            if (route.settings().bus != bus.name) continue;
            if (passes)
                route.expect_answer(uds, sink);
            else
                refuse(address, uds, objection, sink);
        }
        if (!passes) continue;
        loop_.spawn("functional request on " + bus.name, broadcast(*bus.client, form, Bytes(uds.begin(), uds.end())));
    }
}

io::Task<void> Zone::broadcast(can::BusClient& bus, isotp::FrameForm form, Bytes uds) {
    if (const auto sent = co_await can::send_functional(bus, form, uds); !sent)
        log::problem(sent.error(), "functional request");
    co_return Result<void>{};
}

}  // namespace pitstop::zone
