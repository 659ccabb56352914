// Numbers that a monitoring system scrapes, in the Prometheus text format (version 0.0.4).
//
// Registered once, usually when a part is built; increments are lock-free and may come from any thread. References stay
// valid as long as the registry.
//
//     metrics::Counter& failures = registry.counter("pitstop_downloads_failed_total", "Downloads that failed.",
//     {{"code", code}}); failures.add();
//
// The same name and labels give the same object again. A name is a literal, checked when it is compiled. Label values
// may come from outside: they are escaped, and a name's series beyond series_per_name_max are counted together under
// "other".
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pitstop::io::metrics {

inline constexpr std::size_t series_per_name_max = 1000;  // a scrape stays below a megabyte even if a label is hostile

// [a-zA-Z_:][a-zA-Z0-9_:]*; anything else does not compile.
class MetricName {
public:
    consteval MetricName(const char* text) : text_(text) {
        if (text_.empty() || (text_[0] >= '0' && text_[0] <= '9')) throw "a metric's name starts with a letter";
        for (const char c : text_) {
            const bool good =
                (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
            if (!good) throw "a metric's name has letters, digits, '_' and ':' only";
        }
    }
    [[nodiscard]] constexpr std::string_view view() const { return text_; }

private:
    std::string_view text_;
};

struct Label {
    MetricName name;
    std::string_view value;
};
using Labels = std::initializer_list<Label>;

class Counter {
public:
    void add(std::uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

class Gauge {
public:
    void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
    void add(std::int64_t by) { value_.fetch_add(by, std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> value_{0};
};

// Counts how often a value was at most each bound. Bounds rise; whatever exceeds the last is counted under +Inf.
class Histogram {
public:
    explicit Histogram(std::span<const double> bounds);
    void observe(double value);

    [[nodiscard]] const std::vector<double>& bounds() const { return bounds_; }
    [[nodiscard]] std::uint64_t bucket(std::size_t index) const {
        return buckets_[index].load(std::memory_order_relaxed);
    }
    [[nodiscard]] double sum() const { return sum_.load(std::memory_order_relaxed); }

private:
    std::vector<double> bounds_;
    std::vector<std::atomic<std::uint64_t>> buckets_;  // one more than bounds
    std::atomic<double> sum_{0};
};

class Registry {
public:
    Registry();
    ~Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    Counter& counter(MetricName name, std::string_view help, Labels labels = {});
    Gauge& gauge(MetricName name, std::string_view help, Labels labels = {});
    Histogram& histogram(MetricName name, std::string_view help, std::span<const double> bounds, Labels labels = {});

    [[nodiscard]] std::string render() const;  // Content-Type: text/plain; version=0.0.4

private:
    struct Series;
    struct Family;
    Series& series(MetricName name, std::string_view type, std::string_view help, Labels labels);

    mutable std::mutex registering_;
    std::map<std::string, Family, std::less<>> families_;
};

}  // namespace pitstop::io::metrics
