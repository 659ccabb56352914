#include "tests/conformance/quoting.h"

#include "core/crypto/digest.h"

#include <format>

namespace pitstop::conformance {
namespace {

constexpr std::size_t file_name_bytes_max = 200;  // leaves room for what is put around it; Linux takes 255

bool is_plain(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

std::string escape(std::string_view text, std::string_view also_plain) {
    std::string out;
    for (const char c : text) {
        if (is_plain(c) || also_plain.contains(c))
            out += c;
        else
            out += std::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

}  // namespace

std::string quote(std::string_view text) { return escape(text, ""); }
std::string quote_path(std::string_view text) { return escape(text, "/!$&'()*+,;=:@"); }

std::optional<std::string> unquote(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            out += text[at];
            continue;
        }
        const auto byte = from_hex(text.substr(at + 1, 2));
        if (!byte || byte->size() != 1) return std::nullopt;
        out += static_cast<char>(byte->front());
        at += 2;
    }
    return quote(out) == text ? std::optional(out) : std::nullopt;
}

std::string file_name_of(std::string_view text) {
    std::string name = quote(text);
    // "." and ".." would be folders, and hidden files are ours.
    if (name.starts_with('.')) name.replace(0, 1, "%2E");
    if (name.size() <= file_name_bytes_max) return name;
    return name.substr(0, file_name_bytes_max - 65) + "-" + to_hex(crypto::sha256(view_of(text)));
}

}  // namespace pitstop::conformance
