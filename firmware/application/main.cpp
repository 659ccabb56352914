// The application that the demo's ECUs run: a small program that knows its version and can test itself.
#include <cmath>
#include <cstring>
#include <iostream>
#include <locale>
#include <numbers>
#include <string_view>
#include <vector>

namespace {

// A wheel-speed low-pass filter, the kind of thing that lives in an ECU.
std::vector<double> filter(const std::vector<double>& samples, double cutoff_hz, double rate_hz) {
    const double alpha = 1.0 - std::exp(-2.0 * std::numbers::pi * cutoff_hz / rate_hz);
    std::vector<double> out;
    double state = 0;
    for (double sample : samples) out.push_back(state += alpha * (sample - state));
    return out;
}

bool self_test() {
    const std::vector<double> step(1000, 1.0);
    const double settled = filter(step, 10, 1000).back();
    return std::abs(settled - 1.0) < 1e-6;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 1 && std::strcmp(argv[1], "--version") == 0) {
        std::cout << APPLICATION_VERSION << '\n';
        return 0;
    }
    const bool healthy = self_test();
    std::cout << "ecu-application " << APPLICATION_VERSION << (healthy ? ": healthy\n" : ": FAULTY\n");
    return healthy ? 0 : 1;
}
