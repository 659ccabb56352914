#include "io/flashing/flashing.h"

#include "core/compress/writers.h"
#include "core/flash/metadata_intake.h"
#include "io/files/descriptor.h"
#include "io/flashing/faults.h"
#include "io/log/log.h"

#include <memory>

namespace pitstop::io::flashing {
namespace {

using flash::ProgrammerStep;

constexpr std::array<std::uint8_t, 2> tester_present{static_cast<std::uint8_t>(uds::Service::tester_present),
                                                     uds::suppress_positive_bit};

class ImageFile {
public:
    ImageFile(std::filesystem::path path, std::uint32_t first_byte) : path_(std::move(path)), first_byte_(first_byte) {}

    Result<void> read(std::uint32_t offset, Room into) {
        if (!file_.is_open()) {
            TRY(file_, files::open_regular(path_));
        }
        return files::read_at(file_.get(), first_byte_ + offset, into, path_);
    }

private:
    std::filesystem::path path_;
    std::size_t first_byte_;
    files::Descriptor file_;
};

// An ECU that restarts has nothing that would have to be restored.
bool is_restarting(ProgrammerStep step) {
    return step == ProgrammerStep::reset || step == ProgrammerStep::wait_for_boot || step == ProgrammerStep::read_back;
}

bool is_restoring(ProgrammerStep step) {
    return step == ProgrammerStep::communication_on || step == ProgrammerStep::dtc_on ||
           step == ProgrammerStep::default_session;
}

// Empty: it travels as it is.
Bytes packed(View metadata, const Way& way) {
    if (!way.is_bus || metadata.empty()) return {};
    return *compress::gzip(metadata, {.window_bytes = flash::MetadataIntake::window_bytes});
}

// One order on its way.
class Flashing {
public:
    Flashing(Loop& loop, Way way, Order order, std::optional<Visitor::Visit> visit)
        : loop_(loop),
          way_(way),
          order_(std::move(order)),
          visit_(std::move(visit)),
          packed_metadata_(packed(order_.metadata, way)),
          programmer_(order_.plan, order_.image, settings(), order_.metadata, order_.payload, packed_metadata_) {}

    Task<void> run() {
        for (;;) {
            const flash::Action action = programmer_.next();
            if (const auto* request = std::get_if<flash::SendRequest>(&action)) {
                if (is_given_up_now()) {
                    if (is_restarting(*shown_)) co_return fail(faults::stopped, order_.ecu.str());
                    programmer_.on_error(Error(faults::stopped, order_.ecu.str()));
                } else {
                    co_await send(*request);
                }
            } else if (const auto* proof = std::get_if<flash::NeedProof>(&action)) {
                prove(*proof);
            } else if (const auto* need = std::get_if<flash::NeedImage>(&action)) {
                give_image(*need);
            } else if (const auto* rest = std::get_if<flash::Pause>(&action)) {
                co_await pause(rest->time);
            } else if (const auto* progress = std::get_if<flash::Progress>(&action)) {
                co_await show(*progress);
            } else if (const auto* failed = std::get_if<flash::Failed>(&action)) {
                co_return fail(failed->error);
            } else {
                co_return Result<void>{};
            }
        }
    }

private:
    // Once: what the Programmer does from then on is to restore the ECU, as it does at its end anyway.
    bool is_given_up_now() {
        if (stopped_ || is_restoring(*shown_) || !order_.given_up || !order_.given_up()) return false;
        stopped_ = true;
        return true;
    }

    boost::asio::awaitable<void> send(flash::SendRequest request) {
        if (loop_.now() - last_sent_ > tester_present_after && last_sent_.us != 0) co_await keep_awake();
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

    boost::asio::awaitable<void> keep_awake() {
        (void)co_await way_.link.ask(way_.target_address, tester_present, {});  // what it brings shows the next request
        last_sent_ = loop_.now();
    }

    [[nodiscard]] flash::ProgrammerSettings settings() const {
        flash::ProgrammerSettings settings{.block_size_bytes_max = way_.block_size_bytes_max};
        if (visit_) settings.entrance = visit_->entrance;
        if (visit_) settings.fingerprint = visit_->fingerprint;
        return settings;
    }

    void prove(const flash::NeedProof& need) {
        const auto proof = visit_->prover.prove(need.kind, need.text);
        proof ? programmer_.on_proof(*proof) : programmer_.on_error(proof.error());
    }

    void give_image(const flash::NeedImage& need) {
        if (const auto read = order_.read_image(need.offset, need.into); !read)
            programmer_.on_error(read.error());
        else
            programmer_.on_image();
    }

    boost::asio::awaitable<void> show(flash::Progress progress) {
        const bool begins = progress.step != shown_;
        if (begins) log::info("{}: {}", order_.ecu.str(), flash::to_string(progress.step));
        shown_ = progress.step;
        if (order_.on_progress) order_.on_progress(progress);
        if (!begins || progress.step != ProgrammerStep::transfer || !order_.may_transfer) co_return;
        while (!co_await order_.may_transfer()) {
            if (order_.given_up && order_.given_up()) co_return;
            co_await keep_awake();
        }
        if (loop_.now() - last_sent_ > tester_present_after) co_await keep_awake();
    }

    Loop& loop_;
    Way way_;
    Order order_;
    std::optional<Visitor::Visit> visit_;
    Bytes packed_metadata_;
    flash::Programmer programmer_;
    std::optional<ProgrammerStep> shown_;  // before its first request
    Tick last_sent_;
    bool stopped_ = false;
};

}  // namespace

ReadImage image_in(std::filesystem::path file, std::uint32_t first_byte) {
    // shared_ptr: a std::function is copied, an open file is not.
    return [image = std::make_shared<ImageFile>(std::move(file), first_byte)](std::uint32_t offset, Room into) {
        return image->read(offset, into);
    };
}

Task<void> carry_out(Loop& loop, Way way, Order order) {
    std::optional<Visitor::Visit> visit;
    if (way.visitor != nullptr) {
        CO_TRY(auto admitted, way.visitor->visit(order.ecu, loop.utc_now()));
        visit.emplace(std::move(admitted));
    }
    Flashing flashing(loop, way, std::move(order), std::move(visit));
    co_return co_await flashing.run();
}

std::optional<std::uint8_t> percent_of(const flash::Progress& progress) {
    if (progress.step != ProgrammerStep::transfer || progress.total_bytes == 0) return std::nullopt;
    return static_cast<std::uint8_t>(std::uint64_t{progress.done_bytes} * 100 / progress.total_bytes);
}

}  // namespace pitstop::io::flashing
