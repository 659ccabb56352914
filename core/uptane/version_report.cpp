#include "core/uptane/version_report.h"

#include "core/uptane/faults.h"

#include <algorithm>

namespace pitstop::uptane {
namespace {

// Puts bytes into lent room; once something did not fit, nothing more does.
class Writer {
public:
    explicit Writer(Room out) : out_(out) {}

    Writer& put(View bytes) {
        if (bytes.size() > out_.size() - used_) full_ = true;
        if (full_) return *this;
        std::ranges::copy(bytes, out_.begin() + static_cast<std::ptrdiff_t>(used_));
        used_ += bytes.size();
        return *this;
    }
    Writer& sized(View bytes) {
        std::array<std::uint8_t, 2> size{};
        store_be(size.data(), static_cast<std::uint16_t>(bytes.size()));
        return put(size).put(bytes);
    }
    Writer& text(std::string_view text) { return put(view_of(text)); }
    Writer& number(std::uint64_t value, std::size_t digits_min = 1) {
        std::array<char, 20> digits{};
        std::size_t at = digits.size();
        for (; value > 0 || digits.size() - at < digits_min; value /= 10)
            digits[--at] = static_cast<char>('0' + value % 10);
        return text({digits.data() + at, digits.size() - at});
    }
    Writer& hex(View bytes) {
        constexpr std::string_view digits = "0123456789abcdef";
        for (const std::uint8_t byte : bytes) {
            const std::array<char, 2> pair{digits[byte >> 4], digits[byte & 15]};
            text({pair.data(), pair.size()});
        }
        return *this;
    }
    Writer& version(const Version& version) {
        number(version.major).text(".").number(version.minor).text(".").number(version.patch);
        return version.build == 0 ? *this : text(".").number(version.build);
    }
    Writer& time(UtcTime time) {
        const std::chrono::sys_seconds at{std::chrono::seconds(time.seconds)};
        const auto midnight = std::chrono::floor<std::chrono::days>(at);
        const std::chrono::year_month_day date{midnight};
        const std::chrono::hh_mm_ss clock{at - midnight};
        const auto two = [this](auto value) -> Writer& { return number(static_cast<std::uint64_t>(value), 2); };
        number(static_cast<std::uint64_t>(static_cast<int>(date.year())), 4).text("-");
        two(static_cast<unsigned>(date.month())).text("-");
        two(static_cast<unsigned>(date.day())).text("T");
        two(clock.hours().count()).text(":");
        two(clock.minutes().count()).text(":");
        return two(clock.seconds().count()).text("Z");
    }

    [[nodiscard]] Result<View> finish() const {
        if (full_) return fail(faults::report_too_long, "the room that was lent for it is too small");
        return View(out_).first(used_);
    }

private:
    Room out_;
    std::size_t used_ = 0;
    bool full_ = false;
};

constexpr std::int64_t end_of_year_9999 = 253402300799;

bool is_code(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'; });
}

}  // namespace

Result<std::string_view> write_version_report(const VersionReport& report, Room out) {
    if (report.counter > counter_max || report.installed.length_bytes > counter_max)
        return fail(faults::bad_member, "'counter' or 'length' is above 2^53 - 1");
    if (report.time.seconds < 0 || report.time.seconds > end_of_year_9999)
        return fail(faults::bad_member, "'time' is outside 1970 to 9999");
    if (!is_code(report.previous_attack.view())) return fail(faults::bad_member, "'previous_attack' is no fault code");
    Writer writer(out);
    writer.text(R"({"_type":"ecu-version-report","attacks":)").number(report.attacks);
    writer.text(R"(,"counter":)").number(report.counter);
    writer.text(R"(,"ecu_id":"ECU_)").number(report.ecu.number(), 3);
    writer.text(R"(","hardware_id":")").text(report.hardware.view());
    writer.text(R"(","installed":{"length":)").number(report.installed.length_bytes);
    writer.text(R"(,"release_counter":)").number(report.installed.release_counter);
    writer.text(R"(,"sha256":")").hex(report.installed.sha256);
    writer.text(R"(","version":")").version(report.installed.version);
    writer.text(R"("},"nonce":")").hex(report.nonce);
    writer.text(R"(","previous_attack":")").text(report.previous_attack.view());
    writer.text(R"(","spec_version":"1.0.31","time":")").time(report.time);
    writer.text(R"(","vin":")").text(report.vin.view()).text("\"}");
    return writer.finish().transform(text_of);
}

Result<View> pack_report(std::string_view text, std::span<const ReportSignature> signatures, Room out) {
    Writer writer(out);
    writer.sized(view_of(text));
    for (const ReportSignature& signature : signatures) writer.put(signature.keyid).sized(signature.value);
    return writer.finish();
}

}  // namespace pitstop::uptane
