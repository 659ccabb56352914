#include "io/http/message.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <format>

namespace pitstop::io::http {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (lower(c) >= 'a' && lower(c) <= 'f') return lower(c) - 'a' + 10;
    return -1;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

Headers::Headers(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    for (const auto& [name, value] : fields) add(name, value);
}

void Headers::add(std::string_view name, std::string_view value) {
    if (used_ == fields_.size()) fields_.emplace_back();
    fields_[used_].name.assign(name);
    fields_[used_].value.assign(value);
    ++used_;
}

void Headers::set(std::string_view name, std::string_view value) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < used_; ++i) {
        if (same_name(fields_[i].name, name)) continue;
        if (kept != i) std::swap(fields_[kept], fields_[i]);
        ++kept;
    }
    used_ = kept;
    add(name, value);
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (const auto& field : *this) {
        if (same_name(field.name, name)) return field.value;
    }
    return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
    return static_cast<std::size_t>(
        std::count_if(begin(), end(), [&](const Field& field) { return same_name(field.name, name); }));
}

std::optional<std::string_view> Request::query(std::string_view name) const {
    for (const auto& [key, value] : queries) {
        if (key == name) return value;
    }
    return std::nullopt;
}

std::string_view Request::parameter(std::string_view name) const {
    for (const auto& [key, value] : parameters) {
        if (key == name) return value;
    }
    return {};
}

Response text(unsigned status, std::string body, std::string_view content_type) {
    return {.status = status, .headers = {{"Content-Type", content_type}}, .body = std::move(body)};
}

Response json(unsigned status, std::string body) { return text(status, std::move(body), "application/json"); }

Response file(FileRegion region, std::string_view content_type) {
    return {.status = 200, .headers = {{"Content-Type", content_type}}, .body = std::move(region)};
}

Response empty(unsigned status) { return {.status = status, .headers = {}, .body = {}}; }

Response problem(unsigned status, const Error& error, unsigned retry_after_s) {
    boost::json::object document;
    document["type"] = std::format("urn:pitstop:fault:{}", error.code());
    document["title"] = error.fault().meaning;
    document["status"] = status;
    if (!error.detail().empty()) document["detail"] = error.detail();
    document["code"] = error.code();
    document["remedy"] = to_string(error.remedy());
    document["advice"] = error.fault().advice;
    auto response = text(status, boost::json::serialize(document), "application/problem+json");
    if (status == 429 || status == 503) response.headers.add("Retry-After", std::to_string(retry_after_s));
    return response;
}

Response problem(const Error& error) {
    switch (error.remedy()) {
        case Remedy::refuse: return problem(400, error);
        case Remedy::distrust: return problem(422, error);
        case Remedy::wait:
        case Remedy::retry: return problem(503, error);
        case Remedy::stop: break;
    }
    return problem(500, error);
}

std::string_view reason_phrase(unsigned status) {
    static constexpr std::pair<unsigned, std::string_view> phrases[] = {{200, "OK"},
                                                                        {201, "Created"},
                                                                        {202, "Accepted"},
                                                                        {204, "No Content"},
                                                                        {206, "Partial Content"},
                                                                        {304, "Not Modified"},
                                                                        {400, "Bad Request"},
                                                                        {401, "Unauthorized"},
                                                                        {403, "Forbidden"},
                                                                        {404, "Not Found"},
                                                                        {405, "Method Not Allowed"},
                                                                        {408, "Request Timeout"},
                                                                        {409, "Conflict"},
                                                                        {411, "Length Required"},
                                                                        {412, "Precondition Failed"},
                                                                        {413, "Content Too Large"},
                                                                        {414, "URI Too Long"},
                                                                        {415, "Unsupported Media Type"},
                                                                        {416, "Range Not Satisfiable"},
                                                                        {422, "Unprocessable Content"},
                                                                        {428, "Precondition Required"},
                                                                        {429, "Too Many Requests"},
                                                                        {431, "Request Header Fields Too Large"},
                                                                        {500, "Internal Server Error"},
                                                                        {501, "Not Implemented"},
                                                                        {503, "Service Unavailable"},
                                                                        {507, "Insufficient Storage"}};
    for (const auto& [number, phrase] : phrases) {
        if (number == status) return phrase;
    }
    return "Status";
}

std::optional<std::string> percent_decoded(std::string_view text, Plus plus) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus == Plus::is_space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return out;
}

std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain =
            (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || std::string_view("-._~").contains(c);
        out += plain ? std::string(1, c) : std::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

}  // namespace pitstop::io::http
