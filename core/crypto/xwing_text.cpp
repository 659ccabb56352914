#include "core/crypto/xwing_text.h"

#include "core/crypto/faults.h"

#include <algorithm>
#include <format>

namespace pitstop::crypto::xwing {
namespace {

struct Block {
    std::string_view begin, end;
};
constexpr Block seed_block{"-----BEGIN PITSTOP X-WING SEED-----", "-----END PITSTOP X-WING SEED-----"};
constexpr Block key_block{"-----BEGIN PITSTOP X-WING KEY-----", "-----END PITSTOP X-WING KEY-----"};
constexpr std::size_t line_size = 64;

std::string written(const Block& block, View bytes) {
    std::string packed = to_base64(bytes), text;
    text.reserve(packed.size() + packed.size() / line_size + block.begin.size() + block.end.size() + 4);  // one copy
    text.append(block.begin).push_back('\n');
    for (std::size_t at = 0; at < packed.size(); at += line_size) text.append(packed, at, line_size).push_back('\n');
    wipe_text(packed);
    return text.append(block.end).append("\n");
}

// From the block's first line to its last, with nothing but a line end behind it.
Result<Bytes> read_block(std::string_view text, const Block& block) {
    const std::size_t first = text.find(block.begin), last = text.find(block.end);
    if (first == std::string_view::npos || last == std::string_view::npos || last < first + block.begin.size())
        return fail(faults::bad_key, std::format("no block '{}'", block.begin));
    if (text.substr(last + block.end.size()).find_first_not_of("\r\n") != std::string_view::npos)
        return fail(faults::bad_key, "text behind the block");
    std::string packed(text.substr(first + block.begin.size(), last - first - block.begin.size()));
    std::erase_if(packed, [](char c) { return c == '\n' || c == '\r'; });
    auto bytes = from_base64(packed);
    wipe_text(packed);
    if (!bytes) return fail(faults::bad_key, bytes.error().str());
    return bytes;
}

}  // namespace

std::string to_text(const PublicKey& key) { return written(key_block, key.bytes()); }

Result<PublicKey> public_from_text(std::string_view text) {
    if (text.size() > public_text_bytes_max) return fail(faults::bad_key, "a text of more than 4096 bytes");
    TRY(const Bytes bytes, read_block(text, key_block));
    return PublicKey::from_bytes(bytes);
}

std::string seed_to_text(const PrivateKey& key) { return written(seed_block, key.seed().view()); }

Result<PrivateKey> private_from_text(std::string_view text) {
    if (text.size() > public_text_bytes_max) return fail(faults::bad_key, "a text of more than 4096 bytes");
    TRY(Bytes seed, read_block(text, seed_block));
    auto key = PrivateKey::from_seed(seed);
    wipe(seed);
    return key;
}

bool is_seed_text(std::string_view text) { return text.starts_with(seed_block.begin); }

void wipe_text(std::string& text) { wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}); }

}  // namespace pitstop::crypto::xwing
