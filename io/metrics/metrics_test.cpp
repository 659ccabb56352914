#include "io/metrics/metrics.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>

namespace pitstop::io::metrics {
namespace {

TEST(Metrics, AreRenderedAsPrometheusReadsThem) {
    Registry registry;
    registry.counter("pitstop_requests_total", "Requests answered.", {{"status", "200"}}).add(3);
    registry.counter("pitstop_requests_total", "Requests answered.", {{"status", "404"}}).add();
    registry.gauge("pitstop_connections", "Open connections.").set(-2);
    constexpr std::array bounds{0.5, 1.0};
    auto& seconds = registry.histogram("pitstop_seconds", "Durations.", bounds, {{"route", "/"}});
    for (const double value : {0.25, 0.5, 0.75, 4.0}) seconds.observe(value);
    EXPECT_EQ(registry.render(),
              "# HELP pitstop_connections Open connections.\n# TYPE pitstop_connections gauge\npitstop_connections -2\n"
              "# HELP pitstop_requests_total Requests answered.\n# TYPE pitstop_requests_total counter\n"
              "pitstop_requests_total{status=\"200\"} 3\npitstop_requests_total{status=\"404\"} 1\n"
              "# HELP pitstop_seconds Durations.\n# TYPE pitstop_seconds histogram\n"
              "pitstop_seconds_bucket{route=\"/\",le=\"0.5\"} 2\npitstop_seconds_bucket{route=\"/\",le=\"1\"} 3\n"
              "pitstop_seconds_bucket{route=\"/\",le=\"+Inf\"} 4\n"
              "pitstop_seconds_sum{route=\"/\"} 5.5\npitstop_seconds_count{route=\"/\"} 4\n");
}

TEST(Metrics, TheSameNameAndLabelsAreTheSameCounter) {
    Registry registry;
    EXPECT_EQ(&registry.counter("a", "", {{"x", "1"}}), &registry.counter("a", "", {{"x", "1"}}));
    EXPECT_NE(&registry.counter("a", "", {{"x", "1"}}), &registry.counter("a", "", {{"x", "2"}}));
}

TEST(Metrics, AHostileLabelCannotForgeALine) {
    Registry registry;
    registry.counter("a", "b\nc", {{"vin", "\"} 1\nfake 2\\"}}).add();
    EXPECT_EQ(registry.render(), "# HELP a b\\nc\n# TYPE a counter\na{vin=\"\\\"} 1\\nfake 2\\\\\"} 1\n");
}

TEST(Metrics, EndlesslyManyLabelsAreCountedTogether) {
    Registry registry;
    for (std::size_t i = 0; i < series_per_name_max + 100; ++i)
        registry.counter("a", "", {{"vin", std::to_string(i)}}).add();
    EXPECT_EQ(registry.counter("a", "", {{"vin", "new"}}).value(), 100u);
    EXPECT_NE(registry.render().find("a{vin=\"other\"} 100\n"), std::string::npos);
}

TEST(Metrics, NothingIsLostBetweenThreads) {
    Registry registry;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&] {
                auto& counter = registry.counter("a", "");
                for (int i = 0; i < 10'000; ++i) counter.add();
            });
        }
    }
    EXPECT_EQ(registry.counter("a", "").value(), 40'000u);
}

}  // namespace
}  // namespace pitstop::io::metrics
