#include "io/ecu/factory.h"

#include "core/crypto/digest.h"
#include "io/files/atomic_file.h"
#include "io/log/log.h"

#include <format>

namespace pitstop::ecu {
namespace {

namespace log = io::log;

Result<void> write_image(flash::Slots& slots, View image) {
    ENSURE(slots.begin(static_cast<std::uint32_t>(image.size())));
    for (;;) {
        TRY(const flash::Step step, slots.erase_step());
        if (step == flash::Step::done) break;
    }
    ENSURE(slots.write(image));
    return slots.finish();
}

Result<void> check_image(flash::Slots& slots, const flash::ImageRecord& record) {
    ENSURE(slots.begin_check(record));
    for (;;) {
        TRY(const flash::Step step, slots.check_step());
        if (step == flash::Step::done) return {};
    }
}

flash::ImageRecord record_of(View image, const FactorySettings& factory, const Identity& identity) {
    flash::ImageRecord record;
    record.size_bytes = static_cast<std::uint32_t>(image.size());
    record.sha256 = crypto::sha256(image);
    record.version = factory.version;
    record.release_counter = factory.release_counter;
    record.hardware_id = Text<flash::ImageRecord::hardware_id_size_max>(identity.hardware_id.view());
    return record;
}

Result<void> install(const FactorySettings& factory, const Identity& identity, flash::Slots& slots) {
    if (slots.running_image() == nullptr) {
        TRY(const Bytes image, io::files::read_file(factory.image, slots.layout().image_size_bytes_max()));
        ENSURE(write_image(slots, image));
        ENSURE(check_image(slots, record_of(image, factory, identity)));
        ENSURE(slots.activate());
        ENSURE(slots.boot());
    }
    ENSURE(slots.commit());
    log::info("{}: factory image installed", identity.id.str());
    return {};
}

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

Result<void> start_image(const ImageSettings& settings, flash::Slots& slots) {
    if (settings.factory && slots.is_factory_new()) ENSURE(install(*settings.factory, settings.identity, slots));
    log_boot(settings.identity.id.str(), slots);
    return {};
}

}  // namespace pitstop::ecu
