#include "apps/server/time_server.h"

#include "apps/server/faults.h"
#include "core/uptane/faults.h"
#include "io/keys/key_file.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <format>
#include <set>

namespace pitstop::server {
namespace {

constexpr std::size_t body_bytes_max = 8 * 1024;  // 128 nonces take 4.5 KiB

}  // namespace

// Those who get one signature together. Shared by their requests, which may be cut off, and by the signing.
struct TimeServer::Group {
    explicit Group(io::Loop& loop) : done(loop.context(), boost::asio::steady_timer::time_point::max()) {}

    std::set<uptane::Nonce> nonces;
    std::optional<Result<std::string>> file;
    boost::asio::steady_timer done;  // ends when it is cancelled
};

Result<std::vector<crypto::SoftwareSigner>> load_time_keys(const std::filesystem::path& folder) {
    std::vector<crypto::SoftwareSigner> keys;
    const auto file = [&](std::string_view half) { return folder / std::format("director-time-{}.key", half); };
    std::error_code failure;
    if (!std::filesystem::exists(file("classical"), failure) && !std::filesystem::exists(file("pq"), failure))
        return keys;
    for (const std::string_view half : {"classical", "pq"}) {
        TRY(auto key, io::keys::load_private_key(file(half)));
        keys.emplace_back(std::move(key));
    }
    return keys;
}

Result<void> check_time_keys(const uptane::Root& director_root, std::span<crypto::SoftwareSigner> keys) {
    if (keys.empty()) return {};
    if (!director_root.time) return fail(faults::wrong_time_keys, "Root has no role 'time'");
    std::vector<crypto::Signer*> signers;
    for (crypto::SoftwareSigner& key : keys) signers.push_back(&key);
    TRY(const Bytes file, uptane::sign(uptane::to_json(uptane::TimeAttestation{}), signers));
    TRY(const auto envelope, uptane::open_envelope(file, uptane::attestation_type, uptane::attestation_bytes_max));
    const auto believed =
        uptane::check_signatures(envelope, director_root.keys, *director_root.time, uptane::attestation_type);
    if (!believed) return fail(faults::wrong_time_keys, believed.error().str());
    return {};
}

TimeServer::TimeServer(io::Loop& loop, io::Pool& pool, std::vector<crypto::SoftwareSigner> keys,
                       io::metrics::Registry& registry, TimeServerLimits limits)
    : loop_(loop),
      pool_(pool),
      keys_(std::move(keys)),
      limits_(limits),
      attestations_(registry.counter("pitstop_time_attestations_total", "Time attestations that were signed.")),
      nonces_(registry.counter("pitstop_time_nonces_total", "Nonces that were answered with a time attestation.")) {}
TimeServer::~TimeServer() = default;

io::Task<std::string> TimeServer::attest(std::span<const uptane::Nonce> nonces) {
    if (keys_.empty()) co_return fail(faults::no_time_server);
    if (waiting_.empty() || waiting_.back()->nonces.size() + nonces.size() > uptane::attestation_nonces_max) {
        if (waiting_.size() >= limits_.groups_waiting_max)
            co_return fail(faults::too_busy, std::format("{} time attestations are waiting", waiting_.size()));
        waiting_.push_back(std::make_shared<Group>(loop_));
    }
    const auto mine = waiting_.back();
    mine->nonces.insert(nonces.begin(), nonces.end());
    if (!is_signing_) {
        is_signing_ = true;
        loop_.spawn("time attestations", sign_groups());
    }
    co_await mine->done.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (!mine->file) co_return fail(io::faults::cancelled, "a time attestation");
    co_return *mine->file;
}

io::Task<void> TimeServer::sign_groups() {
    while (!waiting_.empty()) {
        if (const auto last = last_signature_) {
            const auto left = *last + limits_.between_signatures - loop_.now();
            if (left.count() > 0) co_await io::pause(std::chrono::ceil<std::chrono::milliseconds>(left));
        }
        const auto group = waiting_.front();
        waiting_.pop_front();  // nobody joins it any more
        last_signature_ = loop_.now();
        const UtcTime now = loop_.utc_now();
        group->file = co_await pool_.run([&] { return sign(*group, now); });
        attestations_.add();
        nonces_.add(group->nonces.size());
        group->done.cancel();
    }
    is_signing_ = false;
    co_return Result<void>{};
}

Result<std::string> TimeServer::sign(const Group& group, UtcTime now) {
    std::vector<crypto::Signer*> signers;
    for (auto& key : keys_) signers.push_back(&key);
    const uptane::TimeAttestation attestation{now, {group.nonces.begin(), group.nonces.end()}};
    TRY(const Bytes file, uptane::sign(to_json(attestation), signers));
    return std::string(text_of(file));
}

Result<std::vector<uptane::Nonce>> nonces_of(View body) {
    TRY(const auto value, json::parse(body, body_bytes_max));
    TRY(const auto* object, json::as_object(value, "a question for the time"));
    TRY(const auto* listed, json::array(*object, "nonces"));
    if (listed->empty() || listed->size() > uptane::attestation_nonces_max)
        return fail(uptane::faults::bad_member,
                    std::format("{} 'nonces', allowed are 1 to {}", listed->size(), uptane::attestation_nonces_max));
    std::vector<uptane::Nonce> nonces;
    for (const auto& one : *listed) {
        TRY(const auto nonce, uptane::nonce_from_hex(one.is_string() ? std::string_view(one.get_string()) : ""));
        nonces.push_back(nonce);
    }
    return nonces;
}

}  // namespace pitstop::server
