// The running bus with real clients on real sockets.
#include "apps/bus/bus_server.h"
#include "apps/bus/faults.h"
#include "apps/bus/node.h"
#include "apps/bus/settings.h"
#include "io/can/faults.h"
#include "io/can/isotp_link.h"

#include <gtest/gtest.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
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
    const auto kernels = *can::Address::parse("socketcan:can0");
    EXPECT_TRUE(BusServer::open(loop, kernels, Arbiter({}, 1.0), nullptr).error().is(faults::not_listening));
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
    const Bytes hello{'P', 'B', 'U', 'S', 2, 0, 0, 0};
    Bytes flood = hello;
    for (int i = 0; i < 1000; ++i) can::append(flood, can::TimedFrame{frame_of(0x7FF)});  // bus.too-many-frames
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
    EXPECT_EQ(within(1s, ecu->receive())->message, message);
    EXPECT_GE(took, bus_time * 98 / 100) << "faster than the bus";
    std::printf("ISO-TP over the bus: %.1f %% of what the timing allows\n",
                100.0 * static_cast<double>(bus_time.count()) / static_cast<double>(took.count()));
    EXPECT_LE(took, bus_time * 2) << "a busy test machine may cost some, not half";
}

// Writes down when frames of one identifier had passed.
struct Witness final : can::Station {
    std::vector<std::pair<isotp::CanFrame, Tick>> seen;
    std::optional<can::Offer> next_frame() override { return std::nullopt; }
    void on_frame(const isotp::CanFrame& frame, Tick passed) override { seen.emplace_back(frame, passed); }
    void on_confirmed(Tick) override {}
    void on_bus_lost() override {}
};

TEST_F(Bus, NeitherABusyMachineNorFlowControlMakesThePausesLonger) {
    const auto server = open();
    const auto a = client(), b = client(), c = client();
    auto settings = can::classic_settings({0x709}, {0x701});
    settings.receiving.separation_code = 0xF5;  // 500 us
    settings.receiving.block_size = 8;
    const auto tester = *can::IsotpLink::open(*a, can::classic_settings({0x701}, {0x709}));
    const auto ecu = *can::IsotpLink::open(*b, settings);
    Witness witness;
    ASSERT_TRUE(c->attach(can::CanId{0x701}, witness));
    ASSERT_TRUE(within(5s, tester->send(message_of(1000))));
    ASSERT_TRUE(within(1s, ecu->receive()));
    for (int i = 0; i < 100 && witness.seen.size() < 143; ++i) (void)within(5ms, c->receive());
    ASSERT_EQ(witness.seen.size(), 143U) << "a first frame of 6 bytes, 142 consecutive ones of 7";
    std::size_t exact = 0;
    for (std::size_t i = 2; i < witness.seen.size(); ++i) {
        const auto& [frame, passed] = witness.seen[i];
        const bool first_of_block = (i - 1) % 8 == 0;
        const auto apart = passed - witness.seen[i - 1].second;
        const Nanos pause = apart - isotp::duration_of(isotp::bits_of(frame), {});
        EXPECT_TRUE(first_of_block || pause >= 500us - 1us) << i;
        if (pause <= (first_of_block ? 300us : 502us)) ++exact;  // one flow control takes some 260 us
    }
    EXPECT_GT(exact, 120U) << "of 141";
    c->detach(witness);
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
    Result<void> offer(NodeId, const isotp::CanFrame&, Nanos) override { return {}; }
};

TEST_F(Bus, ThrowsOutANodeThatDoesNotRead) {
    NoMedium medium;
    boost::asio::local::stream_protocol::socket ours(loop.context()), theirs(loop.context());
    boost::asio::local::connect_pair(ours, theirs);
    StreamNode node(loop, 1, std::move(ours), medium);
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
    Passed big;
    big.frame = frame_of(0x55);
    big.frame.fd = true;
    big.frame.size = 64;
    for (int i = 0; i < 200 && !ended; ++i) {
        for (int frames = 0; frames < 2000; ++frames) node.hear(big);
        node.flush();
        ASSERT_TRUE(within(1s, turn(1ms)));
    }
    ASSERT_TRUE(ended);
    EXPECT_TRUE(ended->error().is(faults::node_too_slow));
}

TEST_F(Bus, LosesFramesForReceiversAndRepeatsWhatAnErrorEnded) {
    FaultSettings faults{.seed = 1, .loss_per_million = 1'000'000};
    const auto deaf = *BusServer::open(loop, address(), Arbiter({}, 0.0, Disturbance(faults)), nullptr);
    auto a = client(), b = client();
    EXPECT_TRUE(within(2s, a->send(frame_of(1)))) << "the sender does not notice";
    EXPECT_FALSE(within(50ms, b->receive()));
    EXPECT_NE(deaf->load_line().find("1 losses"), std::string::npos) << deaf->load_line();
}

TEST_F(Bus, AnErrorFrameIsInTheRecordAndTheFrameComesOnce) {
    auto recorder = *Recorder::open(folder / "can.pcap", Nanos(0));
    const FaultSettings faults{.seed = 5, .error_per_million = 500'000};
    const auto server = *BusServer::open(loop, address(), Arbiter({}, 0.0, Disturbance(faults)), &recorder);
    const auto a = client(), b = client();
    for (std::uint32_t id = 1; id <= 20; ++id) {
        ASSERT_TRUE(within(2s, a->send(frame_of(id))));
        EXPECT_EQ(within(2s, b->receive()), frame_of(id));
    }
    EXPECT_FALSE(within(20ms, b->receive())) << "nobody hears a frame that an error ended";
    ASSERT_TRUE(recorder.flush());
    EXPECT_GT(fs::file_size(folder / "can.pcap"), 24U + 25 * (16 + 16)) << "with its error frames";
    EXPECT_EQ(pcap_error_record(5s), (Bytes{5,    0, 0, 0,    0, 0, 0, 0, 16, 0, 0, 0, 16, 0, 0, 0,
                                            0x20, 0, 0, 0x88, 8, 0, 0, 0, 0,  0, 4, 0, 0,  0, 0, 0}));
}

// A third-party tool: text over TCP.
struct Tool {
    boost::asio::ip::tcp::socket socket;
    Tool(io::Loop& loop, std::string_view at) : socket(loop.context()) {
        const auto port = std::stoul(std::string(at.substr(at.rfind(':') + 1)));
        socket.connect({boost::asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port)});
    }
    void say(std::string_view text) { boost::asio::write(socket, boost::asio::buffer(text)); }
    io::Task<std::string> hear(std::size_t lines) {
        while (static_cast<std::size_t>(std::ranges::count(heard_, '>')) < lines) {
            char bytes[512];
            auto [code, count] = co_await socket.async_read_some(boost::asio::buffer(bytes),
                                                                 boost::asio::as_tuple(boost::asio::use_awaitable));
            if (code) co_return fail(io::error_of(code, "tool"));
            heard_.append(bytes, count);
        }
        co_return std::exchange(heard_, {});
    }

private:
    std::string heard_;
};

TEST_F(Bus, AToolJoinsInRawModeHearsTheBusAndSpeaksOnIt) {
    const auto server = open();
    ASSERT_TRUE(server->serve_tools_at(*can::Address::parse("tcp:127.0.0.1:0"), "can0"));
    const auto node = client();
    Tool tool(loop, server->tools_at());
    EXPECT_EQ(within(2s, tool.hear(1)), "< hi >");
    tool.say("< rawmode >< open can7 >< open can0 >< echo >");
    EXPECT_EQ(within(2s, tool.hear(4)), "< error unknown command >< error could not open bus >< ok >< echo >");
    ASSERT_TRUE(within(2s, node->send(frame_of(0x55))));
    tool.say("< rawmode >< statistics 10 >");
    EXPECT_EQ(within(2s, tool.hear(2)), "< ok >< error unknown command >") << "nothing of the bus before raw mode";
    tool.say("< send 123 3 1 F0 ff >< fdsend 18DA11F1 1 9 1 2 3 4 5 6 7 8 9 >");
    const auto classic = within(2s, node->receive()), fd = within(2s, node->receive());
    ASSERT_TRUE(classic && fd);
    EXPECT_EQ(classic->payload()[1], 0xF0);
    EXPECT_TRUE(fd->fd && fd->brs && fd->id.extended);
    ASSERT_TRUE(within(2s, node->send(frame_of(0x7E8))));
    const auto told = within(2s, tool.hear(1));
    ASSERT_TRUE(told);
    EXPECT_TRUE(told->starts_with("< frame 7E8 ")) << *told;
    EXPECT_TRUE(told->ends_with(" 0000000000000000 >")) << *told;
    tool.say("< bcmmode >");
    EXPECT_EQ(within(2s, tool.hear(1)), "< ok >");
}

TEST_F(Bus, AToolThatSendsMoreThanTheBusTakesWaitsAndLosesNothing) {
    const auto server = open();
    ASSERT_TRUE(server->serve_tools_at(*can::Address::parse("tcp:127.0.0.1:0"), "can0"));
    const auto node = client();
    Tool tool(loop, server->tools_at());
    tool.say("< open can0 >< rawmode >");
    EXPECT_TRUE(within(2s, tool.hear(3)));
    std::string flood;
    for (int i = 0; i < 500; ++i) flood += std::format("< send {:03X} 0 >", i);
    tool.say(flood);
    for (std::uint32_t i = 0; i < 500; ++i) EXPECT_EQ(within(5s, node->receive())->id.value, i);
    tool.say("< send 1 8 " + std::string(1000, ' '));
    for (int i = 0; i < 100 && server->node_count() > 1; ++i) (void)within(10ms, node->receive());
    EXPECT_EQ(server->node_count(), 1U) << "a command without an end is no tool's";
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
    bad = *settings;
    bad.tools = ToolSettings{"unix:/run/tools.sock"};
    EXPECT_TRUE(check(bad).error().is(faults::bad_settings));
    bad = *settings;
    bad.faults = {.error_per_million = 600'000, .double_per_million = 600'000};
    EXPECT_TRUE(check(bad).error().is(faults::bad_settings));

    const auto with_all = io::config::Section::from_text(
        "listen: unix:/run/can0.sock\nload_every_s: 10\nsocketcand: {listen: 'tcp:127.0.0.1:29537', bus: can3}\n"
        "faults: {seed: 9, error_per_million: 1, double_per_million: 2, loss_per_million: 3}\n",
        "bus.yaml");
    ASSERT_TRUE(with_all);
    const auto all = settings_from(*with_all);
    ASSERT_TRUE(all) << all.error().str();
    EXPECT_EQ(all->load_every, 10s);
    EXPECT_EQ(all->tools->bus, "can3");
    EXPECT_EQ(all->faults.seed, 9U);
    EXPECT_EQ(all->faults.loss_per_million, 3U);
}

}  // namespace
}  // namespace pitstop::bus
