#include "apps/gateway/reports.h"

#include "io/files/atomic_file.h"
#include "io/keys/key_file.h"
#include "io/log/log.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace pitstop::gateway {
namespace {

namespace log = io::log;

constexpr std::size_t memory_size_bytes_max = 1024;
constexpr std::size_t answer_size_bytes_max = 64 * 1024;
constexpr std::chrono::milliseconds first_pause{2000}, longest_pause{60'000};

}  // namespace

Result<Reports> Reports::open(io::Loop& loop, io::http::Client& server, Trust& trust, Vin vin,
                              const std::optional<KeySettings>& keys, const std::filesystem::path& folder) {
    std::vector<crypto::SoftwareSigner> signers;
    if (keys) {
        for (const auto& file : {keys->classical, keys->post_quantum}) {
            TRY(auto key, io::keys::load_private_key(file));
            signers.emplace_back(std::move(key));
        }
    }
    Reports reports(loop, {server, trust}, vin, std::move(signers), folder / "reports.json");
    ENSURE(reports.load());
    return reports;
}

Result<void> Reports::load() {
    TRY(const auto saved, io::files::read_if_there(file_, memory_size_bytes_max));
    if (!saved) return {};
    TRY(const json::Value document, json::parse(*saved, memory_size_bytes_max));
    TRY(const json::Object* object, json::as_object(document, "reports.json"));
    TRY(memory_.counter, json::number(*object, "counter", uptane::counter_max));
    TRY(const std::uint64_t attacks, json::number(*object, "attacks", UINT32_MAX));
    memory_.attacks = static_cast<std::uint32_t>(attacks);
    TRY(memory_.previous_attack, json::string(*object, "previous_attack"));
    return {};
}

Result<void> Reports::save() const {
    const std::string text = boost::json::serialize(json::Object{
        {"counter", memory_.counter}, {"attacks", memory_.attacks}, {"previous_attack", memory_.previous_attack}});
    return io::files::write_atomically(file_, view_of(text), io::files::FileMode::private_);
}

void Reports::tell(const Survey& survey) {
    if (keys_.empty()) return;
    untold_ = survey;
    arrived_->notify();
}

void Reports::note_if_attack(const Error& why) {
    if (why.remedy() != Remedy::distrust || !why.code().starts_with("uptane.")) return;
    if (memory_.attacks < UINT32_MAX) ++memory_.attacks;
    memory_.previous_attack = why.code();
    if (const auto saved = save(); !saved) log::problem(saved.error(), "counting an attack");
}

Result<Bytes> Reports::make_manifest(const Survey& survey) {
    uptane::Manifest manifest{.vin = vin_, .reports = {}, .missing = {}};
    ++memory_.counter;
    ENSURE(save());
    manifest.counter = memory_.counter;
    manifest.attacks = memory_.attacks;
    manifest.previous_attack = uptane::AttackCode(memory_.previous_attack);
    TRY(manifest.time, parts_.trust.attested_time());
    for (const SilentEcu& silent : survey.silent) manifest.missing.insert(silent.ecu);
    for (const KnownEcu& known : survey.known) {
        if (known.version_report.empty()) continue;
        if (const auto added = manifest.add_report(known.report.ecu, known.version_report); !added)
            log::problem(added.error(), known.report.ecu.str());
    }
    std::vector<crypto::Signer*> signers;
    for (auto& key : keys_) signers.push_back(&key);
    return uptane::sign(to_json(manifest), signers);
}

io::Task<void> Reports::send(Survey survey) {
    CO_TRY(const Bytes manifest, make_manifest(survey));
    CO_TRY(io::http::Answer answer,
           co_await parts_.server.send("PUT", "/director/manifest", std::string(text_of(manifest)), "application/json",
                                       {}, answer_size_bytes_max));
    CO_ENSURE(io::http::accepted(std::move(answer)).transform([](const auto&) {}));
    log::debug("manifest {}: {} reports", memory_.counter, survey.known.size());
    co_return Result<void>{};
}

io::Task<void> Reports::run() {
    std::chrono::milliseconds pause = first_pause;
    for (;;) {
        while (!untold_) co_await arrived_->wait();
        const Survey survey = *std::exchange(untold_, std::nullopt);
        const auto sent = co_await send(survey);
        if (sent) {
            pause = first_pause;
            continue;
        }
        log::problem(sent.error(), "version manifest");
        if (sent.error().remedy() == Remedy::stop) co_return fail(sent.error());
        if (sent.error().remedy() != Remedy::retry) continue;
        if (!untold_) untold_ = survey;
        co_await io::pause(pause);
        pause = std::min(pause * 2, longest_pause);
    }
}

}  // namespace pitstop::gateway
