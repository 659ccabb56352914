#include "io/http/faults.h"
#include "io/http/test_plain_server.h"

#include <gtest/gtest.h>

namespace pitstop::io::http {
namespace {

using namespace std::chrono_literals;

class Files : public PlainServer {
protected:
    void SetUp() override {
        PlainServer::SetUp();
        path = folder.write("image", content);
        serve("/image", {.path = path, .offset_bytes = 0, .length_bytes = {}, .etag = "abc"});
        serve("/part", {.path = path, .offset_bytes = 100'000, .length_bytes = 1000, .etag = {}});
        serve("/beyond", {.path = path, .offset_bytes = 299'000, .length_bytes = 2000, .etag = {}});
        serve("/gone", {.path = folder / "gone", .offset_bytes = 0, .length_bytes = {}, .etag = {}});
        serve("/folder", {.path = path.parent_path(), .offset_bytes = 0, .length_bytes = {}, .etag = {}});
    }
    void serve(std::string_view pattern, FileRegion region) {
        add("GET", pattern, [region](Request&) -> awaitable<Response> { co_return file(region); });
    }
    std::string ask(std::string_view method, std::string_view path_asked, std::string_view fields = "") {
        return connect().ask(
            std::format("{} {} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{}\r\n", method, path_asked, fields));
    }
    static std::string_view body_of(std::string_view heard) { return heard.substr(heard.find("\r\n\r\n") + 4); }

    static std::string pattern(std::size_t size) {
        std::string text(size, '\0');
        for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 7 % 26 + i / 4096 % 3);
        return text;
    }

    Folder folder;
    std::string content = pattern(300'000);
    std::filesystem::path path;
};

TEST_F(Files, AreSentWholeAndInParts) {
    const auto whole = ask("GET", "/image");
    EXPECT_TRUE(whole.starts_with("HTTP/1.1 200 "));
    EXPECT_TRUE(contains(whole, "Content-Length: 300000\r\n") && contains(whole, "ETag: \"abc\"\r\n") &&
                contains(whole, "Accept-Ranges: bytes\r\n"));
    EXPECT_TRUE(body_of(whole) == content);
    const auto part = ask("GET", "/image", "Range: bytes=131000-140000\r\n");
    EXPECT_TRUE(part.starts_with("HTTP/1.1 206 "));
    EXPECT_TRUE(contains(part, "Content-Range: bytes 131000-140000/300000\r\n"));
    EXPECT_EQ(body_of(part), content.substr(131'000, 9001));
    EXPECT_EQ(body_of(ask("GET", "/part")), content.substr(100'000, 1000));
    EXPECT_EQ(body_of(ask("GET", "/part", "Range: bytes=-1\r\n")), content.substr(100'999, 1));
}

TEST_F(Files, HeadTellsTheSizeOnly) {
    const auto heard = ask("HEAD", "/image", "Range: bytes=1-2\r\n");
    EXPECT_TRUE(heard.starts_with("HTTP/1.1 206 ")) << heard;
    EXPECT_TRUE(contains(heard, "Content-Length: 2\r\n"));
    EXPECT_EQ(body_of(heard), "");
}

TEST_F(Files, ARangeBehindTheEndIsToldTheSize) {
    const auto heard = ask("GET", "/image", "Range: bytes=300000-\r\n");
    EXPECT_TRUE(heard.starts_with("HTTP/1.1 416 ")) << heard;
    EXPECT_TRUE(contains(heard, "Content-Range: bytes */300000\r\n"));
    EXPECT_TRUE(contains(heard, faults::range_not_satisfiable.code));
}

TEST_F(Files, AChangedFileIsNeverMixedWithTheOldOne) {
    EXPECT_TRUE(body_of(ask("GET", "/image", "Range: bytes=5-\r\nIf-Range: \"old\"\r\n")) == content);
    const auto known = ask("GET", "/image", "If-None-Match: \"abc\"\r\n");
    EXPECT_TRUE(known.starts_with("HTTP/1.1 304 ")) << known;
    EXPECT_EQ(body_of(known), "");
}

TEST_F(Files, WhatCannotBeReadIsTheServersFault) {
    for (const char* one : {"/beyond", "/gone", "/folder"})
        EXPECT_TRUE(ask("GET", one).starts_with("HTTP/1.1 500 ")) << one;
}

TEST_F(Files, AFileThatShrinksBreaksTheTransferOff) {
    settings.limits.write_timeout = 10s;
    const auto large = folder.write("large", std::string(30'000'000, 'x'));
    serve("/large", {.path = large, .offset_bytes = 0, .length_bytes = {}, .etag = {}});
    auto peer = connect();
    peer.say("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    peer.hear(1000);
    std::filesystem::resize_file(large, 1000);
    EXPECT_LT(peer.hear_all().size(), 29'000'000u);
}

}  // namespace
}  // namespace pitstop::io::http
