#include "apps/gateway/consent.h"

#include "io/files/atomic_file.h"
#include "io/log/log.h"

#include <boost/json/serialize.hpp>
#include <charconv>

namespace pitstop::gateway {
namespace {

constexpr std::size_t answer_size_bytes_max = 64;
constexpr std::uint32_t later_s_max = 7 * 24 * 3600;  // DESIGN §9: a week is the longest that a driver may choose

}  // namespace

void ConsentDesk::ask(const update::Job& job) const {
    const json::Object offer{
        {"campaign_id", job.campaign.view()}, {"title", job.title}, {"download_bytes", job.download_bytes}};
    const auto written = io::files::write_atomically(folder_ / "offer.json", view_of(boost::json::serialize(offer)),
                                                     io::files::FileMode::shared);
    if (!written) return io::log::problem(written.error(), "asking the driver");
    io::log::info("update '{}' waits for the driver: answer in {}", job.title, (folder_ / "answer").string());
}

std::optional<update::DriverAnswered> ConsentDesk::take_answer() const {
    const auto file = io::files::read_if_there(folder_ / "answer", answer_size_bytes_max);
    if (file && !*file) return std::nullopt;
    std::error_code ignored;
    std::filesystem::remove(folder_ / "answer", ignored);
    if (!file) return std::nullopt;
    auto answer = parse_answer(text_of(**file));
    if (!answer) io::log::warning("the driver's answer is none of: accept, decline, later SECONDS");
    return answer;
}

std::optional<update::DriverAnswered> parse_answer(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    if (text == "accept") return update::DriverAnswered{campaign::Answer::accept, 0};
    if (text == "decline") return update::DriverAnswered{campaign::Answer::decline, 0};
    constexpr std::string_view later = "later ";
    if (!text.starts_with(later)) return std::nullopt;
    text.remove_prefix(later.size());
    std::uint32_t seconds = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (problem != std::errc{} || end != text.data() + text.size() || seconds == 0 || seconds > later_s_max)
        return std::nullopt;
    return update::DriverAnswered{campaign::Answer::later, seconds};
}

}  // namespace pitstop::gateway
