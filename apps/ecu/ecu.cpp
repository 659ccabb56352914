#include "apps/ecu/ecu.h"

#include "apps/ecu/application.h"
#include "apps/ecu/factory.h"
#include "core/flash/slots.h"
#include "core/uds/server.h"
#include "io/ethernet/uds_driver.h"
#include "io/log/log.h"

#include <array>

namespace pitstop::ecu {
namespace {

namespace log = io::log;

constexpr std::size_t answer_size_bytes_max = 4096;  // ten identifiers of the longest data

void log_boot(const std::string& name, const flash::Slots& slots) {
    const flash::BankState state = slots.bank_state();
    const flash::ImageRecord* image = slots.running_image();
    if (image == nullptr) {
        log::warning("{}: no bank holds a good image: stays in the boot loader and can be programmed", name);
        return;
    }
    log::info(
        "{}: runs {} from bank {}, digest {}, release counter {}, {}{}", name, image->version.str(),
        to_string(*state.running), to_hex(image->sha256).substr(0, 16), image->release_counter, to_string(state.phase),
        state.phase == flash::Phase::trial ? std::format(", start {} of {}", state.attempts, flash::boot_attempts_max)
                                           : "");
    const bool fell_back = state.last_change == flash::LastChange::fell_back_bad_digest ||
                           state.last_change == flash::LastChange::fell_back_attempts;
    if (fell_back) log::warning("{}: {}", name, to_string(state.last_change));
}

}  // namespace

struct Ecu::Life {
    flash::Slots slots;
    Application application;
    std::array<std::uint8_t, answer_size_bytes_max> storage{};
    uds::Server server;
    io::ethernet::UdsDriver driver;

    Life(Ecu& ecu)
        : slots(ecu.flash_, ecu.layout_, ecu.hasher_, ecu.settings_.identity.hardware_id.view()),
          application(ecu.settings_, slots),
          server(application, {}, storage),
          driver(ecu.loop_, server, ecu.settings_.identity.id.address()) {}
};

Ecu::Ecu(io::Loop& loop, const Settings& settings, flash::FlashDevice& flash, const flash::Layout& layout)
    : loop_(loop),
      settings_(settings),
      flash_(flash),
      layout_(layout) {}

Ecu::~Ecu() = default;

Result<void> Ecu::power_on() {
    auto life = std::make_unique<Life>(*this);
    ENSURE(life->slots.boot());
    if (settings_.factory) {
        TRY(const auto work, install_factory_image(*settings_.factory, settings_.identity, life->slots));
        if (work == FactoryWork::done_now) log::info("{}: factory image installed", settings_.identity.id.str());
    }
    log_boot(settings_.identity.id.str(), life->slots);
    life->driver.when_idle([this] { restart_if_asked(); });
    life_ = std::move(life);
    return {};
}

void Ecu::on_request(View request, uds::Addressing addressing, const std::shared_ptr<io::ethernet::ReplySink>& sink) {
    if (life_ != nullptr && !life_->application.wants_restart()) life_->driver.on_request(request, addressing, sink);
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
    co_return power_on();
}

}  // namespace pitstop::ecu
