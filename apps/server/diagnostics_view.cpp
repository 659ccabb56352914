#include "apps/server/diagnostics_view.h"

#include "core/diagnosis/report.h"

#include <vector>

namespace pitstop::server {
namespace {

constexpr std::size_t stored_bytes_max = 1 << 20;  // what this server wrote itself

Result<json::Object> stored_object(const std::string& text, std::string_view what) {
    TRY(const json::Value value, json::parse(view_of(text), stored_bytes_max));
    TRY(const json::Object* object, json::as_object(value, what));
    return *object;
}

Result<json::Object> view_of_result(const std::string& text) {
    TRY(json::Object view, stored_object(text, "a result"));
    TRY(const auto result, diagnosis::step_result_from_json(view));
    view.erase("step");
    view["nrc_name"] = nullptr;
    view["nrc_text"] = nullptr;
    if (!result.nrc) return view;
    view["nrc_name"] = uds::to_string(*result.nrc);
    view["nrc_text"] = uds::clear_text(*result.nrc);
    return view;
}

}  // namespace

json::Object view_of_job_line(const io::store::DiagnosticJobRow& row) {
    json::Object view{{"job_id", row.id},
                      {"vin", row.vin.view()},
                      {"sequence", row.sequence},
                      {"created", row.created.str()},
                      {"expires", row.expires.str()},
                      {"author", row.author},
                      {"state", row.state},
                      {"cancelling", !row.cancel.empty() && !row.ended},
                      {"code", row.code},
                      {"detail", row.detail},
                      {"ended", nullptr}};
    if (row.ended) view["ended"] = row.ended->str();
    return view;
}

Result<json::Object> view_of_job(const io::store::DiagnosticJobRow& row, std::span<const std::string> results) {
    TRY(json::Object wish, stored_object(row.wish, "a job"));
    TRY(const json::Array* listed, json::array(wish, "steps"));
    std::vector<json::Array> answers(listed->size());
    for (const std::string& text : results) {
        TRY(const json::Object stored, stored_object(text, "a result"));
        TRY(const std::uint64_t step, json::number(stored, "step", diagnosis::steps_max));
        TRY(json::Object view, view_of_result(text));
        if (step < answers.size()) answers[step].push_back(std::move(view));
    }
    json::Array steps = *listed;
    for (std::size_t i = 0; i < steps.size(); ++i) steps[i].as_object()["results"] = std::move(answers[i]);
    json::Object view = view_of_job_line(row);
    view["target"] = wish["target"];
    view["requires"] = wish["requires"];
    view["steps"] = std::move(steps);
    view["summary"] = nullptr;
    if (!row.summary.empty()) {
        TRY(view["summary"], stored_object(row.summary, "a summary"));
    }
    return view;
}

}  // namespace pitstop::server
