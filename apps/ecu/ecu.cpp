#include "apps/ecu/ecu.h"

#include "apps/ecu/application.h"
#include "apps/ecu/open_trust.h"
#include "core/flash/slots.h"
#include "core/uds/server.h"
#include "core/uptane/bundle.h"
#include "io/ecu/factory.h"
#include "io/ecu/own_access.h"
#include "io/ecu/own_opening.h"
#include "io/ethernet/uds_driver.h"

#include <array>

namespace pitstop::ecu {
namespace {

// A version report with ML-DSA-87, and nine identifiers beside it.
constexpr std::size_t answer_size_bytes_max = uptane::packed_report_bytes_max + 4096;

// Set aside at the start; not touched, so not there, until something comes.
struct Storage {
    explicit Storage(std::size_t size_bytes)
        : size_bytes_(size_bytes),
          bytes_(std::make_unique_for_overwrite<std::uint8_t[]>(size_bytes)) {}
    [[nodiscard]] Room room() const { return {bytes_.get(), size_bytes_}; }

private:
    std::size_t size_bytes_;
    std::unique_ptr<std::uint8_t[]> bytes_;
};

// Of one cycle's metadata.
std::size_t metadata_bytes_max(const Settings& settings) {
    if (!settings.trust) return 0;
    return settings.trust->verification == flash::Verification::partial ? uptane::partial_bundle_size_bytes_max
                                                                        : uptane::full_bundle_size_bytes_max;
}

}  // namespace

struct Ecu::Life {
    std::unique_ptr<flash::Slots> slots;
    std::unique_ptr<OwnTrust> trust;
    std::unique_ptr<OwnOpening> opening;
    std::unique_ptr<OwnAccess> access;
    Storage metadata, unpacking, blocks;
    Diagnostics diagnostics;
    Application application;
    std::array<std::uint8_t, answer_size_bytes_max> storage{};
    uds::Server server;
    io::ethernet::UdsDriver driver;

    Life(Ecu& ecu, std::unique_ptr<flash::Slots> booted, std::unique_ptr<OwnTrust> opened,
         std::unique_ptr<OwnOpening> made, std::unique_ptr<OwnAccess> locks)
        : slots(std::move(booted)),
          trust(std::move(opened)),
          opening(std::move(made)),
          access(std::move(locks)),
          metadata(metadata_bytes_max(ecu.settings_)),
          unpacking(flash::MetadataIntake::unpacking_bytes),
          blocks(flash::TargetSettings::room_bytes(ecu.settings_.block_size_bytes_max, 2)),
          diagnostics(ecu.loop_, ecu.settings_, *slots),
          application(ecu.settings_, *slots,
                      {trust.get(), {metadata.room(), unpacking.room()}, opening->port(), blocks.room(), diagnostics}),
          server(application, {}, storage, access ? &access->port() : nullptr, diagnostics.ports()),
          driver(ecu.loop_, server, ecu.settings_.identity.id.address()) {}
};

Ecu::Ecu(io::Loop& loop, const Settings& settings, flash::FlashDevice& flash, const flash::Layout& layout)
    : loop_(loop),
      settings_(settings),
      flash_(flash, layout),
      layout_(layout) {}

Ecu::~Ecu() = default;

Result<void> Ecu::power_on() {
    auto slots = std::make_unique<flash::Slots>(flash_, layout_, hasher_, settings_.identity.hardware_id.view());
    ENSURE(slots->boot());
    auto trust = open_trust(flash_, settings_, *slots, loop_.utc_now());
    ENSURE(start_image(settings_, *slots));
    TRY(auto opening, OwnOpening::create(settings_, *slots));
    const Identity& identity = settings_.identity;
    const std::string beside = settings_.flash.file.string();
    const OwnAccess::Owner owner{identity.id, identity.vin, identity.hardware_id.str(), beside + ".attempts",
                                 beside + ".ticket"};
    TRY(auto access, OwnAccess::open(loop_, owner, settings_.access));
    auto life =
        std::make_unique<Life>(*this, std::move(slots), std::move(trust), std::move(opening), std::move(access));
    life->driver.when_idle([this] { restart_if_asked(); });
    life_ = std::move(life);
    return {};
}

void Ecu::on_request(View request, uds::Addressing addressing, const std::shared_ptr<io::ethernet::ReplySink>& sink) {
    if (life_ != nullptr && !life_->application.wants_restart()) life_->driver.on_request(request, addressing, sink);
}

void Ecu::on_request_begins() {
    if (life_ != nullptr) life_->driver.on_request_begins();
}

void Ecu::on_request_lost() {
    if (life_ != nullptr) life_->driver.on_request_lost();
}

void Ecu::on_closed(const io::ethernet::ReplySink& sink) {
    if (life_ != nullptr) life_->driver.on_closed(sink);
}

// The driver still runs when it tells that it is idle, so its end is left to a task.
void Ecu::restart_if_asked() {
    if (life_ != nullptr && life_->application.wants_restart()) loop_.spawn("restart", restart());
}

io::Task<void> Ecu::restart() {
    if (life_ == nullptr) co_return Result<void>{};
    life_.reset();
    if (when_restarting_) when_restarting_();
    co_await io::pause(settings_.boot_time);
    CO_ENSURE(power_on());
    if (when_restarted_) when_restarted_();
    co_return Result<void>{};
}

}  // namespace pitstop::ecu
