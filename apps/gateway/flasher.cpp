#include "apps/gateway/flasher.h"

#include "apps/gateway/faults.h"
#include "io/files/descriptor.h"
#include "io/files/faults.h"
#include "io/log/log.h"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <format>
#include <optional>

namespace pitstop::gateway {
namespace {

namespace log = io::log;

// Well below the ECU's S3 of 5 s (ISO 14229-2 §7), which runs while nothing is asked.
constexpr std::chrono::seconds tester_present_after{2};
constexpr std::array<std::uint8_t, 2> tester_present{static_cast<std::uint8_t>(uds::Service::tester_present),
                                                     uds::suppress_positive_bit};

class ImageFile {
public:
    ImageFile(std::filesystem::path path, std::uint32_t first_byte) : path_(std::move(path)), first_byte_(first_byte) {}

    Result<void> read(std::uint32_t offset, Room into) {
        if (!file_.is_open()) file_ = io::files::Descriptor(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
        std::size_t done = 0;
        while (done < into.size()) {
            const off_t at = static_cast<off_t>(first_byte_ + offset + done);
            const ssize_t size = ::pread(file_.get(), into.data() + done, into.size() - done, at);
            if (size < 0 && errno == EINTR) continue;
            if (size <= 0)
                return fail(
                    io::files::faults::unreadable,
                    std::format("{}: {}", path_.string(), size == 0 ? "it is too short" : std::strerror(errno)));
            done += static_cast<std::size_t>(size);
        }
        return {};
    }

private:
    std::filesystem::path path_;
    std::size_t first_byte_;
    io::files::Descriptor file_;
};

// One order on its way.
class Flashing {
public:
    Flashing(io::Loop& loop, Car::Way way, FlashOrder order)
        : loop_(loop),
          way_(way),
          order_(std::move(order)),
          image_(order_.file, order_.payload_at_byte),
          programmer_(order_.plan, order_.image, {.block_size_bytes_max = way.block_size_bytes_max}, order_.metadata,
                      order_.payload) {}

    io::Task<void> run() {
        for (;;) {
            const flash::Action action = programmer_.next();
            if (const auto* request = std::get_if<flash::SendRequest>(&action)) {
                if (order_.given_up && order_.given_up()) co_return fail(faults::work_stopped, order_.ecu.str());
                co_await send(*request);
            } else if (const auto* need = std::get_if<flash::NeedImage>(&action)) {
                give_image(*need);
            } else if (const auto* rest = std::get_if<flash::Pause>(&action)) {
                co_await io::pause(rest->time);
            } else if (const auto* progress = std::get_if<flash::Progress>(&action)) {
                show(*progress);
            } else if (const auto* failed = std::get_if<flash::Failed>(&action)) {
                co_return fail(failed->error);
            } else {
                co_return Result<void>{};
            }
        }
    }

private:
    boost::asio::awaitable<void> send(flash::SendRequest request) {
        if (loop_.now() - last_sent_ > tester_present_after && last_sent_.us != 0)
            (void)co_await way_.link.ask(way_.target_address, tester_present,
                                         {});  // what it brings shows the next request
        uds::TesterTimings timings;
        timings.total = request.time_limit;
        const Result<uds::Answer> answer = co_await way_.link.ask(way_.target_address, request.request, timings);
        last_sent_ = loop_.now();
        if (!answer)
            programmer_.on_error(answer.error());
        else if (answer->refused())
            programmer_.on_refusal(answer->refusal);
        else
            programmer_.on_answer(answer->positive);
    }

    void give_image(const flash::NeedImage& need) {
        if (const auto read = image_.read(need.offset, need.into); !read)
            programmer_.on_error(read.error());
        else
            programmer_.on_image();
    }

    void show(const flash::Progress& progress) {
        if (progress.step != shown_) log::info("{}: {}", order_.ecu.str(), flash::to_string(progress.step));
        shown_ = progress.step;
        if (progress.step != flash::ProgrammerStep::transfer || progress.total_bytes == 0 || !order_.on_percent) return;
        order_.on_percent(static_cast<std::uint8_t>(std::uint64_t{progress.done_bytes} * 100 / progress.total_bytes));
    }

    io::Loop& loop_;
    Car::Way way_;
    FlashOrder order_;
    ImageFile image_;
    flash::Programmer programmer_;
    std::optional<flash::ProgrammerStep> shown_;
    Tick last_sent_;
};

}  // namespace

flash::ImageRecord record_of(const uptane::TrustedTarget& target) {
    return {.size_bytes = static_cast<std::uint32_t>(target.length_bytes),
            .sha256 = target.sha256,
            .version = target.version,
            .release_counter = target.release_counter,
            .hardware_id = Text<flash::ImageRecord::hardware_id_size_max>(target.hardware.view())};
}

io::Task<void> carry_out(io::Loop& loop, Car& car, FlashOrder order) {
    CO_TRY(const Car::Way way, car.way_to(order.ecu));
    const Car::Turn held = co_await car.turn(order.ecu);
    Flashing flashing(loop, way, std::move(order));
    co_return co_await flashing.run();
}

}  // namespace pitstop::gateway
