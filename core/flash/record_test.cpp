#include "core/flash/record.h"

#include "core/base/faults.h"
#include "core/flash/bank_state.h"
#include "core/flash/boot_records.h"
#include "core/flash/faults.h"
#include "core/flash/resume.h"
#include "core/flash/routine_status.h"
#include "core/flash/test_ecu.h"

#include <gtest/gtest.h>

namespace pitstop::flash {
namespace {

ImageRecord some_record() {
    ImageRecord record = test::record_of(test::image_of(700, 3), 9);
    record.version = {2, 2, 0, 100};
    return record;
}

TEST(ImageRecord, RefusesAnotherLength) {
    const auto bytes = to_bytes(some_record());
    EXPECT_TRUE(parse_image_record(View(bytes).first(111)).error().is(faults::bad_record));
    Bytes longer(bytes.begin(), bytes.end());
    longer.push_back(0);
    EXPECT_TRUE(parse_image_record(longer).error().is(faults::bad_record));
}

TEST(ImageRecord, RefusesAnImageWithoutBytes) {
    auto bytes = to_bytes(some_record());
    store_be<std::uint32_t>(bytes.data(), 0);
    EXPECT_TRUE(parse_image_record(bytes).error().is(faults::bad_record));
}

TEST(ImageRecord, RefusesAHardwareIdThatIsEmptyForeignOrBadlyPadded) {
    auto empty = to_bytes(some_record()), foreign = empty, hidden = empty;
    std::fill(empty.begin() + 48, empty.end(), std::uint8_t{0});
    foreign[50] = '/';
    hidden[111] = 'x';
    for (const auto& bytes : {empty, foreign, hidden})
        EXPECT_TRUE(parse_image_record(bytes).error().is(faults::bad_record));
}

TEST(ImageRecord, HasTheDocumentedPlaceForEveryMember) {
    const auto bytes = to_bytes(some_record());
    EXPECT_EQ(to_hex(View(bytes).first(4)), "000002bc");
    EXPECT_EQ(to_hex(View(bytes).subspan(36, 12)), "000200020000006400000009");
    EXPECT_EQ(text_of(View(bytes).subspan(48, test::our_hardware.size())), test::our_hardware);
    const auto back = parse_image_record(bytes);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, some_record());
}

BootRecord some_boot_record() {
    BootRecord record;
    record.sequence = 77;
    record.release_counter = 8;
    record.active = Bank::b;
    record.phase = Phase::trial;
    record.attempts = 2;
    record.last_change = LastChange::committed;
    record.images[0] = some_record();
    return record;
}

TEST(BootRecord, ComesBackAsItWasWritten) {
    const auto back = parse_boot_record(to_bytes(some_boot_record()));
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, some_boot_record());
}

TEST(BootRecord, IsRefusedWhenAnySingleBitDiffers) {
    const auto bytes = to_bytes(some_boot_record());
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        auto damaged = bytes;
        damaged[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        ASSERT_TRUE(parse_boot_record(damaged).error().is(faults::bad_record)) << bit;
    }
}

TEST(BootRecords, KeepTheOldOneWhenTheNewOneIsTorn) {
    for (const Torn torn : {Torn::nothing, Torn::half, Torn::scattered}) {
        for (const std::uint64_t operation : {1U, 2U}) {  // the erase, the program
            RamFlash flash(test::even_geometry());
            BootRecords records(flash, {0, 1});
            BootRecord old = some_boot_record();
            ASSERT_TRUE(records.write(old));
            ASSERT_TRUE(records.write(old));
            BootRecord next = old;
            next.attempts = 3;
            flash.cut_at(operation, torn);
            ASSERT_FALSE(records.write(next));
            flash.power_up();
            const auto read = BootRecords(flash, {0, 1}).read();
            ASSERT_TRUE(read && *read);
            EXPECT_EQ(**read, old);
        }
    }
}

TEST(BootRecords, KnowTheNewerOneWhenTheSequenceStartsAnew) {
    RamFlash flash(test::even_geometry());
    BootRecords records(flash, {0, 1});
    BootRecord record = some_boot_record();
    record.sequence = 0xFFFF'FFFD;
    for (std::uint8_t attempts = 0; attempts < 5; ++attempts) {
        record.attempts = attempts;
        ASSERT_TRUE(records.write(record));
        EXPECT_EQ(*BootRecords(flash, {0, 1}).read(), record) << record.sequence;
    }
    EXPECT_EQ(record.sequence, 2U);
}

TEST(BootRecords, ReportAnEmptyFlashAsEmpty) {
    RamFlash flash(test::even_geometry());
    const auto read = BootRecords(flash, {0, 1}).read();
    ASSERT_TRUE(read);
    EXPECT_FALSE(*read);
}

TEST(BankState, RefusesWhatHasNoMeaning) {
    const auto good = to_bytes(BankState{});
    EXPECT_TRUE(parse_bank_state(View(good).first(40)).error().is(faults::bad_record));
    for (const std::size_t member : {0U, 1U, 2U, 4U}) {
        auto wrong = good;
        wrong[member] = 0x7F;
        EXPECT_TRUE(parse_bank_state(wrong).error().is(faults::bad_record)) << member;
    }
}

TEST(BankState, ComesBackAsItWasWritten) {
    BankState state{Bank::b, Bank::a, Phase::trial, 2, LastChange::committed, 0x01020304, some_record().sha256};
    EXPECT_EQ(*parse_bank_state(to_bytes(state)), state);
    state.running.reset();
    EXPECT_EQ(*parse_bank_state(to_bytes(state)), state);
    EXPECT_EQ(to_bytes(state)[0], 0xFF);
}

TEST(ResumeState, ComesBackAsItWasWritten) {
    const ResumeState state{ResumeState::Standing::goes_on, {0x31, some_record().sha256}, {120, 5000, 4096}};
    EXPECT_EQ(*parse_resume_state(to_bytes(state)), state);
    EXPECT_EQ(*parse_resume_state(to_bytes(ResumeState{})), ResumeState{});
}

TEST(ResumeState, RefusesWhatHasNoMeaning) {
    auto bytes = to_bytes(ResumeState{});
    EXPECT_TRUE(parse_resume_state(View(bytes).first(45)).error().is(faults::bad_record));
    bytes[0] = 3;
    EXPECT_TRUE(parse_resume_state(bytes).error().is(faults::bad_record));
    const ResumeState backwards{ResumeState::Standing::goes_on, {}, {.again_bytes = 200, .payload_offset = 100}};
    EXPECT_TRUE(parse_resume_state(to_bytes(backwards)).error().is(faults::bad_record));
}

TEST(TransferName, DiffersWithEverythingThatIsTransferred) {
    crypto::Sha256 hasher;
    const auto name = [&](const ImageRecord& image, std::uint8_t form, std::uint32_t size, std::uint8_t payload) {
        Sha256Digest digest{};
        digest[0] = payload;
        return name_transfer(image, form, size, digest, hasher);
    };
    ImageRecord other = some_record();
    ++other.release_counter;
    const Transfer one = name(some_record(), 0x30, 500, 1);
    EXPECT_EQ(name(some_record(), 0x30, 500, 1), one);
    for (const Transfer& another : {name(other, 0x30, 500, 1), name(some_record(), 0x31, 500, 1),
                                    name(some_record(), 0x30, 501, 1), name(some_record(), 0x30, 500, 2)})
        EXPECT_NE(another.name, one.name);
    EXPECT_EQ(to_hex(View(erase_option(0x01020304, one)).first(10)), "44000000000102030430");
}

TEST(RoutineStatus, CarriesTheFaultToTheTester) {
    for (const Fault* fault :
         {&faults::wrong_hardware, &faults::rolled_back, &faults::wrong_digest, &faults::device_failed})
        EXPECT_EQ(fault_of_status(status_byte(Error(*fault))).code, fault->code);
    for (const Fault* fault : {&uptane::faults::nonce_missing, &uptane::faults::post_quantum_missing,
                               &uptane::faults::rolled_back, &uptane::faults::too_many_keys})
        EXPECT_EQ(fault_of_status(status_byte(Error(*fault))).code, fault->code);
    EXPECT_EQ(fault_of_status(status_byte(Error(pitstop::faults::bad_json))).code, faults::not_trusted.code);
    EXPECT_EQ(status_byte(Error(faults::power_lost)), routine_failed);
    EXPECT_EQ(fault_of_status(0x55).code, faults::strange_answer.code);
}

}  // namespace
}  // namespace pitstop::flash
