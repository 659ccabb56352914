#include "tests/cuts/scenario.h"

#include "core/base/collected.h"
#include "core/delta/make.h"
#include "core/seal/openssl_opener.h"
#include "core/seal/seal.h"

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>

namespace pitstop::cuts {
namespace {

using flash::Geometry;
using flash::SectorRun;

constexpr std::string_view hardware = "body-controller-2";
constexpr std::uint32_t chunk_bytes = 4096;  // of sealed images: the smallest

Memory memory_of(std::string name, std::initializer_list<SectorRun> runs, std::uint32_t unit) {
    Memory memory{std::move(name), {}};
    std::ranges::copy(runs, memory.geometry.runs.begin());
    memory.geometry.program_unit_bytes = unit;
    return memory;
}

const std::vector<Memory> two_banks{memory_of("even", {{12, 512}}, 8),
                                    memory_of("uneven", {{4, 512}, {1, 1024}, {3, 2048}}, 32),
                                    memory_of("tiny-units", {{4, 448}, {10, 320}}, 1),
                                    memory_of("large-units", {{4, 1024}, {4, 1024}}, 256),
                                    memory_of("tight", {{4, 256}, {8, 512}}, 16),
                                    memory_of("three-sizes", {{4, 512}, {6, 256}, {3, 1024}}, 4)};
const std::vector<Memory> one_bank{memory_of("even", {{14, 512}}, 8), memory_of("uneven", {{7, 384}, {5, 1024}}, 32),
                                   memory_of("tiny-units", {{7, 320}, {8, 512}}, 1),
                                   memory_of("large-units", {{7, 1024}, {4, 1024}}, 256),
                                   memory_of("tight", {{7, 256}, {8, 512}}, 16)};

// One ECU's key, the same for all scenarios.
struct KeyOfTheEcu {
    crypto::xwing::PrivateKey key = *crypto::xwing::PrivateKey::from_seed(Bytes(crypto::xwing::seed_size_bytes, 7));
    seal::XWingKeyOpener opener{key};
    RememberingOpener remembering{opener};
    seal::OpenSslChunkCipher chunks;
    EcuId id = *EcuId::parse("ECU_011");
};

// For images of several chunks.
std::vector<Memory> larger(std::vector<Memory> all) {
    for (Memory& memory : all) {
        for (SectorRun& run : memory.geometry.runs) run.size_bytes *= 4;
        memory.images = {.old_bytes = 4'000, .new_bytes = 4'501};
        memory.block_size_bytes = 1'030;
    }
    return all;
}

// Two to four sectors move, by two of them.
std::vector<Memory> small(Kind kind) {
    std::vector<Memory> all{memory_of("small", {{7, 256}, {5, 256}}, 32),
                            memory_of("small-units", {{7, 256}, {6, 256}}, 8),
                            memory_of("small-uneven", {{7, 320}, {4, 512}}, 64)};
    for (Memory& memory : all) memory.images = {.old_bytes = 700, .new_bytes = 830};
    if (kind == Kind::in_place) return all;
    all = {memory_of("small", {{7, 512}, {7, 1024}}, 256), memory_of("small-uneven", {{7, 1024}, {5, 2048}}, 256)};
    for (Memory& memory : all) {
        memory.images = {.old_bytes = 4'000, .new_bytes = 4'501};
        memory.block_size_bytes = 1'030;
    }
    return all;
}

KeyOfTheEcu& the_key() {
    static KeyOfTheEcu key;
    return key;
}

// Old and new have much in common, at other places.
Bytes image_of(std::uint32_t size_bytes, std::uint32_t seed) {
    Bytes image(size_bytes);
    for (std::size_t i = 0; i < image.size(); ++i) {
        if (i % 16 == 0) seed = seed * 1664525U + 1013904223U;
        image[i] = static_cast<std::uint8_t>(i % 16 < 6 ? seed >> (8 * (i % 4)) : i / 32 + i % 7);
    }
    return image;
}
Bytes next_version(const Bytes& image, const Images& images) {
    Bytes next = image;
    const std::size_t more = images.new_bytes > image.size() ? images.new_bytes - image.size() : 0;
    const Bytes moved_in = image_of(static_cast<std::uint32_t>(more), images.seed + 77);
    next.insert(next.begin() + static_cast<std::ptrdiff_t>(next.size() / 3), moved_in.begin(), moved_in.end());
    next.resize(images.new_bytes);
    for (std::size_t i = 40; i < next.size(); i += next.size() / 7 + 1) next[i] ^= 0x55;
    return next;
}

Bytes sealed(View payload) {
    const auto key = *seal::ContentKey::generate();
    Collected content;
    auto sealer =
        *seal::Sealer::begin({*CampaignId::parse("OTA-1"), the_key().id, chunk_bytes}, payload.size(), key, content);
    if (!sealer.push(payload) || !sealer.finish()) std::abort();
    const std::array recipients{seal::Recipient{the_key().id, the_key().key.public_key()}};
    Bytes whole = *seal::wrap(key, sealer.header(), recipients);
    whole.insert(whole.end(), content.bytes.begin(), content.bytes.end());
    return whole;
}

flash::ImageRecord record_of(View image, std::uint32_t release_counter) {
    flash::ImageRecord record;
    record.size_bytes = static_cast<std::uint32_t>(image.size());
    record.sha256 = crypto::sha256(image);
    record.release_counter = release_counter;
    record.hardware_id = Text<flash::ImageRecord::hardware_id_size_max>(hardware);
    return record;
}

bool is_delta(Kind kind) {
    return kind == Kind::delta || kind == Kind::sealed_delta || kind == Kind::in_place || kind == Kind::sealed_in_place;
}
bool is_sealed(Kind kind) {
    return kind == Kind::sealed || kind == Kind::sealed_delta || kind == Kind::sealed_in_place;
}

// Nothing: no delta for this bank.
std::optional<Bytes> payload_of(const Scenario& scenario, const flash::Layout& layout, const Geometry& geometry) {
    Bytes payload = scenario.new_image;
    if (is_delta(scenario.kind)) {
        delta::Options options{.window_bytes = 1024, .sector_bytes = 256, .block_bytes_max = 256};
        if (has_one_bank(scenario.kind)) {
            const flash::BankRange& bank = layout.bank(flash::Bank::a);
            options.mode = delta::Mode::in_place;
            options.sector_bytes = std::max(geometry.sector(bank.first_sector).size_bytes, delta::sector_bytes_min);
            options.bank_bytes = bank.size_bytes;
            if (!std::has_single_bit(options.sector_bytes)) return std::nullopt;
        }
        auto made = delta::make(scenario.old_image, scenario.new_image, options);
        if (!made) return std::nullopt;
        payload = std::move(*made);
    }
    return is_sealed(scenario.kind) ? sealed(payload) : payload;
}

bool install_old_image(Scenario& scenario) {
    flash::test::BareEcu ecu(*scenario.before, *scenario.parts);
    flash::test::BareTester tester(ecu);
    const flash::test::Delivery old{record_of(scenario.old_image, 1), {}, scenario.old_image};
    return ecu.slots().boot() && tester.stage(old) && tester.activate() && ecu.slots().boot() && tester.commit();
}

}  // namespace

std::string_view to_string(Kind kind) {
    constexpr std::array<std::string_view, kinds> names{
        "full",     "full-short", "delta",    "sealed",          "sealed-delta",
        "rollback", "one-bank",   "in-place", "sealed-in-place", "one-bank-rollback"};
    return names[static_cast<std::size_t>(kind)];
}

bool has_one_bank(Kind kind) { return kind >= Kind::one_bank; }

std::vector<Memory> memories(Kind kind) {
    std::vector<Memory> all = has_one_bank(kind) ? one_bank : two_banks;
    if (is_sealed(kind)) all = larger(std::move(all));
    if (kind != Kind::in_place && kind != Kind::sealed_in_place) return all;
    for (Memory& memory : all) memory.second_cut_every = kind == Kind::in_place ? 23 : 499;
    std::ranges::copy(small(kind), std::back_inserter(all));
    return all;
}

bool RememberingOpener::open(View info, View header, View wrapped_key, Room content_key) {
    Bytes asked(info.begin(), info.end());
    asked.insert(asked.end(), header.begin(), header.end());
    asked.insert(asked.end(), wrapped_key.begin(), wrapped_key.end());
    if (asked != asked_) {
        asked_.clear();
        if (!key_.open(info, header, wrapped_key, content_key)) return false;
        answer_.assign(content_key.begin(), content_key.end());
        asked_ = std::move(asked);
    }
    std::ranges::copy(answer_, content_key.begin());
    return true;
}

std::optional<Scenario> make_scenario(Kind kind, const Memory& memory) {
    const Images& images = memory.images;
    const auto layout = flash::plan_layout(memory.geometry, has_one_bank(kind) ? flash::Banks::one : flash::Banks::two);
    if (!layout || std::max(images.old_bytes, images.new_bytes) > layout->image_size_bytes_max()) return std::nullopt;
    Scenario scenario;
    scenario.kind = kind;
    scenario.memory = memory.name;
    scenario.second_cut_every = memory.second_cut_every;
    scenario.old_image = image_of(images.old_bytes, images.seed);
    scenario.new_image = next_version(scenario.old_image, images);
    scenario.erase = kind == Kind::full_short ? flash::test::Erase::short_form : flash::test::Erase::long_form;
    KeyOfTheEcu& key = the_key();
    scenario.parts = std::unique_ptr<flash::test::EcuParts>(
        new flash::test::EcuParts{.layout = *layout,
                                  .hardware_id = std::string(hardware),
                                  .openings = {.delta = true, .hpke = true, .window_bytes = 1024},
                                  .key = flash::ImageOpening::Key{key.remembering, key.chunks, key.id.address()},
                                  .block_size_bytes_max = memory.block_size_bytes});
    if (kind == Kind::full_short) scenario.parts->blocks = {};  // an ECU that queues nothing
    auto payload = payload_of(scenario, *layout, memory.geometry);
    if (!payload) return std::nullopt;
    const Form form{.encoding = is_delta(kind) ? Encoding::delta : Encoding::full,
                    .sealing = is_sealed(kind) ? Sealing::hpke : Sealing::none};
    const flash::ImageRecord record = record_of(scenario.new_image, 2);
    scenario.delivery.emplace(record, form, std::move(*payload));
    scenario.whole.emplace(record, Form{}, scenario.new_image);
    scenario.before.emplace(memory.geometry);
    const flash::Sector loader = memory.geometry.sector(0);
    if (has_one_bank(kind) && !scenario.before->program(0, Bytes(loader.size_bytes, 0x5A))) return std::nullopt;
    if (!install_old_image(scenario)) return std::nullopt;
    return scenario;
}

}  // namespace pitstop::cuts
