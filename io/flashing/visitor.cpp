#include "io/flashing/visitor.h"

namespace pitstop::io::flashing {

Result<std::unique_ptr<Visitor>> Visitor::with(const std::filesystem::path& credential, const Vin& vin,
                                               std::string_view tester) {
    TRY(auto loaded, keys::Credential::load(credential));
    return std::unique_ptr<Visitor>(new Visitor(std::move(loaded), vin, tester));
}

Result<Visitor::Visit> Visitor::visit(EcuId ecu, UtcTime now) {
    TRY(auto prover, credential_.tester_of(ecu));
    std::array<std::uint8_t, 32> challenge{};
    ENSURE(randomness_.fill(challenge));
    const flash::Entrance entrance{uds::papers_of(prover, challenge), {ecu.address(), Text<17>(vin_.view())}};
    return Visit{std::move(prover), entrance, {now, tester_}};
}

}  // namespace pitstop::io::flashing
