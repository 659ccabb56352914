// One manifest, judged against what is stored of its vehicle: everything that costs time, so that it can happen on any
// thread. Reading the keys alone takes longer than the database needs to give them.
//
// Faults: of judge() those of stored texts that cannot be read; what the vehicle did wrong stands in Judgement::judged.
#pragma once

#include "core/uptane/manifest_judge.h"

#include <string>

namespace pitstop::server {

// As the database has it; empty where there is nothing.
struct StoredVehicle {
    Vin vin;
    std::string keys = {}, history = {}, inventory = {};
};

struct Judgement {
    Vin vin;
    std::string history_before = {};  // what it was judged against
    Result<uptane::JudgedManifest> judged;
    // To be stored of one that was accepted:
    std::string history = {}, content = {};
};

[[nodiscard]] Result<Judgement> judge(const StoredVehicle& stored, View file, UtcTime now);

[[nodiscard]] Result<uptane::RegisteredKeys> keys_of(const StoredVehicle& stored);
[[nodiscard]] Result<uptane::ReportHistory> history_of(const StoredVehicle& stored);

}  // namespace pitstop::server
