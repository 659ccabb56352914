#include "io/ecu/own_trust.h"

#include "core/uptane/manifest.h"
#include "io/keys/key_file.h"
#include "io/log/log.h"

#include <random>

namespace pitstop::ecu {
namespace {

// Each is one erase of a trust area, which lasts for some 10,000. The others are counted, and written with a report.
constexpr std::uint32_t attacks_written_at_once_max = 64;

// What a bundle can be blamed for. Storage that fails is no attack.
bool is_attack(const Error& error) { return error.code().starts_with("uptane.") || error.code().starts_with("base."); }

Result<std::vector<crypto::SoftwareSigner>> read_keys(const KeySettings& settings) {
    std::vector<crypto::SoftwareSigner> keys;
    TRY(auto classical, io::keys::load_private_key(settings.classical));
    keys.emplace_back(std::move(classical));
    if (!settings.post_quantum) return keys;
    TRY(auto post_quantum, io::keys::load_private_key(*settings.post_quantum));
    keys.emplace_back(std::move(post_quantum));
    return keys;
}

}  // namespace

Result<flash::TrustStanding> OwnTrust::begin() {
    std::random_device chance;  // the kernel's generator
    for (std::size_t at = 0; at < nonce_.size(); at += 4) store_be(&nonce_[at], static_cast<std::uint32_t>(chance()));
    store_->begin(nonce_);
    flash::TrustStanding standing = store_->standing();
    standing.nonce = nonce_;
    return standing;
}

Result<std::optional<flash::ImageRecord>> OwnTrust::judge(View bundle) {
    auto judged = store_->judge(bundle, about_ ? about_->slots.bank_state().release_counter : 0);
    if (!judged && is_attack(judged.error())) count_attack(judged.error());
    return judged;
}

void OwnTrust::count_attack(const Error& why) {
    if (memory_.attacks < UINT32_MAX) ++memory_.attacks;
    memory_.last_attack = uptane::AttackCode(why.code());
    if (++attacks_written_ > attacks_written_at_once_max) return;
    if (const auto saved = store_->remember(memory_); !saved) io::log::problem(saved.error(), "counting an attack");
}

uptane::VersionReport OwnTrust::current() const {
    uptane::VersionReport report{
        .vin = about_->identity.vin, .ecu = about_->identity.id, .hardware = about_->identity.hardware_id};
    report.counter = memory_.counter;
    report.time = store_->attested();
    report.nonce = nonce_;
    if (const flash::ImageRecord* image = about_->slots.running_image())
        report.installed = {image->version, image->release_counter, image->size_bytes, image->sha256};
    report.previous_attack = memory_.last_attack;
    report.attacks = memory_.attacks;
    return report;
}

Result<View> OwnTrust::version_report() {
    if (reported_ == current()) return View(report_);
    ++memory_.counter;
    ENSURE(store_->remember(memory_));
    std::vector<crypto::Signer*> signers;
    for (auto& key : keys_) signers.push_back(&key);
    TRY(report_, uptane::sign_version_report(current(), signers));
    reported_ = current();
    return View(report_);
}

std::vector<crypto::SoftwareSigner> load_keys(const std::optional<KeySettings>& settings) {
    if (!settings) return {};
    auto keys = read_keys(*settings);
    if (keys) return *std::move(keys);
    io::log::problem(keys.error(), "no keys: this ECU signs no reports");
    return {};
}

}  // namespace pitstop::ecu
