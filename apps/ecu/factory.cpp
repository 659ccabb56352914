#include "apps/ecu/factory.h"

#include "core/crypto/digest.h"
#include "io/files/atomic_file.h"

namespace pitstop::ecu {
namespace {

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

}  // namespace

Result<FactoryWork> install_factory_image(const FactorySettings& factory, const Identity& identity,
                                          flash::Slots& slots) {
    if (!slots.is_factory_new()) return FactoryWork::not_needed;
    if (slots.running_image() == nullptr) {
        TRY(const Bytes image, io::files::read_file(factory.image, slots.layout().image_size_bytes_max()));
        ENSURE(write_image(slots, image));
        ENSURE(check_image(slots, record_of(image, factory, identity)));
        ENSURE(slots.activate());
        ENSURE(slots.boot());
    }
    ENSURE(slots.commit());
    return FactoryWork::done_now;
}

}  // namespace pitstop::ecu
