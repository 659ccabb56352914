// For this program's tests: a server that serves a folder and attests the time, and a car with one ECU on Ethernet, all
// on free loopback ports.
#pragma once

#include "apps/gateway/car.h"
#include "core/crypto/digest.h"
#include "core/flash/test_ecu.h"
#include "core/package/writer.h"
#include "core/update/plan.h"
#include "core/uptane/fleet_on_the_desk.h"
#include "io/ethernet/doip_server.h"
#include "io/http/client.h"
#include "io/http/server.h"

#include <gtest/gtest.h>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>

namespace pitstop::gateway::test {

namespace fs = std::filesystem;

class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "pitstop-gateway-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] const fs::path& path() const { return path_; }
    [[nodiscard]] fs::path operator/(std::string_view name) const { return path_ / name; }
    fs::path write(std::string_view name, View bytes) const {
        fs::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        return path_ / name;
    }
    [[nodiscard]] Bytes read(std::string_view name) const {
        std::ifstream file(path_ / name, std::ios::binary);
        return Bytes(std::istreambuf_iterator<char>(file), {});
    }

private:
    fs::path path_;
};

// Serves whatever lies in its folder, with Range; 404 for the rest.
class Site {
public:
    Site() {
        EXPECT_TRUE(router_.add(
            "GET", "/{path*}", [this](io::http::Request& request) -> boost::asio::awaitable<io::http::Response> {
                const fs::path path = folder.path() / std::string(request.parameter("path"));
                if (!fs::is_regular_file(path)) co_return io::http::empty(404);
                co_return io::http::file({.path = path, .offset_bytes = 0, .length_bytes = {}, .etag = {}});
            }));
        EXPECT_TRUE(router_.add("POST", "/director/time",
                                [this](io::http::Request& request) -> boost::asio::awaitable<io::http::Response> {
                                    co_return io::http::json(200, attest(view_of(request.body)));
                                }));
        EXPECT_TRUE(router_.add("PUT", "/director/manifest",
                                [this](io::http::Request& request) -> boost::asio::awaitable<io::http::Response> {
                                    const std::lock_guard held(manifests_lock);
                                    manifests.push_back(request.body);
                                    co_return io::http::json(manifests.size() <= busy_for ? 503 : 200, "{}");
                                }));
        io::http::ServerSettings settings;
        settings.port = 0;
        settings.threads = 1;
        server_.emplace(*io::http::Server::start(settings, router_, metrics_));
    }
    [[nodiscard]] io::http::ClientSettings client() const {
        return {.base_url = std::format("http://127.0.0.1:{}", server_->port()), .tls = {}, .headers = {}};
    }
    Folder folder;
    UtcTime now{std::time(nullptr)};  // that is attested
    std::mutex manifests_lock;        // the server has a thread of its own
    std::vector<std::string> manifests;
    std::size_t busy_for = 0;  // so many manifests are answered with 503

private:
    std::string attest(View question) const {
        std::vector<uptane::Nonce> nonces;
        const json::Value asked = *json::parse(question, 64 * 1024);
        for (const json::Value& nonce : asked.at("nonces").as_array())
            nonces.push_back(*uptane::nonce_from_hex(nonce.as_string()));
        std::ranges::sort(nonces);
        const Bytes file =
            *uptane::sign(to_json(uptane::TimeAttestation{now, nonces}), uptane::desk::time_keys().signers());
        return std::string(text_of(file));
    }

    io::http::Router router_;
    io::metrics::Registry metrics_;
    std::optional<io::http::Server> server_;
};

inline const EcuId radio = *EcuId::parse("ECU_012");
inline const HardwareId hardware = *HardwareId::parse(flash::test::our_hardware);

inline uptane::TrustedTarget target_of(EcuId ecu, View image, std::uint32_t counter = 2) {
    return {ecu,
            hardware,
            *TargetName::parse("HW/" + ecu.str() + ".img"),
            image.size(),
            crypto::sha256(image),
            crypto::sha512(image),
            {1, static_cast<std::uint16_t>(counter), 0},
            counter};
}

inline Bytes record_of(const uptane::TrustedTarget& target, View image, std::uint32_t sequence = 0) {
    const auto header = package::header_for({.target = target.ecu,
                                             .software_type = package::SoftwareType::application,
                                             .version = target.version,
                                             .release_counter = target.release_counter,
                                             .created = {1'800'000'000},
                                             .sequence_number = sequence},
                                            image);
    Bytes record(header->begin(), header->end());
    record.insert(record.end(), image.begin(), image.end());
    return record;
}

// One ECU with real flash rules behind a real DoIP entity.
class EcuOnEthernet final : public io::ethernet::DiagnosticTarget {
public:
    explicit EcuOnEthernet(io::Loop& loop) : old_image(flash::test::image_of(1500, 1)) {
        EXPECT_TRUE(flash::test::update(ecu, old_image, flash::test::record_of(old_image, 1)));
        server_ =
            *io::ethernet::DoipServer::listen(loop,
                                              {.port = 0,
                                               .identity = doip::Identity::of("WPTSTP00000000001", radio.address()),
                                               .discovery = io::ethernet::Discovery::off},
                                              *this);
    }
    [[nodiscard]] vehicle::Description vehicle() const {
        return {*Vin::parse("WPTSTP00000000001"),
                {},
                {},
                {{radio, hardware, vehicle::Link::doip, "127.0.0.1", server_->port(), ""}}};
    }
    doip::Delivery look_up(std::uint16_t target, std::size_t) override {
        return target == radio.address() ? doip::Delivery::accepted : doip::Delivery::unknown_target;
    }
    void on_request(const doip::Diagnostic& request, const std::shared_ptr<io::ethernet::ReplySink>& sink) override {
        if (request.uds.size() == 3 && request.uds[0] == 0x22 && request.uds[1] == 0xF1)
            if (const auto text = texts.find(request.uds[2]); text != texts.end()) {
                Bytes answer{0x62, 0xF1, request.uds[2]};
                answer.insert(answer.end(), text->second.begin(), text->second.end());
                return sink->reply(radio.address(), answer);
            }
        const auto answer = ecu.ask(request.uds);
        if (!answer) return;
        if (answer->refused())
            sink->reply(radio.address(), Bytes{0x7F, request.uds[0], static_cast<std::uint8_t>(answer->refusal)});
        else if (!answer->positive.empty())
            sink->reply(radio.address(), answer->positive);
    }

    Bytes old_image;
    flash::RamFlash memory{flash::test::even_geometry()};
    flash::test::TestEcu ecu{memory};
    std::map<std::uint8_t, std::string> texts{
        {0x89, "1.1.0"}, {0x91, hardware.str()}, {0x8C, "SN-1"}, {0x87, std::string("PN-1\0\0", 6)}};

private:
    std::unique_ptr<io::ethernet::DoipServer> server_;
};

}  // namespace pitstop::gateway::test
