#include "apps/gateway/car.h"

#include "core/flash/bank_state.h"
#include "core/flash/faults.h"
#include "core/uds/services.h"
#include "io/runtime/loop.h"

#include <format>

namespace pitstop::gateway {
namespace {

constexpr int attempts_max = 3;  // an ECU that was just reset needs a moment
constexpr std::chrono::milliseconds pause_between_attempts{700};

// Blocks as long as the ways carry: the ECU may ask for less.
constexpr std::uint32_t ethernet_block_size_bytes = 64 * 1024 + 2;
constexpr std::uint32_t can_block_size_bytes = 16 * 1024 + 2;  // a lost frame costs one block

io::Task<Bytes> read_record(Car::Way way, std::uint16_t did) {
    const std::array<std::uint8_t, 3> request{static_cast<std::uint8_t>(uds::Service::read_data_by_identifier),
                                              static_cast<std::uint8_t>(did >> 8), static_cast<std::uint8_t>(did)};
    CO_TRY(Bytes answer, co_await way.link.request(way.target_address, request));
    if (answer.size() < request.size())
        co_return fail(flash::faults::strange_answer, std::format("identifier {:04X}", did));
    co_return Bytes(answer.begin() + request.size(), answer.end());
}

io::Task<std::string> read_text(Car::Way way, std::uint16_t did) {
    CO_TRY(const Bytes bytes, co_await read_record(way, did));
    std::string text(text_of(bytes));
    while (!text.empty() && (text.back() == '\0' || text.back() == ' '))
        text.pop_back();  // fixed-length records are padded
    co_return text;
}

// An ECU without keys does not know the identifier.
io::Task<Bytes> read_report(Car::Way way) {
    constexpr std::uint16_t did = uds::did::version_report;
    constexpr std::array<std::uint8_t, 3> request{static_cast<std::uint8_t>(uds::Service::read_data_by_identifier),
                                                  did >> 8, did & 0xFF};
    CO_TRY(const uds::Answer answer, co_await way.link.ask(way.target_address, request, {}));
    if (answer.refused() || answer.positive.size() < request.size()) co_return Bytes{};
    co_return Bytes(answer.positive.begin() + request.size(), answer.positive.end());
}

// An ECU that does not know the identifier, or says words that nobody knows yet, takes images as they are.
io::Task<Openings> read_openings(Car::Way way) {
    constexpr std::uint16_t did = uds::did::openings;
    constexpr std::array<std::uint8_t, 3> request{static_cast<std::uint8_t>(uds::Service::read_data_by_identifier),
                                                  did >> 8, did & 0xFF};
    CO_TRY(const uds::Answer answer, co_await way.link.ask(way.target_address, request, {}));
    if (answer.refused() || answer.positive.size() < request.size()) co_return Openings{};
    co_return Openings::parse(text_of(View(answer.positive).subspan(request.size()))).value_or(Openings{});
}

}  // namespace

vehicle::Inventory Survey::inventory(const Vin& vin, UtcTime now) const {
    vehicle::Inventory inventory{vin, now, {}, {}};
    for (const KnownEcu& ecu : known) inventory.ecus.push_back(ecu.report);
    for (const SilentEcu& ecu : silent)
        inventory.missing.push_back({ecu.ecu, std::string(ecu.why.code()), std::string(ecu.why.detail())});
    return inventory;
}

Car::Car(io::Loop& loop, vehicle::Description vehicle, std::uint16_t tester_address)
    : loop_(loop),
      vehicle_(std::move(vehicle)),
      tester_address_(tester_address),
      freed_(loop) {}

void Car::secure(io::tls::TlsSettings tls, std::vector<EcuId> only) {
    tls_ = std::move(tls);
    secured_ = std::move(only);
}

Result<std::optional<EcuId>> Car::zone_before(EcuId ecu) const {
    TRY(const vehicle::Route route, vehicle_.route_to(ecu));
    return route.via;
}

Result<Car::Way> Car::way_to(EcuId ecu) {
    const auto zone = std::ranges::find(vehicle_.zones, ecu, &vehicle::Zone::gateway);
    const auto found = zone == vehicle_.zones.end()
                           ? vehicle_.route_to(ecu)
                           : Result<vehicle::Route>({zone->host, zone->port, ecu.address(), std::nullopt});
    TRY(const vehicle::Route route, found);
    auto& entity = entities_[{route.host, route.port}];
    if (!entity) {
        io::ethernet::DoipPeer peer{.host = route.host, .port = route.port, .tester = tester_address_};
        if (secured_.empty() || std::ranges::contains(secured_, route.via.value_or(ecu))) peer.tls = tls_;
        entity = std::make_unique<io::ethernet::DoipClient>(loop_, std::move(peer));
    }
    return Way{*entity, route.target_address, route.via ? can_block_size_bytes : ethernet_block_size_bytes};
}

Car::Turn::~Turn() {
    if (!car_) return;
    car_->taken_.erase(ecu_);
    car_->freed_.notify();
}

boost::asio::awaitable<Car::Turn> Car::turn(EcuId ecu) {
    while (!taken_.insert(ecu).second) co_await freed_.wait();
    co_return Turn(*this, ecu);
}

io::Task<KnownEcu> Car::ask(vehicle::EcuDescription ecu) {
    CO_TRY(const Way way, way_to(ecu.ecu));
    const Turn held = co_await turn(ecu.ecu);
    CO_TRY(const std::string version_text, co_await read_text(way, uds::did::software_version));
    CO_TRY(const Version version, Version::parse(version_text));
    CO_TRY(const std::string hardware_text, co_await read_text(way, uds::did::hardware_number));
    CO_TRY(const HardwareId hardware, HardwareId::parse(hardware_text));
    CO_TRY(std::string serial, co_await read_text(way, uds::did::serial_number));
    CO_TRY(std::string part_number, co_await read_text(way, uds::did::part_number));
    CO_TRY(const Bytes banks, co_await read_record(way, uds::did::bank_state));
    CO_TRY(const flash::BankState state, flash::parse_bank_state(banks));
    CO_TRY(const Bytes digest, co_await read_record(way, uds::did::image_digest));
    Sha256Digest image{};
    if (digest.size() != image.size()) co_return fail(flash::faults::strange_answer, "image digest");
    std::ranges::copy(digest, image.begin());
    CO_TRY(const Openings opens, co_await read_openings(way));
    CO_TRY(Bytes report, co_await read_report(way));
    co_return KnownEcu{{ecu.ecu, hardware, version, std::move(serial), std::move(part_number),
                        std::string(flash::to_string(state.phase)), image, ecu.link, opens},
                       state.release_counter,
                       state.phase == flash::Phase::settled,
                       std::move(report)};
}

io::Task<Survey> Car::survey() {
    Survey survey;
    for (const vehicle::EcuDescription& ecu : vehicle_.ecus) {
        for (int attempt = 1;; ++attempt) {
            Result<KnownEcu> known = co_await ask(ecu);
            if (known) {
                survey.known.push_back(*std::move(known));
                break;
            }
            if (attempt == attempts_max || known.error().remedy() != Remedy::retry) {
                survey.silent.push_back({ecu.ecu, known.error()});
                break;
            }
            co_await io::pause(pause_between_attempts);
        }
    }
    co_return survey;
}

}  // namespace pitstop::gateway
