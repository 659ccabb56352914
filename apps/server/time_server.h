// Attests what time it is, with the nonces of whoever asked (docs/formats/time.md): the Director's role `time`.
//
// One signature serves all who ask while the one before it is being made: 128 nonces at most, and so many signatures a
// second at most, so that no fleet can keep a core busy with it. Runs on one loop; signs on the pool.
// Faults: server.no-time-server, wrong-time-keys, too-busy; those of core/uptane/envelope.h.
#pragma once

#include "core/crypto/signer.h"
#include "core/uptane/attested_time.h"
#include "io/metrics/metrics.h"
#include "io/runtime/loop.h"
#include "io/runtime/pool.h"

#include <deque>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace pitstop::server {

struct TimeServerLimits {
    // 12,800 nonces a second. An ECDSA and an ML-DSA-65 signature take about a millisecond: a tenth of one core.
    std::chrono::milliseconds between_signatures{10};
    std::size_t groups_waiting_max = 100;  // whoever waits, waits a second at most
};

// <folder>/director-time-{classical,pq}.key; none where neither is there.
[[nodiscard]] Result<std::vector<crypto::SoftwareSigner>> load_time_keys(const std::filesystem::path& folder);

// Whether the cars of this Director would believe them. No keys at all are no lie. server.wrong-time-keys
[[nodiscard]] Result<void> check_time_keys(const uptane::Root& director_root, std::span<crypto::SoftwareSigner> keys);

class TimeServer {
public:
    TimeServer(io::Loop& loop, io::Pool& pool, std::vector<crypto::SoftwareSigner> keys,
               io::metrics::Registry& registry, TimeServerLimits limits = {});
    ~TimeServer();

    // 1 to 128 nonces. The file is signed after they came in.
    [[nodiscard]] io::Task<std::string> attest(std::span<const uptane::Nonce> nonces);

private:
    struct Group;
    [[nodiscard]] io::Task<void> sign_groups();
    [[nodiscard]] Result<std::string> sign(const Group& group, UtcTime now);

    io::Loop& loop_;
    io::Pool& pool_;
    std::vector<crypto::SoftwareSigner> keys_;
    TimeServerLimits limits_;
    io::metrics::Counter& attestations_;
    io::metrics::Counter& nonces_;
    std::deque<std::shared_ptr<Group>> waiting_;
    std::optional<Tick> last_signature_;
    bool is_signing_ = false;
};

// {"nonces": ["<32 hex>", …]}. base.*, uptane.bad-member
[[nodiscard]] Result<std::vector<uptane::Nonce>> nonces_of(View body);

}  // namespace pitstop::server
