#include "io/config/section.h"

#include <yaml-cpp/yaml.h>
#include <charconv>
#include <fstream>
#include <set>

namespace pitstop::io::config {

struct Section::Node {
    YAML::Node yaml;
    std::string file;
    std::string name;  // "tls.profile" style path of this section, "" at the top
    std::set<std::string, std::less<>> asked;
    std::vector<std::shared_ptr<Node>> sections;
};

namespace {

std::string place(const std::string& file, const YAML::Mark& mark) {
    return mark.line < 0 ? file : std::format("{}:{}:{}", file, mark.line + 1, mark.column + 1);
}

std::string joined(std::string_view section, std::string_view key) {
    return section.empty() ? std::string(key) : std::format("{}.{}", section, key);
}

// yaml-cpp's operator[] on a mutable node would add the key; walking the pairs never changes anything.
YAML::Node value_of(const YAML::Node& map, std::string_view key) {
    for (const auto& pair : map) {
        if (pair.first.IsScalar() && pair.first.Scalar() == key) return pair.second;
    }
    return YAML::Node(YAML::NodeType::Undefined);
}

Result<void> check_map(const YAML::Node& map, const std::string& file, std::string_view what) {
    if (!map.IsMap())
        return fail(faults::wrong_type,
                    std::format("{}: {} should be a section of keys", place(file, map.Mark()), what));
    std::set<std::string> seen;
    for (const auto& pair : map) {
        if (!pair.first.IsScalar())
            return fail(faults::wrong_type, std::format("{}: a key should be a word", place(file, pair.first.Mark())));
        if (!seen.insert(pair.first.Scalar()).second) {
            return fail(faults::duplicate_key,
                        std::format("{}: '{}' was given before", place(file, pair.first.Mark()), pair.first.Scalar()));
        }
    }
    return {};
}

bool was_quoted(const YAML::Node& node) { return node.Tag() == "!"; }

std::optional<std::int64_t> integer_of(std::string text) {
    std::erase(text, '_');
    const bool negative = text.starts_with('-');
    std::string_view digits = std::string_view(text).substr(negative ? 1 : 0);
    const int base = digits.starts_with("0x") ? 16 : 10;
    if (base == 16) digits.remove_prefix(2);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (error != std::errc{} || end != digits.data() + digits.size() || digits.starts_with('-')) return std::nullopt;
    return negative ? -value : value;
}

std::optional<bool> truth_of(std::string_view text) {
    for (const std::string_view yes : {"true", "yes", "on"})
        if (text == yes) return true;
    for (const std::string_view no : {"false", "no", "off"})
        if (text == no) return false;
    return std::nullopt;
}

}  // namespace

// The parts of Section that need yaml-cpp's type, kept out of its header.
struct Question {
    const YAML::Node& map;
    const std::string& file;
    std::string name;
    YAML::Node value;

    [[nodiscard]] std::unexpected<Error> wrong(const Fault& fault, std::string_view why) const {
        const auto& at = value.IsDefined() ? value : map;
        return fail(fault, std::format("{}: {}: {}", place(file, at.Mark()), name, why));
    }
    [[nodiscard]] bool absent() const { return !value.IsDefined() || value.IsNull(); }
    [[nodiscard]] Result<std::string> scalar(std::string_view expected) const {
        if (!value.IsDefined()) return wrong(faults::missing_key, std::format("is missing; {} is expected", expected));
        if (!value.IsScalar()) return wrong(faults::wrong_type, std::format("{} is expected", expected));
        return value.Scalar();
    }
};

namespace {

template <class Node>
Question ask(Node& node, std::string_view key) {
    node.asked.emplace(key);
    return {node.yaml, node.file, joined(node.name, key), value_of(node.yaml, key)};
}

template <class T, class Value>
Result<T> number_in(const Question& question, const std::optional<Value>& value, T min, T max, std::string_view kind) {
    const std::string expected = std::format("{} from {} to {} is expected", kind, min, max);
    if (!value || was_quoted(question.value)) return question.wrong(faults::wrong_type, expected);
    if (!(*value >= min && *value <= max)) return question.wrong(faults::out_of_range, expected);
    return *value;
}

}  // namespace

Result<Section> Section::from_file(const std::filesystem::path& file) {
    std::error_code code;
    const auto size = std::filesystem::file_size(file, code);
    if (code) return fail(faults::unreadable, std::format("{}: {}", file.string(), code.message()));
    if (size > file_bytes_max)
        return fail(faults::unreadable, std::format("{}: {} bytes are too many", file.string(), size));
    std::string yaml(size, '\0');
    std::ifstream in(file, std::ios::binary);
    if (!in.read(yaml.data(), static_cast<std::streamsize>(size))) return fail(faults::unreadable, file.string());
    return from_text(yaml, file);
}

Result<Section> Section::from_text(std::string_view yaml, std::filesystem::path name) {
    auto node = std::make_shared<Node>();
    node->file = name.string();
    try {
        node->yaml = YAML::Load(std::string(yaml));
    } catch (const YAML::Exception& error) {
        return fail(faults::malformed, std::format("{}: {}", place(node->file, error.mark), error.msg));
    }
    if (node->yaml.IsNull()) node->yaml = YAML::Node(YAML::NodeType::Map);
    ENSURE(check_map(node->yaml, node->file, "the file"));
    return Section(std::move(node));
}

bool Section::has(std::string_view key) const {
    const auto value = value_of(node_->yaml, key);
    return value.IsDefined() && !value.IsNull();
}

Result<std::string> Section::text(std::string_view key) const { return ask(*node_, key).scalar("a text"); }

Result<std::string> Section::text(std::string_view key, std::string_view absent) const {
    const auto question = ask(*node_, key);
    return question.absent() ? Result<std::string>(absent) : question.scalar("a text");
}

Result<std::int64_t> Section::number(std::string_view key, Limits limits) const {
    const auto question = ask(*node_, key);
    TRY(const auto written, question.scalar("a whole number"));
    return number_in(question, integer_of(written), limits.min, limits.max, "a whole number");
}

Result<std::int64_t> Section::number(std::string_view key, Limits limits, std::int64_t absent) const {
    return ask(*node_, key).absent() ? Result<std::int64_t>(absent) : number(key, limits);
}

Result<double> Section::real(std::string_view key, double min, double max) const {
    const auto question = ask(*node_, key);
    TRY(const auto written, question.scalar("a number"));
    double value = 0;
    const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), value);
    const bool whole = error == std::errc{} && end == written.data() + written.size();
    return number_in(question, whole ? std::optional(value) : std::nullopt, min, max, "a number");
}

Result<double> Section::real(std::string_view key, double min, double max, double absent) const {
    return ask(*node_, key).absent() ? Result<double>(absent) : real(key, min, max);
}

Result<bool> Section::yes_or_no(std::string_view key) const {
    const auto question = ask(*node_, key);
    TRY(const auto written, question.scalar("yes or no"));
    const auto value = truth_of(written);
    if (!value || was_quoted(question.value)) return question.wrong(faults::wrong_type, "yes or no is expected");
    return *value;
}

Result<bool> Section::yes_or_no(std::string_view key, bool absent) const {
    return ask(*node_, key).absent() ? Result<bool>(absent) : yes_or_no(key);
}

Result<std::filesystem::path> Section::path(std::string_view key) const {
    TRY(const auto written, ask(*node_, key).scalar("a path"));
    if (written.empty()) return out_of_range(key, "a path is expected");
    return std::filesystem::path(node_->file).parent_path() / written;
}

Result<std::optional<std::filesystem::path>> Section::path_if_there(std::string_view key) const {
    if (ask(*node_, key).absent()) return std::nullopt;
    return path(key);
}

Result<std::vector<std::string>> Section::texts(std::string_view key) const {
    const auto question = ask(*node_, key);
    std::vector<std::string> all;
    if (question.absent()) return all;
    if (!question.value.IsSequence()) return question.wrong(faults::wrong_type, "a list of texts is expected");
    for (const auto& item : question.value) {
        if (!item.IsScalar()) return question.wrong(faults::wrong_type, "a list of texts is expected");
        all.push_back(item.Scalar());
    }
    return all;
}

Result<Section> Section::section(std::string_view key) const {
    const auto question = ask(*node_, key);
    if (!question.value.IsDefined())
        return question.wrong(faults::missing_key, "is missing; a section of keys is expected");
    ENSURE(check_map(question.value, node_->file, question.name));
    auto child = std::make_shared<Node>(Node{question.value, node_->file, question.name, {}, {}});
    node_->sections.push_back(child);
    return Section(std::move(child));
}

Result<std::optional<Section>> Section::section_if_there(std::string_view key) const {
    if (ask(*node_, key).absent()) return std::nullopt;
    return section(key);
}

Result<std::vector<Section>> Section::list(std::string_view key) const {
    const auto question = ask(*node_, key);
    std::vector<Section> all;
    if (question.absent()) return all;
    if (!question.value.IsSequence()) return question.wrong(faults::wrong_type, "a list of sections is expected");
    for (const auto& item : question.value) {
        const std::string name = std::format("{}[{}]", question.name, all.size());
        ENSURE(check_map(item, node_->file, name));
        auto child = std::make_shared<Node>(Node{item, node_->file, name, {}, {}});
        node_->sections.push_back(child);
        all.push_back(Section(std::move(child)));
    }
    return all;
}

std::vector<std::string> Section::keys() const {
    std::vector<std::string> all;
    for (const auto& pair : node_->yaml) all.push_back(pair.first.Scalar());
    return all;
}

std::unexpected<Error> Section::out_of_range(std::string_view key, std::string_view why) const {
    return ask(*node_, key).wrong(faults::out_of_range, why);
}

Result<void> Section::finish() const {
    for (const auto& pair : node_->yaml) {
        if (node_->asked.contains(pair.first.Scalar())) continue;
        const auto where = place(node_->file, pair.first.Mark());
        return fail(faults::unknown_key,
                    std::format("{}: {} is not known", where, joined(node_->name, pair.first.Scalar())));
    }
    for (const auto& child : node_->sections) ENSURE(Section(child).finish());
    return {};
}

}  // namespace pitstop::io::config
