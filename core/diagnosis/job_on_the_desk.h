// For tests: a small car, and a job for it that everybody accepts until a test changes it.
#pragma once

#include "core/diagnosis/run.h"

namespace pitstop::diagnosis::desk {

inline const UtcTime now = *UtcTime::parse("2026-11-20T12:00:00Z");
inline const EcuId brake = *EcuId::parse("ECU_011");
inline const EcuId window = *EcuId::parse("ECU_021");
inline const EcuId door = *EcuId::parse("ECU_022");
inline const EcuId radio = *EcuId::parse("ECU_012");  // on Ethernet
inline const EcuId body_gateway = *EcuId::parse("ECU_092");
inline const Bytes read_vin{0x22, 0xF1, 0x90};

inline vehicle::Description car() {
    const HardwareId hardware = *HardwareId::parse("HW");
    return {*Vin::parse("VIN00001"),
            {{"chassis", *EcuId::parse("ECU_091"), "127.0.0.91"}, {"body", body_gateway, "127.0.0.92"}},
            {{"can0", "chassis"}, {"can1", "body"}},
            {{brake, hardware, vehicle::Link::can_fd, "", 0, "can0"},
             {radio, hardware, vehicle::Link::doip, "127.0.0.12", 13400, ""},
             {window, hardware, vehicle::Link::can_fd, "", 0, "can1"},
             {door, hardware, vehicle::Link::can_fd, "", 0, "can1"},
             {body_gateway, hardware, vehicle::Link::doip, "127.0.0.92", 13400, ""}}};  // it takes updates itself
}

inline Step step(Bytes request = read_vin, Expectation expect = {}, OnFailure on_failure = OnFailure::stop) {
    return {"read", std::move(request), std::move(expect), on_failure};
}

inline Job job(std::vector<Step> steps = {step()}, Target target = {AllEcus{}}) {
    return {.id = *JobId::parse("0f8fad5b-d9cb-469f-a165-70867728950e"),
            .vin = *Vin::parse("VIN00001"),
            .sequence = 5,
            .issued = now,
            .expires = now + std::chrono::minutes(10),
            .role = Role::operator_,
            .requirements = {},
            .target = std::move(target),
            .steps = std::move(steps)};
}

}  // namespace pitstop::diagnosis::desk
