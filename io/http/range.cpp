#include "io/http/range.h"

#include <algorithm>
#include <charconv>

namespace pitstop::io::http {

namespace {

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
    while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
    return text;
}

bool is_quoted_tag(std::string_view field, std::string_view etag) {
    return field.size() == etag.size() + 2 && field.starts_with('"') && field.ends_with('"') &&
           field.substr(1, etag.size()) == etag;
}

// If-None-Match compares weakly (RFC 9110 section 13.1.2) and may list several.
bool is_in_list(std::string_view list, std::string_view etag) {
    if (trimmed(list) == "*") return true;
    while (!list.empty()) {
        const auto comma = list.find(',');
        std::string_view one = trimmed(list.substr(0, comma));
        if (one.starts_with("W/")) one.remove_prefix(2);
        if (is_quoted_tag(one, etag)) return true;
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    }
    return false;
}

std::optional<std::string_view> after_bytes_unit(std::string_view field, char separator) {
    field = trimmed(field);
    if (field.size() < 6 || !same_name(field.substr(0, 5), "bytes") || field[5] != separator) return std::nullopt;
    return trimmed(field.substr(6));
}

}  // namespace

FileAnswer choose_bytes(const Headers& request, std::uint64_t size_bytes, std::string_view etag) {
    const FileAnswer whole{.status = 200, .first = 0, .count = size_bytes};
    const FileAnswer outside{.status = 416, .first = 0, .count = 0};
    if (const auto known = request.find("If-None-Match"); known && !etag.empty() && is_in_list(*known, etag))
        return {.status = 304};

    const auto field = request.find("Range");
    if (!field || request.count("Range") != 1) return whole;
    if (const auto only_if = request.find("If-Range");
        only_if && (etag.empty() || !is_quoted_tag(trimmed(*only_if), etag)))
        return whole;
    const auto spec = after_bytes_unit(*field, '=');
    if (!spec || spec->contains(',')) return whole;
    const auto dash = spec->find('-');
    if (dash == std::string_view::npos) return whole;
    const auto first = number(trimmed(spec->substr(0, dash)));
    const auto last = number(trimmed(spec->substr(dash + 1)));
    const bool first_given = dash > 0, last_given = dash + 1 < spec->size();
    if ((first_given && !first) || (last_given && !last) || (!first_given && !last_given)) return whole;

    if (!first_given) {  // the last so many bytes
        if (*last == 0 || size_bytes == 0) return outside;
        const std::uint64_t count = std::min(*last, size_bytes);
        return {.status = 206, .first = size_bytes - count, .count = count};
    }
    if (last_given && *last < *first) return whole;
    if (*first >= size_bytes) return outside;
    const std::uint64_t end = last_given ? std::min(*last, size_bytes - 1) : size_bytes - 1;
    return {.status = 206, .first = *first, .count = end - *first + 1};
}

std::optional<ContentRange> parse_content_range(std::string_view field) {
    const auto spec = after_bytes_unit(field, ' ');
    if (!spec) return std::nullopt;
    const auto dash = spec->find('-'), slash = spec->find('/');
    if (dash == std::string_view::npos || slash == std::string_view::npos || dash > slash) return std::nullopt;
    const auto first = number(spec->substr(0, dash));
    const auto last = number(spec->substr(dash + 1, slash - dash - 1));
    const auto size = number(spec->substr(slash + 1));
    if (!first || !last || !size || *last < *first || *size <= *last) return std::nullopt;
    return ContentRange{.first = *first, .last = *last, .size = *size};
}

std::optional<std::uint64_t> parse_unsatisfied_size(std::string_view field) {
    const auto spec = after_bytes_unit(field, ' ');
    if (!spec || !spec->starts_with("*/")) return std::nullopt;
    return number(spec->substr(2));
}

}  // namespace pitstop::io::http
