#include "apps/pitstop/ceremony_on_the_desk.h"
#include "apps/pitstop/faults.h"
#include "core/base/json.h"
#include "core/uptane/faults.h"
#include "io/http/server.h"

namespace pitstop::cli {
namespace {

class RepoShow : public Ceremony {
protected:
    void SetUp() override {
        Ceremony::SetUp();
        make_repository();
    }
    Words verify() { return {"repo", "verify", "--dir", repo}; }
    Words show() { return {"repo", "show", "--dir", repo}; }
    void later(int days) { now = now + std::chrono::days(days); }
};

TEST_F(RepoShow, SaysWhoSignsWhatUntilWhenAndThatNothingIsToDo) {
    ASSERT_TRUE(works(show()));
    for (const char* part :
         {"Image repository: Root 1 until 2027-09-21", "signed by 1 of 1 classical and 1 of 1 post-quantum",
          "director-time", "timestamp", "version 1 until", "open", "Nothing to do."})
        EXPECT_TRUE(says(part));
    ASSERT_TRUE(works(joined(show(), {"--json"})));
    const auto facts = json::parse(view_of(out.str()), 1'000'000);
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->at("repositories").as_array().size(), 2U);
    EXPECT_TRUE(facts->at("advice").as_array().empty());
    EXPECT_TRUE(refuses({"repo", "show", "--dir", at("nowhere")}, faults::no_repository));
}

TEST_F(RepoShow, SaysWhoIsMissingFromAStagedFile) {
    ASSERT_TRUE(works({"repo", "rotate", "--dir", repo, "--role", "root", "--expires-days", "700"}));
    ASSERT_TRUE(works(show()));
    EXPECT_TRUE(says("Staged: Root 2 of the Image repository"));
    EXPECT_TRUE(says("still to sign: root-pq"));
    EXPECT_TRUE(says("lacks signatures: each signer runs pitstop repo sign"));
    ASSERT_TRUE(sign_here(staged("image-2.root.json"), "root"));
    ASSERT_TRUE(works(show()));
    EXPECT_TRUE(says("complete, not yet visible: pitstop repo publish"));
}

TEST_F(RepoShow, WarnsWhileThereIsTimeAndRefusesAfterwards) {
    later(24);  // the Timestamp has six days left
    ASSERT_TRUE(works(verify()));
    EXPECT_TRUE(says("timestamp.json"));
    EXPECT_TRUE(says("(expires soon)"));
    EXPECT_TRUE(says("1 file(s) expire soon"));
    ASSERT_TRUE(works(show()));
    EXPECT_TRUE(says("timestamp expires soon: pitstop repo refresh --dir"));
    later(7);
    EXPECT_TRUE(refuses(verify(), uptane::faults::expired));
    ASSERT_TRUE(works(show()));
    EXPECT_TRUE(says("(EXPIRED)"));
    ASSERT_TRUE(works({"repo", "refresh", "--dir", repo}));
    EXPECT_TRUE(works(verify()));
    later(290);
    ASSERT_TRUE(works(show()));
    EXPECT_TRUE(says("root expires soon: pitstop repo rotate"));
    EXPECT_TRUE(says("director-root expires soon"));
    later(60);
    EXPECT_TRUE(refuses(verify(), faults::root_ended));
}

TEST_F(RepoShow, VerifiesAsStrictlyAsACar) {
    EXPECT_TRUE(works(verify()));
    EXPECT_TRUE(refuses({"repo", "verify"}, faults::no_repository));
    EXPECT_TRUE(refuses({"repo", "verify", "--dir", at("nowhere")}, faults::no_repository));
    fs::rename(repo + "/image/1.targets.json", at("kept.json"));
    EXPECT_TRUE(refuses(verify(), faults::file_missing));
    fs::copy_file(at("kept.json"), repo + "/image/1.targets.json");
    std::ofstream(repo + "/image/1.targets.json", std::ios::app) << ' ';
    EXPECT_TRUE(refuses(verify(), uptane::faults::wrong_length));
}

TEST_F(RepoShow, VerifiesWhatIsServedOverHttp) {
    using namespace io::http;
    Router router;
    const auto serve = [this](Request& request) -> boost::asio::awaitable<Response> {
        const fs::path file = fs::path(repo) / "image" / std::string(request.parameter("file"));
        if (!fs::exists(file)) co_return empty(404);
        co_return text(200, text_in(file));
    };
    ASSERT_TRUE(router.add("GET", "/repo/{file}", serve, {}));
    io::metrics::Registry registry;
    ServerSettings settings;
    settings.port = 0;
    settings.threads = 1;
    auto server = Server::start(settings, router, registry);
    ASSERT_TRUE(server);
    const std::string url = std::format("http://127.0.0.1:{}/repo", server->port());
    EXPECT_TRUE(refuses({"repo", "verify", "--url", url}, faults::no_first_root));
    ASSERT_TRUE(works({"repo", "verify", "--url", url, "--root", repo + "/image/1.root.json"}));
    EXPECT_TRUE(says("A vehicle accepts it."));
    EXPECT_TRUE(refuses({"repo", "verify", "--url", url + "/elsewhere", "--root", repo + "/image/1.root.json"},
                        faults::file_missing));
}

}  // namespace
}  // namespace pitstop::cli
