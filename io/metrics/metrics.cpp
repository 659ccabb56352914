#include "io/metrics/metrics.h"

#include <algorithm>
#include <format>

namespace pitstop::io::metrics {

struct Registry::Series {
    std::unique_ptr<Counter> counter;  // one of the three
    std::unique_ptr<Gauge> gauge;
    std::unique_ptr<Histogram> histogram;
};

struct Registry::Family {
    std::string type, help;
    std::map<std::string, Series, std::less<>> series;  // by rendered labels: vin="V1",code="x"
};

namespace {

std::string escaped(std::string_view text, std::string_view specials) {
    std::string out;
    for (const char c : text) {
        if (c == '\n')
            out += "\\n";
        else if (specials.contains(c))
            (out += '\\') += c;
        else
            out += c;
    }
    return out;
}

std::string rendered(Labels labels) {
    std::string text;
    for (const auto& [name, value] : labels) {
        text += std::format("{}{}=\"{}\"", text.empty() ? "" : ",", name.view(), escaped(value, "\\\""));
    }
    return text;
}

std::string rendered_as_other(Labels labels) {
    std::string text;
    for (const auto& [name, value] : labels)
        text += std::format("{}{}=\"other\"", text.empty() ? "" : ",", name.view());
    return text;
}

void render_line(std::string& out, std::string_view name, std::string_view labels, std::string_view value) {
    out += labels.empty() ? std::format("{} {}\n", name, value) : std::format("{}{{{}}} {}\n", name, labels, value);
}

void render_histogram(std::string& out, std::string_view name, const std::string& labels, const Histogram& histogram) {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i <= histogram.bounds().size(); ++i) {
        below += histogram.bucket(i);
        const std::string bound = i < histogram.bounds().size() ? std::format("{}", histogram.bounds()[i]) : "+Inf";
        render_line(out, std::format("{}_bucket", name),
                    std::format("{}{}le=\"{}\"", labels, labels.empty() ? "" : ",", bound), std::to_string(below));
    }
    render_line(out, std::format("{}_sum", name), labels, std::format("{}", histogram.sum()));
    render_line(out, std::format("{}_count", name), labels, std::to_string(below));
}

}  // namespace

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()),
      buckets_(bounds.size() + 1) {}

void Histogram::observe(double value) {
    const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
    buckets_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
}

Registry::Registry() = default;
Registry::~Registry() = default;

Registry::Series& Registry::series(MetricName name, std::string_view type, std::string_view help, Labels labels) {
    auto& family = families_[std::string(name.view())];
    if (family.type.empty()) {
        family.type = type;
        family.help = help;
    }
    const std::string key = rendered(labels);
    if (const auto found = family.series.find(key); found != family.series.end()) return found->second;
    return family.series[family.series.size() < series_per_name_max ? key : rendered_as_other(labels)];
}

Counter& Registry::counter(MetricName name, std::string_view help, Labels labels) {
    const std::scoped_lock lock(registering_);
    auto& found = series(name, "counter", help, labels);
    if (!found.counter) found.counter = std::make_unique<Counter>();
    return *found.counter;
}

Gauge& Registry::gauge(MetricName name, std::string_view help, Labels labels) {
    const std::scoped_lock lock(registering_);
    auto& found = series(name, "gauge", help, labels);
    if (!found.gauge) found.gauge = std::make_unique<Gauge>();
    return *found.gauge;
}

Histogram& Registry::histogram(MetricName name, std::string_view help, std::span<const double> bounds, Labels labels) {
    const std::scoped_lock lock(registering_);
    auto& found = series(name, "histogram", help, labels);
    if (!found.histogram) found.histogram = std::make_unique<Histogram>(bounds);
    return *found.histogram;
}

std::string Registry::render() const {
    const std::scoped_lock lock(registering_);
    std::string out;
    for (const auto& [name, family] : families_) {
        out += std::format("# HELP {} {}\n# TYPE {} {}\n", name, escaped(family.help, "\\"), name, family.type);
        for (const auto& [labels, one] : family.series) {
            if (one.counter) render_line(out, name, labels, std::to_string(one.counter->value()));
            if (one.gauge) render_line(out, name, labels, std::to_string(one.gauge->value()));
            if (one.histogram) render_histogram(out, name, labels, *one.histogram);
        }
    }
    return out;
}

}  // namespace pitstop::io::metrics
