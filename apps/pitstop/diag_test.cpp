// pitstop diag at a real UDS server behind a real DoIP entity; what it asks stands in the ECU's own log.
#include "apps/pitstop/commands.h"
#include "apps/pitstop/diag_work.h"
#include "apps/pitstop/faults.h"
#include "core/uds/sample_ecu_test.h"
#include "io/ethernet/doip_server.h"
#include "io/ethernet/uds_driver.h"

#include <gtest/gtest.h>

#include <sstream>
#include <thread>

namespace pitstop::cli {
namespace {

// ECU_011 on a loop of its own, for the command has one too.
class ServedEcu final : public io::ethernet::DiagnosticTarget {
public:
    ServedEcu() {
        auto listening = io::ethernet::DoipServer::listen(
            loop_, {.port = 0, .identity = doip::Identity::of("TESTCAR1", 0x0011)}, *this);
        if (!listening) throw std::runtime_error(listening.error().str());
        server_ = *std::move(listening);
        port = std::to_string(server_->port());
        thread_ = std::thread([this] { loop_.run(); });
    }
    ~ServedEcu() override {
        boost::asio::post(loop_.context(), [this] { loop_.stop(); });
        thread_.join();
    }
    doip::Delivery look_up(std::uint16_t target, std::size_t) override {
        return target == 0x0011 ? doip::Delivery::accepted : doip::Delivery::unknown_target;
    }
    void on_request(const doip::Diagnostic& request, const std::shared_ptr<io::ethernet::ReplySink>& sink) override {
        driver_.on_request(request.uds, uds::Addressing::physical, sink);
    }
    void on_closed(const io::ethernet::ReplySink& sink) override { driver_.on_closed(sink); }

    std::string port;
    uds::SampleEcu ecu;  // not to be looked at before the end of a command

private:
    io::Loop loop_;
    Bytes storage_ = Bytes(4096);
    uds::Server uds_{ecu, uds::Timings{}, storage_};
    io::ethernet::UdsDriver driver_{loop_, uds_, 0x0011};
    std::unique_ptr<io::ethernet::DoipServer> server_;
    std::thread thread_;
};

class Diag : public testing::Test {
protected:
    int run(std::vector<std::string> words, const std::string& ecu = "ECU_011") {
        out.str("");
        err.str("");
        words.insert(words.begin(), {"pitstop", "diag"});
        words.insert(words.end(), {"--host", "127.0.0.1", "--port", served.port, "--ecu", ecu});
        std::vector<const char*> arguments;
        for (const std::string& word : words) arguments.push_back(word.c_str());
        return run_pitstop(arguments, UtcTime{1'790'000'000}, out, err);
    }

    ServedEcu served;
    std::ostringstream out, err;
};

TEST_F(Diag, ReadsAndNamesRefusalsInClearText) {
    EXPECT_EQ(run({"read", "--did", "F189"}), 0) << err.str();
    EXPECT_TRUE(out.str().contains("1.2.3")) << out.str();
    EXPECT_EQ(run({"read", "--did", "F18C"}), 1);
    EXPECT_TRUE(err.str().contains("securityAccessDenied (0x33)")) << err.str();
}

TEST_F(Diag, StartsARoutineAndShowsWhatItAnswers) {
    EXPECT_EQ(run({"routine", "--start", "0203"}), 0) << err.str();
    EXPECT_EQ(out.str(), "ECU_011: routine 0203: done (answer 00)\n");
    EXPECT_EQ(run({"routine", "--start", "ff00", "--option", "01", "--session", "programming", "--json"}), 1);
    EXPECT_EQ(out.str(),
              "{\"ecu_id\":\"ECU_011\",\"routine\":\"FF00\",\"answer\":\"5a\",\"fault\":\"flash.strange-answer\"}\n")
        << "a status that nobody has";
    const std::vector wanted{uds::Session::programming, uds::Session::default_};
    EXPECT_EQ(std::vector(served.ecu.sessions.begin(), served.ecu.sessions.begin() + 2), wanted);
    EXPECT_EQ(run({"routine", "--start", "1234"}), 1);
    EXPECT_TRUE(err.str().contains("requestOutOfRange (0x31)")) << err.str();
}

TEST_F(Diag, SaysWhatAnEcuHasNot) {
    for (const std::vector<std::string>& words : {std::vector<std::string>{"dtc", "list"}, {"dtc", "clear"}}) {
        EXPECT_EQ(run(words), 1);
        EXPECT_TRUE(err.str().contains("serviceNotSupported (0x11)")) << err.str();
    }
    EXPECT_EQ(run({"read"}, "ECU_012"), 1);
    EXPECT_TRUE(err.str().contains("doip.unknown-target")) << err.str();
    EXPECT_EQ(run({"read"}, "ECU_x"), 1);
    EXPECT_TRUE(err.str().contains("base.bad-ecu-id")) << err.str();
}

TEST_F(Diag, EntersSessionsAndRestartsTheEcu) {
    EXPECT_EQ(run({"session", "extended", "--json"}), 0) << err.str();
    EXPECT_EQ(out.str(), "{\"session\":\"extended\",\"ecu_id\":\"ECU_011\"}\n");
    EXPECT_EQ(served.ecu.sessions.front(), uds::Session::extended);
    EXPECT_EQ(run({"reset", "--type", "soft"}), 0);
    EXPECT_EQ(out.str(), "ECU_011: restarts\n");
    EXPECT_EQ(served.ecu.resets, std::vector{uds::ResetType::soft});
}

TEST_F(Diag, AsksNothingWithoutTheCredentialThatItWasTold) {
    EXPECT_EQ(run({"read", "--credential", "/nowhere"}), 1);
    EXPECT_TRUE(err.str().contains("keys.no-credential")) << err.str();
    EXPECT_TRUE(out.str().empty());
}

TEST_F(Diag, IsNotUnderstoodWithoutAnOrder) {
    EXPECT_EQ(run({"routine"}), not_understood);
    EXPECT_EQ(run({"routine", "--start", "0203", "--stop", "0203"}), not_understood);
    EXPECT_EQ(run({"dtc"}), not_understood);
    EXPECT_EQ(run({"session", "engineering"}), not_understood);
}

TEST_F(Diag, FindsTheEntityOrSaysThatThereIsNone) {
    std::ostringstream found, none;
    const auto find = [&](const char* vin, std::ostream& to) {
        const std::vector<const char*> words{"pitstop",           "diag",  "find", "--to",      "127.0.0.1", "--port",
                                             served.port.c_str(), "--vin", vin,    "--wait-ms", "100"};
        return run_pitstop(words, UtcTime{1'790'000'000}, to, err);
    };
    EXPECT_EQ(find("TESTCAR1", found), 0) << err.str();
    EXPECT_TRUE(found.str().contains("1 found")) << found.str();
    EXPECT_EQ(find("TESTCAR2", none), 1);
    EXPECT_TRUE(none.str().contains("0 found")) << none.str();
    EXPECT_TRUE(err.str().contains("ethernet.no-answer")) << err.str();
}

TEST_F(Diag, ShowsExamplesOfItsOwnInHelp) {
    for (std::vector<const char*> words : {std::vector<const char*>{"pitstop", "diag", "--help"},
                                           {"pitstop", "diag", "dtc", "--help"},
                                           {"pitstop", "diag", "job", "--help"}}) {
        std::ostringstream help;
        EXPECT_EQ(run_pitstop(words, UtcTime{1'790'000'000}, help, err), 0);
        EXPECT_TRUE(help.str().contains("  pitstop diag ")) << help.str();
        EXPECT_FALSE(help.str().contains("pki init")) << help.str();
    }
}

TEST(DiagWork, ARoutinesStatusSaysWhetherItDidWhatWasAsked) {
    const Bytes done{0x00}, nothing_to_roll_back{0x0A}, report{0x0A, 0x01};
    EXPECT_TRUE(routine_result(uds::rid::roll_back, done));
    const auto failed = routine_result(uds::rid::roll_back, nothing_to_roll_back);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().str(), "flash.nothing-to-roll-back: routine F011 ended with status 0x0A");
    EXPECT_TRUE(routine_result(uds::rid::send_readiness, report)) << "what it says is no status";
}

TEST(DiagWork, RoutinesAreWrittenInHex) {
    EXPECT_EQ(to_hex(*routine_request({.start = "F003"})), "3101f003");
    EXPECT_EQ(to_hex(*routine_request({.start = "ff00", .option = "440102"})), "3101ff00440102");
    EXPECT_EQ(to_hex(*routine_request({.stop = "FF00"})), "3102ff00");
    EXPECT_EQ(to_hex(*routine_request({.results = "F002"})), "3103f002");
    for (const RoutineOptions& bad : {RoutineOptions{}, RoutineOptions{.start = "F0"}, RoutineOptions{.start = "erase"},
                                      RoutineOptions{.start = "FF00", .option = "4"}})
        EXPECT_TRUE(routine_request(bad).error().is(faults::bad_routine)) << bad.start;
}

}  // namespace
}  // namespace pitstop::cli
