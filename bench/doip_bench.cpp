// Diagnostics over DoIP on loopback, beside bare TCP: two threads, two loops, as two computers of a car. For
// bench/doip.py.
//
//     bench-doip latency COUNT           22 F189 asked one after the other; beside it: as many bytes over bare TCP
//     bench-doip transfer MEGABYTES      blocks of 64 KiB (36) to a virtual ECU that digests what it gets (SHA-256);
//                                        beside it: the same bytes over bare TCP into SHA-256
//
// One line of JSON each. Ours and the peer run in turn, in slices of the whole.
#include "core/crypto/digest.h"
#include "core/uds/server.h"
#include "io/ethernet/doip_client.h"
#include "io/ethernet/doip_server.h"
#include "io/ethernet/uds_driver.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <format>
#include <iostream>
#include <numeric>
#include <string_view>
#include <thread>

namespace {

using namespace pitstop;
namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr std::size_t block_bytes = 64 * 1024;
constexpr int slices = 10;
constexpr std::uint16_t ecu_address = 0x0012;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct Percentiles {
    double p50_us, p99_us;
};
Percentiles percentiles(std::vector<double>& times_us) {
    std::ranges::sort(times_us);
    return {times_us[times_us.size() / 2], times_us[times_us.size() * 99 / 100]};
}

// An ECU that takes downloads and digests them as they come; its UDS server is the one of every ECU.
class Flashed final : public uds::Application {
public:
    uds::Nrc read_data(std::uint16_t, uds::Reply& out) override {
        return out.put_text("1.2.3"), uds::Nrc::positive_response;
    }
    uds::Outcome start_routine(std::uint16_t, View, uds::Reply&) override { return uds::Nrc::request_out_of_range; }
    std::expected<std::uint32_t, uds::Nrc> request_download(const uds::Download&) override { return block_bytes + 2; }
    uds::Outcome transfer_data(View data) override {
        digest_.update(data);
        return uds::Nrc::positive_response;
    }
    uds::Outcome transfer_exit(View, uds::Reply&) override { return uds::Nrc::positive_response; }
    uds::Outcome continue_pending(uds::Reply&) override { return uds::Nrc::general_reject; }
    void session_changed(uds::Session) override {}
    uds::Nrc reset(uds::ResetType) override { return uds::Nrc::conditions_not_correct; }
    uds::Nrc communication_control(uds::Communication, std::uint8_t) override { return uds::Nrc::positive_response; }
    uds::Nrc control_dtc_setting(uds::DtcSetting) override { return uds::Nrc::positive_response; }

private:
    crypto::Sha256 digest_;
};

class Ecu final : public io::ethernet::DiagnosticTarget {
public:
    explicit Ecu(io::Loop& loop) : driver_(loop, server_, ecu_address) {}
    doip::Delivery look_up(std::uint16_t target, std::size_t) override {
        return target == ecu_address ? doip::Delivery::accepted : doip::Delivery::unknown_target;
    }
    void on_request(const doip::Diagnostic& request, const std::shared_ptr<io::ethernet::ReplySink>& sink) override {
        driver_.on_request(request.uds, uds::Addressing::physical, sink);
    }

private:
    Flashed flashed_;
    Bytes storage_ = Bytes(block_bytes + 16);
    uds::Server server_{flashed_, uds::Timings{}, storage_};
    io::ethernet::UdsDriver driver_;
};

// The entity, on a thread of its own.
class Entity {
public:
    Entity() : server_(std::move(io::ethernet::DoipServer::listen(loop_, {.port = 0}, ecu_).value())) {
        port = server_->port();
        thread_ = std::thread([this] { loop_.run(); });
    }
    ~Entity() {
        loop_.stop();
        thread_.join();
    }
    std::uint16_t port = 0;

private:
    io::Loop loop_;
    Ecu ecu_{loop_};
    std::unique_ptr<io::ethernet::DoipServer> server_;
    std::thread thread_;
};

// Bare TCP: takes as many bytes as asked, digests them or not, answers with `answer_bytes`.
class Bare {
public:
    Bare(std::size_t request_bytes, std::size_t answer_bytes, bool digests)
        : acceptor_(context_, {asio::ip::make_address("127.0.0.1"), 0}),
          client_(context_),
          served_(context_) {
        client_.connect(acceptor_.local_endpoint());
        acceptor_.accept(served_);
        client_.set_option(tcp::no_delay(true));
        served_.set_option(tcp::no_delay(true));
        thread_ = std::thread([=, this] {
            Bytes request(request_bytes), answer(answer_bytes);
            crypto::Sha256 digest;
            boost::system::error_code code;
            while (asio::read(served_, asio::buffer(request), code), !code) {
                if (digests) digest.update(request);
                if (answer_bytes > 0) asio::write(served_, asio::buffer(answer), code);
            }
        });
    }
    ~Bare() {
        client_.close();
        thread_.join();
    }
    tcp::socket& client() { return client_; }

private:
    asio::io_context context_;
    tcp::acceptor acceptor_;
    tcp::socket client_, served_;
    std::thread thread_;
};

struct Tester {
    explicit Tester(const Entity& entity) : client(loop, {.host = "127.0.0.1", .port = entity.port}) {
        if (auto connected = io::complete(loop, client.connect()); !connected)
            throw std::runtime_error(connected.error().str());
    }
    io::Loop loop;
    io::ethernet::DoipClient client;
};

void ask_often(Tester& tester, int count, std::vector<double>& times_us) {
    const auto all = [&]() -> io::Task<void> {
        const std::array<std::uint8_t, 3> request{0x22, 0xF1, 0x89};
        for (int i = 0; i < count; ++i) {
            const auto start = Clock::now();
            CO_ENSURE(co_await tester.client.ask(ecu_address, request, {}));
            times_us.push_back(seconds_since(start) * 1e6);
        }
        co_return Result<void>{};
    };
    if (auto done = io::complete(tester.loop, all()); !done) throw std::runtime_error(done.error().str());
}

void latency(int count) {
    const Entity entity;
    Tester tester(entity);
    Bare bare(15, 33, false);  // the bytes of a request; of acknowledgement and answer
    std::vector<double> ours, theirs, warm_up;
    ask_often(tester, 500, warm_up);
    for (int slice = 0; slice < slices; ++slice) {
        ask_often(tester, count / slices, ours);
        Bytes request(15), answer(33);
        for (int i = 0; i < count / slices; ++i) {
            const auto start = Clock::now();
            asio::write(bare.client(), asio::buffer(request));
            asio::read(bare.client(), asio::buffer(answer));
            theirs.push_back(seconds_since(start) * 1e6);
        }
    }
    const auto [our_p50, our_p99] = percentiles(ours);
    const auto [their_p50, their_p99] = percentiles(theirs);
    std::cout << std::format(
                     R"({{"ours_p50_us":{:.2f},"ours_p99_us":{:.2f},"bare_p50_us":{:.2f},"bare_p99_us":{:.2f}}})",
                     our_p50, our_p99, their_p50, their_p99)
              << '\n';
}

void begin_download(Tester& tester) {
    const auto all = [&]() -> io::Task<void> {
        const Bytes programming{0x10, 0x02}, download{0x34, 0x00, 0x44, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0};
        CO_ENSURE(co_await tester.client.request(ecu_address, programming, {}));
        CO_ENSURE(co_await tester.client.request(ecu_address, download, {}));
        co_return Result<void>{};
    };
    if (auto done = io::complete(tester.loop, all()); !done) throw std::runtime_error(done.error().str());
}

double transfer_ours(Tester& tester, std::size_t blocks, Bytes& block) {
    begin_download(tester);
    const auto start = Clock::now();
    const auto all = [&]() -> io::Task<void> {
        block[0] = 0x36;
        for (std::size_t i = 0; i < blocks; ++i) {
            block[1] = static_cast<std::uint8_t>(i + 1);
            CO_ENSURE(co_await tester.client.request(ecu_address, block, {}));
        }
        co_return Result<void>{};
    };
    if (auto done = io::complete(tester.loop, all()); !done) throw std::runtime_error(done.error().str());
    return seconds_since(start);
}

// Each answer is one byte: waited for after each block, as a diagnostic transfer must, or only at the end.
enum class Turns { each_block, at_the_end };

double transfer_bare(Bare& bare, std::size_t blocks, const Bytes& block, Turns turns) {
    const auto start = Clock::now();
    Bytes answers(blocks);
    for (std::size_t i = 0; i < blocks; ++i) {
        asio::write(bare.client(), asio::buffer(block));
        if (turns == Turns::each_block) asio::read(bare.client(), asio::buffer(answers, 1));
    }
    if (turns == Turns::at_the_end) asio::read(bare.client(), asio::buffer(answers));
    return seconds_since(start);
}

void transfer(std::size_t megabytes) {
    const Entity entity;
    Tester tester(entity);
    Bare bare(block_bytes, 1, true);
    Bytes block(block_bytes + 2), plain(block_bytes);
    std::iota(block.begin(), block.end(), std::uint8_t{});
    const std::size_t blocks = megabytes * 1'000'000 / slices / block_bytes;
    transfer_ours(tester, blocks, block);
    double ours_s = 0, turns_s = 0, copy_s = 0;
    for (int slice = 0; slice < slices; ++slice) {
        ours_s += transfer_ours(tester, blocks, block);
        turns_s += transfer_bare(bare, blocks, plain, Turns::each_block);
        copy_s += transfer_bare(bare, blocks, plain, Turns::at_the_end);
    }
    const double total_mb = static_cast<double>(blocks * block_bytes) * slices / 1e6;
    std::cout << std::format(R"({{"ours_mb_s":{:.1f},"turns_mb_s":{:.1f},"copy_mb_s":{:.1f}}})", total_mb / ours_s,
                             total_mb / turns_s, total_mb / copy_s)
              << '\n';
}

}  // namespace

int main(int count, char** words) try {
    const std::string_view what = count == 3 ? words[1] : "";
    if (what == "latency")
        latency(std::stoi(words[2]));
    else if (what == "transfer")
        transfer(std::stoul(words[2]));
    else
        return std::cerr << "bench-doip latency COUNT | transfer MEGABYTES\n", 2;
    return 0;
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
