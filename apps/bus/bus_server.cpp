#include "apps/bus/bus_server.h"

#include "apps/bus/listener.h"
#include "apps/bus/node.h"
#include "apps/bus/socketcand_node.h"
#include "io/log/log.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <format>
#include <functional>
#include <map>

namespace pitstop::bus {

namespace asio = boost::asio;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

double percent(Nanos busy, Nanos elapsed) {
    return elapsed.count() <= 0 ? 0.0
                                : 100.0 * static_cast<double>(busy.count()) / static_cast<double>(elapsed.count());
}

// How far back a node may say that its frame has waited: what a very busy machine may be late.
constexpr Nanos lateness_max = std::chrono::milliseconds(500);

Nanos since_1970() { return std::chrono::duration_cast<Nanos>(std::chrono::system_clock::now().time_since_epoch()); }

}  // namespace

Nanos bus_clock() { return std::chrono::duration_cast<Nanos>(std::chrono::steady_clock::now().time_since_epoch()); }

struct BusServer::Inside final : Medium {
    Inside(io::Loop& on, io::can::Address at, Acceptor listening, Arbiter order, Recorder* record)
        : loop(on),
          address(std::move(at)),
          acceptor(std::move(listening)),
          arbiter(std::move(order)),
          recorder(record),
          offered(on),
          started(bus_clock()),
          reported_at(started) {}

    Result<void> offer(NodeId node, const isotp::CanFrame& frame, Nanos since) override;

    using MakeNode = std::function<std::shared_ptr<Node>(NodeId, Node::Socket)>;
    io::Task<void> accept(Acceptor& from, MakeNode make);
    io::Task<void> serve(std::shared_ptr<Node> node);
    std::string load_line();
    io::Task<void> keep_time();
    void deliver(const Passed& passed);

    io::Loop& loop;
    io::can::Address address;
    Acceptor acceptor;
    std::optional<Acceptor> tools;
    std::optional<io::can::Address> tools_address;
    Arbiter arbiter;
    Recorder* recorder;
    std::map<NodeId, std::shared_ptr<Node>> nodes;  // shared with the node's own task
    NodeId next_node = 1;
    io::Signal offered;
    Nanos started, reported_at;
    Load reported;
    std::uint64_t losses = 0;
};

Result<void> BusServer::Inside::offer(NodeId node, const isotp::CanFrame& frame, Nanos since) {
    const Nanos now = bus_clock();
    const bool believed = since <= now && since >= now - lateness_max;
    ENSURE(arbiter.offer(node, frame, believed ? since : now));
    offered.notify();
    return {};
}

io::Task<void> BusServer::Inside::accept(Acceptor& from, MakeNode make) {
    while (true) {
        auto [code, socket] = co_await from.async_accept(as_result);
        if (code) {
            co_await io::pause(std::chrono::milliseconds(50));  // out of descriptors: give others time to close some
            continue;
        }
        if (nodes.size() >= nodes_max) continue;
        const NodeId id = next_node++;
        auto node = make(id, std::move(socket));
        nodes.emplace(id, node);
        loop.spawn(std::format("node {}", id), serve(std::move(node)));
    }
}

io::Task<void> BusServer::Inside::serve(std::shared_ptr<Node> node) {
    const Result<void> ended = co_await node->run();
    nodes.erase(node->id());
    arbiter.forget(node->id());
    if (!ended) io::log::problem(ended.error(), std::format("node {}", node->id()));
    co_return Result<void>();
}

// A frame may pass late when the timer is late; the arbiter's clock does not shift for that.
io::Task<void> BusServer::Inside::keep_time() {
    asio::steady_timer timer(loop.context());
    while (true) {
        while (const auto passed = arbiter.take(bus_clock())) deliver(*passed);
        for (const auto& [id, node] : nodes) node->flush();
        if (const auto look = arbiter.next_look()) {
            timer.expires_at(std::chrono::steady_clock::time_point(*look));
            co_await timer.async_wait(asio::use_awaitable);
            continue;
        }
        if (recorder != nullptr) CO_ENSURE(recorder->flush());
        co_await offered.wait();
    }
}

void BusServer::Inside::deliver(const Passed& passed) {
    if (recorder != nullptr) recorder->write(passed);
    if (passed.fate == Fate::destroyed) return;
    for (const auto& [id, node] : nodes) {
        if (id == passed.from) {
            if (passed.fate == Fate::passes) node->confirm(passed.end);
        } else if (arbiter.disturbance().hearing(passed.number, id) == Hearing::hears) {
            node->hear(passed);
        } else {
            ++losses;
        }
    }
}

Result<std::unique_ptr<BusServer>> BusServer::open(io::Loop& loop, const io::can::Address& address, Arbiter arbiter,
                                                   Recorder* recorder) {
    TRY(Acceptor acceptor, listen_at(loop, address));
    auto inside = std::make_unique<Inside>(loop, address, std::move(acceptor), std::move(arbiter), recorder);
    Inside& self = *inside;
    loop.spawn("accept nodes", self.accept(self.acceptor, [&self](NodeId id, Node::Socket socket) {
        return std::make_shared<StreamNode>(self.loop, id, std::move(socket), self);
    }));
    loop.spawn("bus clock", self.keep_time());
    return std::unique_ptr<BusServer>(new BusServer(std::move(inside)));
}

Result<void> BusServer::serve_tools_at(const io::can::Address& address, std::string name) {
    Inside& self = *inside_;
    TRY(Acceptor acceptor, listen_at(self.loop, address));
    self.tools.emplace(std::move(acceptor));
    self.tools_address = address;
    const Nanos offset = since_1970() - bus_clock();
    self.loop.spawn("accept tools", self.accept(*self.tools, [&self, name, offset](NodeId id, Node::Socket socket) {
        return std::make_shared<SocketcandNode>(self.loop, id, std::move(socket), self, name, offset);
    }));
    return {};
}

void BusServer::report_load_every(std::chrono::seconds period) {
    inside_->loop.spawn("bus load", [](Inside& self, std::chrono::seconds each) -> io::Task<void> {
        while (true) {
            co_await io::pause(each);
            io::log::info("{}: {}", text_of(self.acceptor, self.address), self.load_line());
        }
    }(*inside_, period));
}

BusServer::BusServer(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

BusServer::~BusServer() {
    std::error_code none;
    if (!inside_->address.socket_path.empty()) std::filesystem::remove(inside_->address.socket_path, none);
}

std::string BusServer::listening_at() const { return text_of(inside_->acceptor, inside_->address); }

std::size_t BusServer::node_count() const { return inside_->nodes.size(); }

std::string BusServer::tools_at() const { return text_of(*inside_->tools, *inside_->tools_address); }

std::string BusServer::load_line() { return inside_->load_line(); }

std::string BusServer::Inside::load_line() {
    const Nanos now = bus_clock();
    const Load& load = arbiter.load();
    const double lately = percent(load.busy - reported.busy, now - reported_at);
    std::string line = std::format(
        "bus load {:.1f} % since the last report, {:.1f} % since the start; {} frames, {} payload bytes, {} nodes",
        lately, percent(load.busy, now - started), load.frames, load.payload_bytes, nodes.size());
    if (load.error_frames > 0 || losses > 0)
        line += std::format("; {} error frames, {} losses", load.error_frames, losses);
    reported = load;
    reported_at = now;
    return line;
}

}  // namespace pitstop::bus
