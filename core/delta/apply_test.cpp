#include "core/delta/apply.h"

#include "core/delta/faults.h"
#include "core/delta/test_images.h"
#include "core/delta/test_programs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <tuple>

namespace pitstop::delta {
namespace {

struct Pair {
    Bytes old_image, new_image, delta;
};

// Several blocks, references of all sorts of luck, new bytes, corrections.
Pair a_pair() {
    const auto program = test::functions(200, 1);
    Pair pair{test::program_image(test::Kind::x86_64, program, test::in_order(200)), {}, {}};
    pair.new_image = test::program_image(test::Kind::x86_64, program, test::shuffled(200, 2, 8));
    const Bytes tail = test::noise(20'000, 3), changed = test::edited(tail, 4, 8), fresh = test::noise(70'000, 5);
    pair.old_image.insert(pair.old_image.end(), tail.begin(), tail.end());
    pair.new_image.insert(pair.new_image.end(), changed.begin(), changed.end());
    pair.new_image.insert(pair.new_image.end(), fresh.begin(), fresh.end());
    pair.delta = *make(pair.old_image, pair.new_image);
    return pair;
}

const Pair& the_pair() {
    static const Pair pair = a_pair();
    return pair;
}

Result<void> push_all(Patcher& patcher, View bytes) { return patcher.push(bytes); }

TEST(Patcher, MakesTheSameOfADeltaInPiecesOfAnySize) {
    const Pair& pair = the_pair();
    for (const std::size_t piece : {std::size_t{1}, std::size_t{113}, std::size_t{4096}}) {
        const auto made = test::apply(pair.old_image, pair.delta, piece);
        ASSERT_TRUE(made) << made.error().str();
        EXPECT_EQ(*made, pair.new_image) << "in pieces of " << piece;
    }
}

TEST(Patcher, NeedsNoMoreThan128KiBForADeltaWithTheDefaultOptions) {
    Header header = *decode_header(the_pair().delta);
    header.place_count = places_max;
    header.window_bytes = Options{}.window_bytes;
    EXPECT_LE(workspace_bytes(header) + sizeof(Patcher), 128U * 1024);
}

TEST(Patcher, StaysInsideTheRoomThatWorkspaceBytesNames) {
    const Pair& pair = the_pair();
    const std::size_t needed = workspace_bytes(*decode_header(pair.delta));
    Bytes room(needed + 64, 0xEE);
    ImageInMemory old_port(pair.old_image);
    Collected made;
    crypto::Sha256 hasher;
    Patcher patcher(old_port, Room(room).first(needed), made, hasher);
    ASSERT_TRUE(patcher.push(pair.delta));
    ASSERT_TRUE(patcher.finish());
    EXPECT_TRUE(made.finished);
    EXPECT_EQ(made.bytes, pair.new_image);
    EXPECT_TRUE(std::ranges::all_of(View(room).subspan(needed), [](std::uint8_t byte) { return byte == 0xEE; }));
    Patcher cramped(old_port, Room(room).first(needed - 1), made, hasher);
    EXPECT_TRUE(cramped.push(pair.delta).error().is(faults::needs_more_memory));
}

TEST(Patcher, GoesOnBehindEveryBlockAfterAPowerCut) {
    const Pair& pair = the_pair();
    ImageInMemory old_port(pair.old_image);
    crypto::Sha256 hasher;
    Bytes room(256 * 1024);
    std::vector<Progress> stops;
    {
        Collected made;
        Patcher patcher(old_port, room, made, hasher);
        for (const std::uint8_t& byte : pair.delta) {
            ASSERT_TRUE(patcher.push(View(&byte, 1)));
            if (stops.empty() || stops.back() != patcher.progress()) stops.push_back(patcher.progress());
        }
    }
    EXPECT_GT(stops.size(), 2U) << "the pair has several blocks";
    const std::uint32_t opening = decode_header(pair.delta)->opening_size_bytes;
    for (const Progress& stop : stops) {
        if (stop.delta_offset == 0) continue;
        EXPECT_TRUE(stop.image_offset % Options{}.sector_bytes == 0 || stop.image_offset == pair.new_image.size());
        Collected rest;
        Patcher patcher(old_port, room, rest, hasher, stop);
        ASSERT_TRUE(push_all(patcher, View(pair.delta).first(opening)));
        ASSERT_TRUE(push_all(patcher, View(pair.delta).subspan(stop.delta_offset)));
        ASSERT_TRUE(patcher.finish());
        EXPECT_TRUE(std::ranges::equal(rest.bytes, View(pair.new_image).subspan(stop.image_offset)));
    }
}

TEST(Patcher, PassesNothingOnWhenTheImageThatIsThereIsAnother) {
    const Pair& pair = the_pair();
    Bytes other = pair.old_image;
    other[other.size() / 2] ^= 1;
    ImageInMemory old_port(other);
    Collected made;
    Bytes room(256 * 1024);
    crypto::Sha256 hasher;
    Patcher patcher(old_port, room, made, hasher);
    EXPECT_TRUE(patcher.push(pair.delta).error().is(faults::other_base));
    EXPECT_TRUE(patcher.push(pair.delta).error().is(faults::other_base)) << "and stays with it";
    EXPECT_TRUE(patcher.finish().error().is(faults::other_base));
    EXPECT_TRUE(made.bytes.empty());
    EXPECT_TRUE(test::apply(View(pair.old_image).first(100), pair.delta).error().is(faults::other_base));
}

TEST(Patcher, NoticesAnEndThatComesTooEarlyAndBytesBehindIt) {
    const Pair& pair = the_pair();
    for (const std::size_t size : {std::size_t{0}, std::size_t{50}, header_size_bytes, header_size_bytes + 5,
                                   pair.delta.size() / 2, pair.delta.size() - 1})
        EXPECT_TRUE(test::apply(pair.old_image, View(pair.delta).first(size)).error().is(faults::truncated)) << size;
    Bytes longer = pair.delta;
    longer.push_back(0);
    EXPECT_TRUE(test::apply(pair.old_image, longer).error().is(faults::trailing_bytes));
}

TEST(Patcher, RefusesWhatIsNoDeltaOrOfAnotherVersion) {
    Bytes delta = the_pair().delta;
    delta[0] ^= 1;
    EXPECT_TRUE(test::apply(the_pair().old_image, delta).error().is(faults::not_this_version));
    delta[0] ^= 1;
    delta[4] = 2;
    EXPECT_TRUE(test::apply(the_pair().old_image, delta).error().is(faults::not_this_version));
}

TEST(Patcher, RefusesEveryFieldOfTheHeaderThatCannotBe) {
    const auto refused = [](const Fault& fault, std::size_t at, std::uint32_t value) {
        Bytes delta = the_pair().delta;
        store_le(&delta[at], value);
        const auto made = test::apply(the_pair().old_image, delta);
        ASSERT_FALSE(made) << at;
        EXPECT_TRUE(made.error().is(fault)) << at << ": " << made.error().str();
    };
    refused(faults::wrong_mode, 4, 0x0101);
    refused(faults::damaged, 4, 0x0201);
    refused(faults::damaged, 4, 0x010001);
    refused(faults::damaged, 8, 4095);
    refused(faults::damaged, 8, 512);
    refused(faults::damaged, 8, 1U << 21);
    refused(faults::damaged, 12, 100);
    refused(faults::damaged, 16, 0);
    refused(faults::too_large, 16, (1U << 30) + 1);
    refused(faults::damaged, 20, 0);
    refused(faults::too_large, 20, 0xFFFFFFFF);
    refused(faults::damaged, 88, 4096);
    refused(faults::damaged, 92, places_max + 1);
    refused(faults::damaged, 96, 100);
    refused(faults::damaged, 100, 100);
    for (std::size_t at = 104; at < 120; at += 4) refused(faults::damaged, at, 1);
}

TEST(Patcher, NeverBelievesDamagedBytes) {
    const auto program = test::functions(12, 20);
    const Bytes old_image = test::program_image(test::Kind::x86_64, program, test::in_order(12));
    const Bytes new_image =
        test::edited(test::program_image(test::Kind::x86_64, program, test::shuffled(12, 21, 2)), 22, 4);
    const Bytes delta = *make(old_image, new_image);
    int noticed = 0;
    for (std::size_t at = header_size_bytes; at < delta.size(); ++at) {
        Bytes damaged = delta;
        damaged[at] ^= 0x10;
        const auto made = test::apply(old_image, damaged);
        if (made) {
            EXPECT_EQ(made->size(), new_image.size());
            EXPECT_NE(crypto::sha256(*made), decode_header(delta)->new_digest) << "the digest tells at " << at;
        } else {
            ++noticed;
        }
    }
    EXPECT_GT(noticed, static_cast<int>(delta.size() / 4)) << "much damage is noticed before the digest is compared";
}

TEST(Patcher, RefusesBlocksWhoseSizesCannotBe) {
    const Pair& pair = the_pair();
    const std::uint32_t block = decode_header(pair.delta)->opening_size_bytes;
    for (const auto& [at, value] : {std::pair{0U, 0U}, {0U, 0xFFFFFFFFU}, {0U, 100U}, {4U, 0xFFFFFFFFU}, {4U, 0U}}) {
        Bytes delta = pair.delta;
        store_le(&delta[block + at], value);
        EXPECT_TRUE(test::apply(pair.old_image, delta).error().is(faults::damaged)) << at << " " << value;
    }
}

// The hex dump in docs/formats/delta.md: lines of an offset and sixteen bytes.
Bytes from_page(const std::string& begin) {
    std::ifstream page("docs/formats/delta.md");
    std::string line;
    while (std::getline(page, line) && line != begin) {}
    while (std::getline(page, line) && line != "```hexdump") {}
    Bytes bytes;
    while (std::getline(page, line) && line != "```") {
        std::istringstream words(line);
        std::string word;
        words >> word;
        while (words >> word) bytes.push_back(static_cast<std::uint8_t>(std::stoi(word, nullptr, 16)));
    }
    return bytes;
}

TEST(Patcher, ReadsTheDeltaThatIsPrintedInItsSpecification) {
    for (const auto& [before, after, difference] : {std::tuple{"The old image:", "The new image:", "The delta:"},
                                                    std::tuple{"The old program:", "The new program:", "Its delta:"}}) {
        const Bytes old_image = from_page(before), new_image = from_page(after), delta = from_page(difference);
        ASSERT_FALSE(delta.empty());
        EXPECT_EQ(*make(old_image, new_image), delta) << to_hex(*make(old_image, new_image));
        const auto made = test::apply(old_image, delta);
        ASSERT_TRUE(made) << made.error().str();
        EXPECT_EQ(*made, new_image);
    }
}

}  // namespace
}  // namespace pitstop::delta
