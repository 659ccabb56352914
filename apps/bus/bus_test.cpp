// The running bus with real clients on real sockets.
#include "apps/bus/bus_server.h"
#include "apps/bus/faults.h"
#include "apps/bus/node.h"
#include "apps/bus/settings.h"
#include "io/can/faults.h"
#include "io/can/isotp_link.h"

#include <gtest/gtest.h>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>
#include <filesystem>
#include <format>
#include <fstream>

namespace pitstop::bus {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
namespace can = io::can;

isotp::CanFrame frame_of(std::uint32_t id) {
    isotp::CanFrame frame;
    frame.id = {id, false};
    frame.size = 8;
    return frame;
}

Bytes message_of(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 2654435761U >> 11);
    return bytes;
}

struct Bus : ::testing::Test {
    fs::path folder = fs::temp_directory_path() / std::format("pitstop-bus-test-{}", ::getpid());
    io::Loop loop;

    void SetUp() override { fs::create_directories(folder); }
    void TearDown() override { fs::remove_all(folder); }

    can::Address address() const { return *can::Address::parse("unix:" + (folder / "can0.sock").string()); }
    std::unique_ptr<BusServer> open(double time_scale = 1.0, Recorder* recorder = nullptr) {
        return *BusServer::open(loop, address(), Arbiter({}, time_scale), recorder);
    }
    std::unique_ptr<can::BusClient> client() {
        return *io::complete(loop, can::BusClient::connect(loop, address().text));
    }
    template <class T>
    Result<T> within(std::chrono::milliseconds limit, io::Task<T> task) {
        return io::complete(loop, io::with_deadline(limit, "test", std::move(task)));
    }
};

TEST_F(Bus, AnAddressInUseIsRefusedInOneLineAndAStaleSocketIsReplaced) {
    {
        const auto first = open();
        const auto second = BusServer::open(loop, address(), Arbiter({}, 1.0), nullptr);
        ASSERT_FALSE(second);
        EXPECT_TRUE(second.error().is(faults::address_taken));
        EXPECT_NE(second.error().str().find(address().text), std::string::npos);
        EXPECT_TRUE(fs::exists(address().socket_path)) << "the refused bus took the first one's socket away";
    }
    EXPECT_FALSE(fs::exists(address().socket_path));
    { boost::asio::local::stream_protocol::acceptor killed(loop.context(), address().socket_path); }
    ASSERT_TRUE(fs::exists(address().socket_path));
    EXPECT_TRUE(BusServer::open(loop, address(), Arbiter({}, 1.0), nullptr));
}

TEST_F(Bus, DoesNotDeleteAFileThatIsNoSocketAndSaysWhenAFolderIsMissing) {
    std::ofstream(address().socket_path) << "precious";
    EXPECT_TRUE(BusServer::open(loop, address(), Arbiter({}, 1.0), nullptr).error().is(faults::not_listening));
    EXPECT_TRUE(fs::exists(address().socket_path));
    const auto nowhere = *can::Address::parse("unix:/nonexistent/can0.sock");
    EXPECT_TRUE(BusServer::open(loop, nowhere, Arbiter({}, 1.0), nullptr).error().is(faults::not_listening));
}

TEST_F(Bus, TakesAnyFreeTcpPortAndSaysWhich) {
    const auto any = *can::Address::parse("tcp:127.0.0.1:0");
    const auto server = BusServer::open(loop, any, Arbiter({}, 1.0), nullptr);
    ASSERT_TRUE(server);
    const auto a = io::complete(loop, can::BusClient::connect(loop, (*server)->listening_at()));
    ASSERT_TRUE(a) << (*server)->listening_at();
    EXPECT_TRUE(within(2s, (*a)->send(frame_of(1))));
    const auto taken = *can::Address::parse((*server)->listening_at());
    EXPECT_TRUE(BusServer::open(loop, taken, Arbiter({}, 1.0), nullptr).error().is(faults::address_taken));
}

TEST_F(Bus, AFrameGoesToAllOthersAndNotBack) {
    const auto server = open();
    const auto a = client(), b = client(), c = client();
    ASSERT_TRUE(within(2s, a->send(frame_of(0x123))));
    EXPECT_EQ(within(2s, b->receive()), frame_of(0x123));
    EXPECT_EQ(within(2s, c->receive()), frame_of(0x123));
    EXPECT_FALSE(within(30ms, a->receive()));
}

TEST_F(Bus, TheSocketIsOnlyForThisUser) {
    const auto server = open();
    EXPECT_EQ(fs::status(address().socket_path).permissions() & (fs::perms::group_all | fs::perms::others_all),
              fs::perms::none);
}

// Raw bytes, to say what BusClient never would.
struct Rude {
    boost::asio::local::stream_protocol::socket socket;
    Rude(io::Loop& loop, const std::string& path) : socket(loop.context()) { socket.connect(path); }
    void say(const Bytes& bytes) {
        boost::system::error_code gone;
        boost::asio::write(socket, boost::asio::buffer(bytes), gone);
    }
};

TEST_F(Bus, ThrowsOutNodesThatBreakTheFormatAndServesTheOthersOn) {
    const auto server = open();
    const auto a = client(), b = client();
    const Bytes hello{'P', 'B', 'U', 'S', 1, 0, 0, 0};
    Bytes flood = hello;
    for (int i = 0; i < 1000; ++i) can::append(flood, frame_of(0x7FF));  // bus.too-many-frames
    Bytes confirms = hello, garbage = hello;
    can::append(confirms, can::Confirmation{1});
    garbage.insert(garbage.end(), 100, 0xFF);
    std::vector<std::unique_ptr<Rude>> rude;
    for (const Bytes& said : {Bytes{'G', 'E', 'T', ' ', '/', ' ', 'H', 'T'}, Bytes{'P', 'B', 'U', 'S', 7, 0, 0, 0},
                              flood, confirms, garbage}) {
        rude.push_back(std::make_unique<Rude>(loop, address().socket_path));
        rude.back()->say(said);
    }
    for (int i = 0; i < 200 && server->node_count() != 2; ++i) (void)within(10ms, a->receive());
    EXPECT_EQ(server->node_count(), 2U);
    ASSERT_TRUE(within(2s, a->send(frame_of(0x42))));
    Result<isotp::CanFrame> got = fail(can::faults::not_connected);
    while (!(got && got->id.value == 0x42)) {
        got = within(1s, b->receive());
        ASSERT_TRUE(got);
    }
}

TEST_F(Bus, ALinkFillsTheBusToNearlyAllThatItsTimingAllows) {
    const auto server = open();
    const auto a = client(), b = client();
    const auto tester = *can::IsotpLink::open(*a, can::fd_settings({0x701}, {0x709}));
    const auto ecu = *can::IsotpLink::open(*b, can::fd_settings({0x709}, {0x701}));
    const Bytes message = message_of(60'000);
    Nanos bus_time{0};
    isotp::CanFrame full = frame_of(0x701);
    for (std::size_t at = 0; at < message.size(); at += 63) {
        full.fd = full.brs = true;
        full.size = 64;
        full.data[0] = 0x21;
        std::copy_n(message.begin() + static_cast<std::ptrdiff_t>(at), std::min<std::size_t>(63, message.size() - at),
                    full.data.begin() + 1);
        bus_time += isotp::duration_of(isotp::bits_of(full), {});
    }
    const Nanos start = bus_clock();
    ASSERT_TRUE(within(5s, tester->send(message)));
    const Nanos took = bus_clock() - start;
    EXPECT_EQ(within(1s, ecu->receive()), message);
    EXPECT_GE(took, bus_time * 98 / 100) << "faster than the bus";
    std::printf("ISO-TP over the bus: %.1f %% of what the timing allows\n",
                100.0 * static_cast<double>(bus_time.count()) / static_cast<double>(took.count()));
    EXPECT_LE(took, bus_time * 2) << "a busy test machine may cost some, not half";
}

TEST_F(Bus, RecordsEveryFrameInTheFormThatTsharkReads) {
    const fs::path file = folder / "can.pcap";
    auto recorder = *Recorder::open(file, Nanos(0));
    const auto server = open(0.0, &recorder);
    const auto a = client();
    for (std::uint32_t id : {0x100U, 0x200U, 0x300U}) ASSERT_TRUE(within(2s, a->send(frame_of(id))));
    ASSERT_TRUE(recorder.flush());
    EXPECT_EQ(fs::file_size(file), 24U + 3 * (16 + 16));

    isotp::CanFrame frame = frame_of(0x18DA11F1);
    frame.id.extended = frame.fd = frame.brs = true;
    frame.size = 2;
    frame.data[0] = 0xAB;
    EXPECT_EQ(pcap_record(frame, 5s + 7ns),
              (Bytes{5, 0, 0, 0, 7, 0, 0, 0, 10, 0, 0, 0, 10, 0, 0, 0, 0x98, 0xDA, 0x11, 0xF1, 2, 5, 0, 0, 0xAB, 0}));
    EXPECT_EQ(pcap_header()[20], 227);
    EXPECT_TRUE(Recorder::open(folder / "missing" / "x.pcap", Nanos(0)).error().is(faults::not_recording));
}

struct NoMedium final : Medium {
    Result<void> offer(NodeId, const isotp::CanFrame&) override { return {}; }
};

TEST_F(Bus, ThrowsOutANodeThatDoesNotRead) {
    NoMedium medium;
    boost::asio::local::stream_protocol::socket ours(loop.context()), theirs(loop.context());
    boost::asio::local::connect_pair(ours, theirs);
    Node node(loop, 1, std::move(ours), medium);
    const auto hello = can::write_hello(0);
    boost::asio::write(theirs, boost::asio::buffer(hello));
    std::optional<Result<void>> ended;
    loop.spawn("node", [](Node& which, std::optional<Result<void>>& end) -> io::Task<void> {
        end = co_await which.run();
        co_return Result<void>();
    }(node, ended));
    const auto turn = [](std::chrono::milliseconds time) -> io::Task<void> {
        co_await io::pause(time);
        co_return Result<void>();
    };
    isotp::CanFrame big = frame_of(0x55);
    big.fd = true;
    big.size = 64;
    for (int i = 0; i < 200 && !ended; ++i) {
        for (int frames = 0; frames < 2000; ++frames) node.hear(big);
        node.flush();
        ASSERT_TRUE(within(1s, turn(1ms)));
    }
    ASSERT_TRUE(ended);
    EXPECT_TRUE(ended->error().is(faults::node_too_slow));
}

TEST_F(Bus, TheSampleConfigurationIsRead) {
    const auto root = io::config::Section::from_file("config/bus.yaml");
    ASSERT_TRUE(root) << root.error().str();
    const auto settings = settings_from(*root);
    ASSERT_TRUE(settings) << settings.error().str();
    EXPECT_TRUE(check(*settings));
    Settings bad = *settings;
    bad.rates.data_bits_per_s = 100'000;
    EXPECT_TRUE(check(bad).error().is(faults::bad_settings));
    bad = *settings;
    bad.listen.clear();
    EXPECT_TRUE(check(bad).error().is(faults::bad_settings));
}

}  // namespace
}  // namespace pitstop::bus
