// io/config: configuration files.
#include "core/base/ids.h"
#include "fuzz/property.h"
#include "io/config/section.h"

#include <string>

using namespace pitstop;
using fuzz::must;
using io::config::Section;

namespace {

constexpr int sections_asked_max = 40;  // an alias may stand for the section that it stands in
constexpr std::string_view file = "folder/fuzz.yaml";

template <class T>
void check(const Result<T>& answer) {
    if (!answer) must(answer.error().detail().starts_with(file), "an error says in which file");
}

// Every question to every key; where there is a section inside, the same there.
void ask_all(const Section& section, int& sections_left) {
    if (--sections_left < 0) return;
    for (const std::string& key : section.keys()) {
        check(section.text(key));
        const auto number = section.number(key, {-10, 1000});
        check(number);
        if (number) must(*number >= -10 && *number <= 1000, "a number is within its limits");
        const auto real = section.real(key, -1.5, 1.5);
        check(real);
        if (real) must(*real >= -1.5 && *real <= 1.5, "a real number, too");
        check(section.yes_or_no(key));
        check(section.path(key));
        check(section.texts(key));
        check(section.id<Vin>(key));
        const auto inside = section.section_if_there(key);
        check(inside);
        if (inside && *inside) ask_all(**inside, sections_left);
        const auto list = section.list(key);
        check(list);
        if (list)
            for (const Section& entry : *list) ask_all(entry, sections_left);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of({data, size});
    const auto section = Section::from_text(text, file);
    check(section);
    if (!section) return 0;
    check(section->finish());
    if (!section->keys().empty()) must(!section->finish(), "what nobody asked for is an error");
    int sections_left = sections_asked_max;
    ask_all(*section, sections_left);
    check(section->finish());
    return 0;
}
