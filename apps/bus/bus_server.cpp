#include "apps/bus/bus_server.h"

#include "apps/bus/listener.h"
#include "apps/bus/node.h"
#include "io/log/log.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <format>
#include <map>

namespace pitstop::bus {

namespace asio = boost::asio;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

double percent(Nanos busy, Nanos elapsed) {
    return elapsed.count() <= 0 ? 0.0
                                : 100.0 * static_cast<double>(busy.count()) / static_cast<double>(elapsed.count());
}

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

    Result<void> offer(NodeId node, const isotp::CanFrame& frame) override;

    io::Task<void> accept();
    io::Task<void> serve(std::shared_ptr<Node> node);
    io::Task<void> keep_time();
    void deliver(const Passed& passed);

    io::Loop& loop;
    io::can::Address address;
    Acceptor acceptor;
    Arbiter arbiter;
    Recorder* recorder;
    std::map<NodeId, std::shared_ptr<Node>> nodes;  // shared with the node's own task
    NodeId next_node = 1;
    io::Signal offered;
    Nanos started, reported_at;
    Load reported;
};

Result<void> BusServer::Inside::offer(NodeId node, const isotp::CanFrame& frame) {
    ENSURE(arbiter.offer(node, frame, bus_clock()));
    offered.notify();
    return {};
}

io::Task<void> BusServer::Inside::accept() {
    while (true) {
        auto [code, socket] = co_await acceptor.async_accept(as_result);
        if (code) {
            co_await io::pause(std::chrono::milliseconds(50));  // out of descriptors: give others time to close some
            continue;
        }
        if (nodes.size() >= nodes_max) continue;
        const NodeId id = next_node++;
        auto node = std::make_shared<Node>(loop, id, std::move(socket), *this);
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
        if (const auto end = arbiter.next_end()) {
            timer.expires_at(std::chrono::steady_clock::time_point(*end));
            co_await timer.async_wait(asio::use_awaitable);
            continue;
        }
        if (recorder != nullptr) CO_ENSURE(recorder->flush());
        co_await offered.wait();
    }
}

void BusServer::Inside::deliver(const Passed& passed) {
    if (recorder != nullptr) recorder->write(passed);
    for (const auto& [id, node] : nodes) {
        if (id == passed.from) {
            node->confirm();
        } else {
            node->hear(passed.frame);
        }
    }
}

Result<std::unique_ptr<BusServer>> BusServer::open(io::Loop& loop, const io::can::Address& address, Arbiter arbiter,
                                                   Recorder* recorder) {
    TRY(Acceptor acceptor, listen_at(loop, address));
    auto inside = std::make_unique<Inside>(loop, address, std::move(acceptor), std::move(arbiter), recorder);
    loop.spawn("accept nodes", inside->accept());
    loop.spawn("bus clock", inside->keep_time());
    return std::unique_ptr<BusServer>(new BusServer(std::move(inside)));
}

BusServer::BusServer(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

BusServer::~BusServer() {
    std::error_code none;
    if (!inside_->address.socket_path.empty()) std::filesystem::remove(inside_->address.socket_path, none);
}

std::string BusServer::listening_at() const { return text_of(inside_->acceptor, inside_->address); }

std::size_t BusServer::node_count() const { return inside_->nodes.size(); }

std::string BusServer::load_line() {
    const Nanos now = bus_clock();
    const Load& load = inside_->arbiter.load();
    const double lately = percent(load.busy - inside_->reported.busy, now - inside_->reported_at);
    const std::string line = std::format(
        "bus load {:.1f} % since the last report, {:.1f} % since the start; {} frames, {} payload bytes, {} nodes",
        lately, percent(load.busy, now - inside_->started), load.frames, load.payload_bytes, node_count());
    inside_->reported = load;
    inside_->reported_at = now;
    return line;
}

}  // namespace pitstop::bus
