#include "apps/pitstop/server_connection.h"

#include "apps/pitstop/commands.h"
#include "apps/pitstop/faults.h"
#include "io/files/atomic_file.h"
#include "io/http/faults.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <format>
#include <sstream>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;
using io::http::Answer;

class ApiKeyFile : public testing::Test {
protected:
    const fs::path file = fs::path(testing::TempDir()) / std::format("api-key-{}", ::getpid());
    void TearDown() override { fs::remove(file); }
    Result<std::string> read(std::string_view text, io::files::FileMode mode = io::files::FileMode::private_) {
        EXPECT_TRUE(io::files::write_atomically(file, view_of(text), mode));
        return authorization_from(file);
    }
};

TEST_F(ApiKeyFile, HoldsOneWordAndNothingThatCouldBecomeAnotherHeader) {
    for (const char* text : {"two words", "key\r\nX-Role: admin", "Authorization: Bearer ", "caf\xC3\xA9"}) {
        const auto key = read(text);
        ASSERT_FALSE(key) << text;
        EXPECT_TRUE(key.error().is(faults::bad_api_key)) << key.error().str();
    }
    EXPECT_FALSE(read("secret\n", io::files::FileMode::shared));  // others could read it
}

TEST_F(ApiKeyFile, IsUnderstoodAsTheServerAndAsCurlWriteIt) {
    EXPECT_EQ(read("secret\n").value(), "Bearer secret");
    EXPECT_EQ(read("Authorization: Bearer secret\n").value(), "Bearer secret");
}

TEST(ServerAnswer, CarriesTheServersOwnWordsWhenItRefuses) {
    const auto refused = understood(
        Answer{404, {}, R"({"code": "server.unknown-campaign", "title": "t", "detail": "OTA-9", "advice": "Look."})"});
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(faults::server_refused));
    EXPECT_EQ(refused.error().detail(), "server.unknown-campaign: OTA-9. Look.");
    const auto busy = understood(Answer{503, {}, R"({"code": "store.busy", "title": "busy"})"});
    ASSERT_FALSE(busy);
    EXPECT_TRUE(busy.error().is(io::http::faults::server_busy));
    EXPECT_TRUE(busy.error().detail().starts_with("store.busy: busy"));
}

TEST(ServerAnswer, OfAnotherKindOfServerIsNotBelieved) {
    const auto page = understood(Answer{200, {}, "<html>"});
    ASSERT_FALSE(page);
    EXPECT_TRUE(page.error().is(io::http::faults::bad_answer));
    EXPECT_FALSE(understood(Answer{200, {}, "[]"}));
    const auto refused = understood(Answer{403, {}, "<html>"});
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(io::http::faults::status_refused));
    EXPECT_TRUE(understood(Answer{202, {}, "{}"}));
}

int run(std::vector<const char*> arguments, std::ostream& said) {
    arguments.insert(arguments.begin(), "pitstop");
    return run_pitstop(arguments, UtcTime{}, said, said);
}

TEST(ServerCommands, CheckNamesBeforeTheyBecomePaths) {
    std::ostringstream said;
    for (const char* verb : {"show", "cancel"})
        EXPECT_EQ(run({"campaign", verb, "../vehicles", "--ca", "x", "--api-key-file", "x"}, said), failed);
    EXPECT_TRUE(said.str().contains("base.bad-name")) << said.str();
    said.str("");
    EXPECT_EQ(run({"vehicle", "show", "a/b", "--ca", "x", "--api-key-file", "x"}, said), failed);
    EXPECT_EQ(run({"campaign", "deploy", "OTA-1", "--vin", "?", "--ca", "x", "--api-key-file", "x"}, said), failed);
    EXPECT_TRUE(said.str().contains("base.bad-vin")) << said.str();
    EXPECT_EQ(run({"diag", "read", "--host", "127.0.0.1", "--ecu", "ECU_999"}, said), failed);
    EXPECT_TRUE(said.str().contains("base.bad-ecu-id")) << said.str();
}

TEST(ServerCommands, NeedAnAuthorityAndAKey) {
    std::ostringstream said;
    EXPECT_EQ(run({"campaign", "list"}, said), not_understood);
    EXPECT_EQ(run({"vehicle", "list", "--ca", "x"}, said), not_understood);
    EXPECT_EQ(run({"vehicle", "list", "--ca", "x", "--api-key-file", "x", "--tls-profile", "0"}, said), not_understood);
    EXPECT_EQ(run({"repo", "refresh", "--dir", "x", "--server", "https://localhost"}, said), not_understood);
    EXPECT_EQ(run({"campaign", "list", "--ca", "x", "--api-key-file", "/nowhere/key"}, said), failed);
}

}  // namespace
}  // namespace pitstop::cli
