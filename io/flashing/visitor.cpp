#include "io/flashing/visitor.h"

#include "core/uds/way_in.h"

namespace pitstop::io::flashing {

Result<std::unique_ptr<Visitor>> Visitor::with(const std::filesystem::path& credential, const Vin& vin,
                                               std::string_view tester) {
    TRY(auto loaded, keys::Credential::load(credential));
    return std::unique_ptr<Visitor>(new Visitor(std::move(loaded), vin, tester, Visits::again));
}

Result<Visitor::Visit> Visitor::visit(EcuId ecu, UtcTime now) {
    TRY(auto prover, credential_.tester_of(ecu));
    std::array<std::uint8_t, 32> challenge{};
    ENSURE(randomness_.fill(challenge));
    flash::Entrance entrance{uds::papers_of(prover, challenge), {ecu.address(), Text<17>(vin_.view())}};
    if (visits_ == Visits::again) entrance.papers.returns = &chains_.try_emplace(ecu, randomness_).first->second;
    return Visit{std::move(prover), entrance, {now, tester_}};
}

Task<void> enter(Visitor::Visit visit, AskEcu ask) {
    uds::WayIn way(visit.entrance.papers, visit.entrance.door);
    for (;;) {
        const uds::WayIn::Action action = way.next();
        if (const auto* asks = std::get_if<uds::WayIn::Ask>(&action)) {
            CO_TRY(const uds::Answer said, co_await ask(Bytes(asks->request.begin(), asks->request.end())));
            said.refused() ? way.on_refusal(said.refusal) : way.on_answer(said.positive);
        } else if (const auto* need = std::get_if<uds::NeedProof>(&action)) {
            const auto proof = visit.prover.prove(need->kind, need->text);
            proof ? way.on_proof(*proof) : way.on_error(proof.error());
        } else if (const auto* outside = std::get_if<uds::WayIn::Outside>(&action)) {
            co_return std::unexpected(outside->why);
        } else {
            co_return Result<void>{};
        }
    }
}

}  // namespace pitstop::io::flashing
