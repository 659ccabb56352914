#include "core/image/segments.h"
#include "core/image/faults.h"

#include <gtest/gtest.h>

#include <limits>

namespace pitstop::image {
namespace {

Result<std::vector<Segment>> listed(std::initializer_list<Segment> pieces) {
    SegmentList list;
    for (const Segment& piece : pieces) ENSURE(list.add(piece.address, piece.bytes));
    return list.finish();
}

TEST(Segments, RefuseNothingTwoContentsForOneByteAndTheEndOfAllAddresses) {
    EXPECT_TRUE(listed({}).error().is(faults::no_segments));
    EXPECT_TRUE(listed({{0x100, {}}}).error().is(faults::no_segments));
    EXPECT_TRUE(listed({{0x100, {1, 2}}, {0x101, {3}}}).error().is(faults::overlap));
    EXPECT_TRUE(listed({{0x101, {3}}, {0x100, {1, 2}}}).error().is(faults::overlap));
    EXPECT_TRUE(listed({{0x100, {1}}, {0x200, {2}}, {0x100, {1}}}).error().is(faults::overlap));
    constexpr std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
    EXPECT_TRUE(listed({{last, {1, 2}}}).error().is(faults::address_overflow));
}

TEST(Segments, RefuseMorePiecesThanAnyLinkerWrites) {
    SegmentList list;
    const Bytes one{1};
    for (std::size_t i = 0; i < segments_max; ++i) ASSERT_TRUE(list.add(i * 2, one));
    EXPECT_TRUE(list.add(segments_max * 2, one).error().is(faults::too_many_segments));
}

TEST(Segments, RefuseAGapThatNoFlashHas) {
    EXPECT_TRUE(flatten({{0, {1}}, {span_bytes_max, {1}}}).error().is(faults::too_scattered));
    EXPECT_TRUE(flatten({{0, {1}}, {0x1'0000'0000, {1}}}).error().is(faults::too_scattered));
    EXPECT_TRUE(flatten({}).error().is(faults::no_segments));
    EXPECT_EQ(flatten({{0, {1}}, {span_bytes_max - 1, {1}}})->bytes.size(), span_bytes_max);
}

TEST(Segments, AreSortedAndJoinedAndTheirGapsKept) {
    const auto segments = listed({{0x8010, {5, 6}}, {0x8000, {1, 2}}, {0x8002, {3}}, {0x8012, {7}}});
    ASSERT_TRUE(segments);
    EXPECT_EQ(*segments, (std::vector<Segment>{{0x8000, {1, 2, 3}}, {0x8010, {5, 6, 7}}}));
    const auto flat = flatten(*segments);
    ASSERT_TRUE(flat);
    EXPECT_EQ(flat->address, 0x8000U);
    Bytes expected{1, 2, 3};
    expected.insert(expected.end(), 13, gap_fill);
    expected.insert(expected.end(), {5, 6, 7});
    EXPECT_EQ(flat->bytes, expected);
}

}  // namespace
}  // namespace pitstop::image
