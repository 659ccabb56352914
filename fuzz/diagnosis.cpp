// core/diagnosis: orders as they come from the broker, reports as they come from vehicles, the ledger from the disk.
// Input: in the first line what follows, then its JSON.
//
//     job      the `signed` part of an order; it is signed with the right keys, so that reading itself is reached, and
//              judged and run in a car in which every ECU says the same
//     order    anything, as somebody could publish it
//     wish, report, ledger
#include "core/diagnosis/faults.h"
#include "core/diagnosis/job_on_the_desk.h"
#include "core/diagnosis/judge.h"
#include "core/diagnosis/ledger.h"
#include "core/diagnosis/order.h"
#include "core/diagnosis/permission.h"
#include "core/uptane/repository.h"
#include "fuzz/round_trip.h"

using namespace pitstop;
using fuzz::must;

namespace {

struct Keys {
    crypto::SoftwareSigner classical{*crypto::generate(crypto::KeyType::ed25519)};
    crypto::SoftwareSigner post_quantum{*crypto::generate(crypto::KeyType::ml_dsa_44)};
    std::vector<crypto::PublicKey> both{classical.public_key(), post_quantum.public_key()};
    uptane::Root root =
        *uptane::make_root({both, both, both, both, {}}, {1, diagnosis::desk::now + std::chrono::days(1)});
};
Keys& keys() {
    static Keys made;
    return made;
}

void run(const diagnosis::Job& job) {
    auto planned = diagnosis::JobRun::plan(job, diagnosis::desk::car());
    if (!planned) return;
    std::size_t asked = 0, told = 0;
    for (std::size_t lane = 0; lane < planned->lanes().size(); ++lane)
        while (const diagnosis::Step* step = planned->next(lane)) {
            must(++asked <= planned->lanes().size() * job.steps.size(), "no step is begun twice");
            std::vector<diagnosis::Heard> heard;
            for (const EcuId ecu : planned->lanes()[lane].ecus) heard.push_back({.ecu = ecu, .answer = step->request});
            planned->on_answers(lane, heard);
        }
    must(planned->ended(), "every lane has an end");
    const auto summary = planned->summary();
    for (const auto& ecu : summary.ecus)
        told += ecu.steps.passed + ecu.steps.failed + ecu.steps.silent + ecu.steps.left_out;
    const auto results = planned->take_results();
    must(told == results.size() && told == summary.ecus.size() * job.steps.size(), "every step of every ECU is told");
    for (const auto& result : results) must(result.answer.size() <= diagnosis::answer_bytes_max, "answers are bounded");
}

void check_job(const diagnosis::Job& job) {
    must(job.steps.size() <= diagnosis::steps_max, "limits hold");
    const auto car = diagnosis::desk::car();
    const auto judged = diagnosis::judge(job, {.vehicle = car, .now = diagnosis::desk::now});
    if (judged) {
        must(job.vin == car.vin && job.expires > diagnosis::desk::now && job.sequence > 0, "only what is for us, now");
        for (const auto& step : job.steps) {
            must(diagnosis::check_allowed(diagnosis::Role::admin, step.request, job.requirements).has_value(),
                 "an admin may what any role may");
            must(step.request[0] < 0x34 || step.request[0] == 0x3E, "nobody flashes by a job");
        }
    }
    diagnosis::Ledger ledger;
    ledger.take(job);
    must(fuzz::must_have(diagnosis::ledger_from_json(to_json(ledger)), "what is kept can be read") == ledger,
         "and means the same");
    run(job);
}

void sign_and_open(const json::Object& body) {
    const std::array<crypto::Signer*, 2> signers{&keys().classical, &keys().post_quantum};
    const auto file = uptane::sign(body, signers);
    if (!file) return;
    const auto document = json::parse(*file, 4 * fuzz::document_size_bytes_max);
    const auto order = diagnosis::open_order({document->as_object()}, keys().root);
    if (!order) return;
    const auto* job = std::get_if<diagnosis::Job>(&*order);
    if (!job) return;
    must(fuzz::must_have(diagnosis::job_from_json(to_json(*job)), "what was read can be written") == *job,
         "it means the same again");
    check_job(*job);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [title, text] = fuzz::titled({data, size});
    if (title == "wish") fuzz::read_and_round_trip(text, diagnosis::wish_from_json);
    if (title == "report") fuzz::read_and_round_trip(text, diagnosis::report_from_json);
    if (title == "ledger") fuzz::read_and_round_trip(text, diagnosis::ledger_from_json);
    if (title != "job" && title != "order") return 0;
    const auto document = json::parse(text, fuzz::document_size_bytes_max);
    if (!document || !document->is_object()) return 0;
    if (title == "order")
        must(!diagnosis::open_order({document->get_object()}, keys().root), "nobody else's signature is believed");
    else
        sign_and_open(document->get_object());
    return 0;
}
