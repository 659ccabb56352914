#include "core/uptane/small_ecu_on_the_desk.h"

namespace pitstop::uptane {
namespace {

using namespace small_desk;

Bytes saved_state() {
    SmallEcu ecu;
    EXPECT_TRUE(ecu.judge_targets(targets_body(3)));
    return Bytes(ecu.state().bytes().begin(), ecu.state().bytes().end());
}

bool opens(Bytes bytes) {
    const auto opened = PartialState::open(bytes, bytes.size());
    EXPECT_TRUE(opened || opened.error().is(faults::broken_state));
    return opened.has_value();
}

Bytes with(Bytes bytes, std::size_t at, std::uint8_t value) {
    bytes[at] = value;
    return bytes;
}

TEST(SmallEcusState, IsReadAgainAsItWas) {
    Bytes bytes = saved_state();
    const auto state = PartialState::open(bytes, bytes.size());
    ASSERT_TRUE(state) << state.error().str();
    EXPECT_EQ(state->root_version(), 1U);
    EXPECT_EQ(state->root_expires(), at("2027-11-20T12:00:00Z"));
    EXPECT_EQ(state->targets_version(), 3U);
    EXPECT_EQ(state->targets_digest(), crypto::sha256(view_of(*json::canonical(targets_body(3)))));
    EXPECT_EQ(state->attested(), today);
    EXPECT_EQ(state->rule(KeyRole::time), (RoleRule{2, 1, 1, false}));
    EXPECT_EQ(to_hex(state->bytes()), to_hex(bytes));
    EXPECT_EQ(bytes.size(), 84U + 6 * 10 + 3 * (1 + 91 + 1 + 1334));
}

// docs/formats/bundle.md names these places.
TEST(SmallEcusState, HasTheseBytesAtItsHead) {
    const Bytes bytes = saved_state();
    EXPECT_EQ(to_hex(View(bytes).first(4)), "50545331");
    EXPECT_EQ(load_be<std::uint32_t>(&bytes[4]), 1U);
    EXPECT_EQ(load_be<std::uint64_t>(&bytes[8]), static_cast<std::uint64_t>(at("2027-11-20T12:00:00Z").seconds));
    EXPECT_EQ(load_be<std::uint32_t>(&bytes[16]), 3U);
    EXPECT_EQ(load_be<std::uint64_t>(&bytes[52]), static_cast<std::uint64_t>(today.seconds));
    EXPECT_EQ(load_be<std::uint64_t>(&bytes[60]), static_cast<std::uint64_t>(today.seconds));
    EXPECT_EQ(to_hex(View(bytes).subspan(68, 16)), "02010100020101000201010006060000");
}

TEST(SmallEcusState, ThatIsCutOffOrLongerIsRefused) {
    const Bytes bytes = saved_state();
    ASSERT_TRUE(opens(bytes));
    for (std::size_t size = 0; size < bytes.size(); ++size)
        ASSERT_FALSE(opens(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)))) << size;
    Bytes longer = bytes;
    longer.push_back(0);
    EXPECT_FALSE(opens(longer));
    EXPECT_TRUE(PartialState::open(longer, longer.size() + 1).error().is(faults::broken_state));
}

TEST(SmallEcusState, ThatContradictsItselfIsRefused) {
    const Bytes bytes = saved_state();
    EXPECT_FALSE(opens(with(bytes, 3, '2')));  // another version of this form
    EXPECT_FALSE(opens(with(bytes, 82, 1)));   // zeros
    EXPECT_FALSE(opens(with(bytes, 83, 1)));
    EXPECT_FALSE(opens(with(bytes, 7, 0)));     // no root
    EXPECT_FALSE(opens(with(bytes, 19, 0)));    // a digest of no targets
    EXPECT_FALSE(opens(with(bytes, 8, 0x7F)));  // far beyond any date
    EXPECT_FALSE(opens(with(bytes, 52, 0x80)));
    EXPECT_FALSE(opens(with(bytes, 64, 0xFF)));  // confirmed after it was attested
    EXPECT_FALSE(opens(with(bytes, 68, 0)));     // thresholds: zero, out of reach
    EXPECT_FALSE(opens(with(bytes, 69, 2)));
    EXPECT_FALSE(opens(with(bytes, 70, 0)));
    EXPECT_FALSE(opens(with(bytes, 76, 0)));  // a time role without threshold, but with keys
    EXPECT_FALSE(opens(with(bytes, 71, 1)));  // batches for root
    EXPECT_FALSE(opens(with(bytes, 75, 2)));
    EXPECT_FALSE(opens(with(bytes, 80, 5)));  // counts
    EXPECT_FALSE(opens(with(bytes, 80, 65)));
    EXPECT_FALSE(opens(with(bytes, 81, 33)));
    EXPECT_FALSE(opens(with(bytes, 84 + 8, 3)));  // the first label's role and key
    EXPECT_FALSE(opens(with(bytes, 84 + 9, 6)));
    EXPECT_FALSE(opens(with(bytes, 84 + 9, 1)));  // now nobody has the first key
    EXPECT_FALSE(opens(with(bytes, 144, 4)));     // the first key's kind, and its first byte
    EXPECT_FALSE(opens(with(bytes, 145, 0x31)));
}

TEST(SmallEcusState, ThatHoldsAKeyTwiceIsRefused) {
    Bytes bytes = saved_state();
    // Root's ECDSA key over that of Targets: both keys of one kind, so nothing else is wrong.
    constexpr std::size_t first = 84 + 60, second = first + 1 + 91 + 1 + 1334;
    std::copy_n(bytes.begin() + first, 92, bytes.begin() + second);
    EXPECT_FALSE(opens(bytes));
}

TEST(SmallEcusState, ThatIsGarbledIsRefusedOrStillMeansSomething) {
    const Bytes bytes = saved_state();
    for (std::size_t i = 0; i < 200; ++i) {
        for (const std::uint8_t flip : std::array<std::uint8_t, 4>{0x01, 0x10, 0x80, 0xFF}) {
            Bytes other = bytes;
            other[i] ^= flip;
            const auto opened = PartialState::open(other, other.size());
            EXPECT_TRUE(!opened || std::ranges::equal(opened->bytes(), other));
        }
    }
}

TEST(SmallEcusState, OfAnotherDirectorTrustsNobodyHere) {
    SmallEcu ecu;
    const Bytes file = file_of(targets_body(), both(other_keys()));
    EXPECT_TRUE(ecu.judge({.targets = file}).error().is(faults::classical_missing));
}

}  // namespace
}  // namespace pitstop::uptane
