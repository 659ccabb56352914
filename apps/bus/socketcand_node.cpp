#include "apps/bus/socketcand_node.h"

#include "io/log/log.h"

#include <format>

namespace pitstop::bus {
namespace {

namespace text = io::can::socketcand;

constexpr std::size_t waiting_max = 64;  // then the socket is read no further

}  // namespace

SocketcandNode::SocketcandNode(io::Loop& loop, NodeId id, Socket socket, Medium& medium, std::string bus, Nanos offset)
    : Node(loop, id, std::move(socket), medium),
      bus_(std::move(bus)),
      offset_(offset) {}

io::Task<void> SocketcandNode::greet() {
    begin();
    say(text::greeting);
    co_return Result<void>();
}

void SocketcandNode::hear(const Passed& passed) {
    if (mode_ != Mode::raw || !listens()) return;
    const auto since_1970 = std::chrono::duration_cast<std::chrono::microseconds>(passed.end + offset_);
    const std::string line = text::line_of(passed.frame, since_1970);
    outgoing().insert(outgoing().end(), line.begin(), line.end());
}

void SocketcandNode::confirm(Nanos) {
    --offered_;
    if (const auto passed = pass_on(); !passed) io::log::problem(passed.error(), std::format("tool {}", id()));
    read_on();
}

SocketcandNode::Reading SocketcandNode::reading() const {
    return waiting_.size() < waiting_max ? Reading::goes_on : Reading::pauses;
}

Result<std::size_t> SocketcandNode::on_bytes(View bytes) {
    std::size_t taken = 0;
    while (true) {
        TRY(const auto read, text::read_command(bytes.subspan(taken)));
        if (!read) break;
        taken += read->size_bytes;
        obey(read->command);
    }
    ENSURE(pass_on());
    return taken;
}

void SocketcandNode::obey(const text::Command& command) {
    if (std::holds_alternative<text::Echo>(command)) return say(text::echo);
    if (const auto* open = std::get_if<text::Open>(&command); open != nullptr && mode_ == Mode::no_bus) {
        if (open->bus != bus_) return say(text::could_not_open);
        mode_ = Mode::bcm;
        return say(text::ok);
    }
    if (mode_ == Mode::no_bus) return say(text::unknown_command);
    if (const auto* send = std::get_if<text::Send>(&command)) return waiting_.push_back(send->frame);
    const bool raw = std::holds_alternative<text::RawMode>(command);
    if (!raw && !std::holds_alternative<text::BcmMode>(command)) return say(text::unknown_command);
    mode_ = raw ? Mode::raw : Mode::bcm;
    say(text::ok);
}

Result<void> SocketcandNode::pass_on() {
    while (!waiting_.empty() && offered_ < queue_depth) {
        ENSURE(offer(waiting_.front(), Nanos(0)));
        waiting_.pop_front();
        ++offered_;
    }
    return {};
}

void SocketcandNode::say(std::string_view line) {
    outgoing().insert(outgoing().end(), line.begin(), line.end());
    flush();
}

}  // namespace pitstop::bus
