#include "core/delta/image_layout.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace pitstop::delta {
namespace {

// ELF (System V ABI, chapters 4 and 5), little-endian; where its fields stand in files of 32 and of 64 bits.
enum class Machine : std::uint16_t { none = 0, arm = 40, x86_64 = 62, aarch64 = 183 };

constexpr std::uint32_t type_load = 1;
constexpr std::uint32_t section_no_bits = 8, section_relocations = 4, section_symbols = 11, section_program = 1;
constexpr std::uint64_t flag_alloc = 2, flag_executable = 4;
constexpr std::size_t sections_max = 4096;

struct Section {
    std::uint32_t type = 0;
    std::uint64_t flags = 0, address = 0, offset = 0, size = 0;
    std::string_view name;
};

class Elf {
public:
    explicit Elf(View image) : image_(image) {
        constexpr std::array<std::uint8_t, 4> magic{0x7F, 'E', 'L', 'F'};
        if (image.size() < 64 || !std::ranges::equal(image.first(4), magic) || image[5] != 1) return;
        is_64_ = image[4] == 2;
        machine_ = static_cast<Machine>(load_le<std::uint16_t>(&image[18]));
    }
    [[nodiscard]] Machine machine() const { return machine_; }

    // The loadable segments; false when there is none that can be used.
    bool fill(AddressSpace& space) const {
        const std::uint64_t table = word(is_64_ ? 32 : 28), count = half(is_64_ ? 56 : 44), size = is_64_ ? 56 : 32;
        std::uint64_t lowest = ~std::uint64_t{0}, highest = 0;
        for (int pass = 0; pass < 2; ++pass)
            for (std::uint64_t i = 0; i < count; ++i) {
                const std::uint64_t at = table + i * size;
                if (table > image_.size() || at + size > image_.size() || u32(at) != type_load) continue;
                const std::uint64_t offset = word(at + (is_64_ ? 8 : 4)), address = word(at + (is_64_ ? 16 : 8));
                const std::uint64_t in_file = word(at + (is_64_ ? 32 : 16)), in_memory = word(at + (is_64_ ? 40 : 20));
                if (offset > image_.size() || in_file > image_.size() - offset) continue;
                lowest = std::min(lowest, address);
                highest = std::max(highest, address + in_memory);
                if (pass == 1) add(space, lowest, offset, in_file, address, u32(at + (is_64_ ? 4 : 24)));
            }
        space.base = lowest;
        space.size = static_cast<std::uint32_t>(std::min<std::uint64_t>(highest - lowest, 0x7FFFFFFF));
        return space.segment_count > 0;
    }

    [[nodiscard]] std::vector<Section> sections() const {
        const std::uint64_t table = word(is_64_ ? 40 : 32), size = is_64_ ? 64 : 40;
        const std::uint64_t count = half(is_64_ ? 60 : 48), names = half(is_64_ ? 62 : 50);
        std::vector<Section> sections;
        if (table > image_.size() || count > sections_max || count * size > image_.size() - table) return sections;
        const Section strings = names < count ? section(table + names * size) : Section{};
        for (std::uint64_t i = 0; i < count; ++i) {
            Section next = section(table + i * size);
            const std::uint64_t name = strings.offset + u32(table + i * size);
            if (name < image_.size()) {
                const std::string_view rest =
                    text_of(image_.subspan(name, std::min<std::size_t>(32, image_.size() - name)));
                next.name = rest.substr(0, rest.find('\0'));
            }
            if (next.offset <= image_.size() && next.size <= image_.size() - next.offset) sections.push_back(next);
        }
        std::ranges::stable_sort(sections, {}, &Section::offset);
        return sections;
    }

private:
    [[nodiscard]] std::uint32_t u32(std::uint64_t at) const { return load_le<std::uint32_t>(&image_[at]); }
    [[nodiscard]] std::uint64_t half(std::uint64_t at) const { return load_le<std::uint16_t>(&image_[at]); }
    [[nodiscard]] std::uint64_t word(std::uint64_t at) const {
        return is_64_ ? load_le<std::uint64_t>(&image_[at]) : u32(at);
    }
    [[nodiscard]] Section section(std::uint64_t at) const {
        return {.type = u32(at + 4),
                .flags = word(at + 8),
                .address = word(at + (is_64_ ? 16 : 12)),
                .offset = word(at + (is_64_ ? 24 : 16)),
                .size = word(at + (is_64_ ? 32 : 20)),
                .name = {}};
    }

    void add(AddressSpace& space, std::uint64_t base, std::uint64_t offset, std::uint64_t size, std::uint64_t address,
             std::uint32_t flags) const {
        if (space.segment_count == AddressSpace::segments_max) return;
        const auto begin = static_cast<std::uint32_t>(address - base), bytes = static_cast<std::uint32_t>(size);
        space.segments[space.segment_count++] = {static_cast<std::uint32_t>(offset), bytes, begin};
        if ((flags & 1) == 0) return;
        if (space.code_end == 0) space.code_begin = begin;
        space.code_begin = std::min(space.code_begin, begin);
        space.code_end = std::max(space.code_end, begin + bytes);
    }

    View image_;
    bool is_64_ = false;
    Machine machine_ = Machine::none;
};

Writing code_of(Machine machine) {
    switch (machine) {
        case Machine::x86_64: return Writing::x86_64;
        case Machine::aarch64: return Writing::aarch64;
        case Machine::arm: return Writing::thumb;
        default: return Writing::none;
    }
}

Writing writing_of(const Section& section, Machine machine) {
    if ((section.flags & flag_alloc) == 0 || section.type == section_no_bits) return Writing::none;
    if ((section.flags & flag_executable) != 0) return code_of(machine);
    if (section.name == ".eh_frame") return Writing::self_relative;
    if (section.name == ".eh_frame_hdr") return Writing::base_relative;
    const bool holds_words =
        section.type == section_relocations || section.type == section_symbols || section.type == 9 ||
        section.type == 14 || section.type == 15 || section.type == 6 ||
        (section.type == section_program && section.name != ".rodata" && section.name != ".interp");
    if (!holds_words) return Writing::none;
    return machine == Machine::arm ? Writing::words_32 : Writing::words_64;
}

void add_stretch(Layout& layout, const Stretch& stretch) {
    if (layout.stretch_count > 0) {
        Stretch& last = layout.stretches[layout.stretch_count - 1];
        if (last.writing == stretch.writing && stretch.old_base == 0) return;
        if (last.offset == stretch.offset) {
            last = stretch;
            return;
        }
    } else if (stretch.writing == Writing::none) {
        return;
    }
    if (layout.stretch_count < stretches_max) layout.stretches[layout.stretch_count++] = stretch;
}

// Files without sections: code where it may be executed, words elsewhere.
void add_segments(Layout& layout, Machine machine) {
    const AddressSpace& space = layout.before;
    for (std::uint32_t i = 0; i < space.segment_count; ++i) {
        const Segment& segment = space.segments[i];
        const bool is_code = segment.address - space.code_begin < space.code_end - space.code_begin;
        const Writing words = machine == Machine::arm ? Writing::words_32 : Writing::words_64;
        add_stretch(layout, {segment.offset, is_code ? code_of(machine) : words});
    }
}

void add_sections(Layout& layout, Machine machine, const std::vector<Section>& before,
                  const std::vector<Section>& after) {
    for (const Section& section : before) {
        const Writing writing = section.size > 0 ? writing_of(section, machine) : Writing::none;
        if (writing == Writing::none && section.size == 0) continue;
        if (section.type == section_no_bits) continue;
        Stretch stretch{static_cast<std::uint32_t>(section.offset), writing};
        if (writing == Writing::base_relative || writing == Writing::self_relative) {
            const auto same = std::ranges::find(after, section.name, &Section::name);
            stretch.old_base = static_cast<std::uint32_t>(section.address - layout.before.base);
            stretch.new_base =
                same == after.end() ? stretch.old_base : static_cast<std::uint32_t>(same->address - layout.after.base);
        }
        add_stretch(layout, stretch);
    }
}

// A Cortex-M's image begins with its stack pointer and the addresses of its handlers, all odd (Arm DDI 0403, B1.5.3).
bool fill_cortex_m(View image, AddressSpace& space) {
    constexpr std::uint32_t handlers = 16;
    if (image.size() < 256) return false;
    const auto stack = load_le<std::uint32_t>(image.data());
    if (stack < 0x10000000 || stack > 0x40000000 || stack % 4 != 0) return false;
    std::uint32_t lowest = 0xFFFFFFFF, highest = 0;
    for (std::uint32_t i = 1; i < handlers; ++i) {
        const auto handler = load_le<std::uint32_t>(image.data() + std::size_t{4} * i);
        if (handler == 0) continue;
        if ((handler & 1) == 0) return false;
        lowest = std::min(lowest, handler);
        highest = std::max(highest, handler);
    }
    const auto size = static_cast<std::uint32_t>(image.size());
    for (std::uint32_t alignment = 1U << 20; alignment >= 256; alignment /= 2) {
        const std::uint32_t base = lowest & ~(alignment - 1);
        if (highest - base >= size || highest < lowest) continue;
        space = {.base = base, .size = size, .code_begin = 0, .code_end = size, .segment_count = 1};
        space.segments[0] = {0, size, 0};
        return true;
    }
    return false;
}

// A number for a symbol, the same wherever its name is the same.
std::uint32_t label_of_name(View image, std::uint64_t at) {
    std::uint32_t label = 2166136261U;  // FNV-1a
    for (; at < image.size() && image[at] != 0; ++at) label = (label ^ image[at]) * 16777619U;
    return label;
}

}  // namespace

std::vector<LoadedWord> loaded_words(View image, const AddressSpace& space) {
    constexpr std::uint64_t entry_bytes = 24, relative_x86_64 = 8, relative_aarch64 = 1027;
    std::vector<LoadedWord> words;
    const Elf elf(image);
    if (elf.machine() != Machine::x86_64 && elf.machine() != Machine::aarch64) return words;
    const std::vector<Section> sections = elf.sections();
    const auto symbols = std::ranges::find(sections, section_symbols, &Section::type);
    const auto names = std::ranges::find(sections, std::string_view(".dynstr"), &Section::name);
    for (const Section& section : sections) {
        if (section.type != section_relocations || (section.flags & flag_alloc) == 0) continue;
        for (std::uint64_t at = section.offset; at + entry_bytes <= section.offset + section.size; at += entry_bytes) {
            const auto address = static_cast<std::uint32_t>(load_le<std::uint64_t>(&image[at]) - space.base);
            const std::uint32_t offset = space.offset_of(address);
            if (offset > image.size() - 8) continue;
            const std::uint64_t info = load_le<std::uint64_t>(&image[at + 8]),
                                addend = load_le<std::uint64_t>(&image[at + 16]);
            const std::uint64_t type = info & 0xFFFFFFFF, symbol = info >> 32;
            if (type == relative_x86_64 || type == relative_aarch64) {
                words.push_back({offset, static_cast<std::uint32_t>(addend - space.base), false});
            } else if (symbols != sections.end() && names != sections.end() && symbol < symbols->size / entry_bytes) {
                const std::uint64_t name = load_le<std::uint32_t>(&image[symbols->offset + symbol * entry_bytes]);
                words.push_back({offset, label_of_name(image, names->offset + name), true});
            }
        }
    }
    return words;
}

std::vector<LoadedWord> symbol_names(View image) {
    constexpr std::uint64_t entry_bytes = 24;
    std::vector<LoadedWord> words;
    const Elf elf(image);
    if (elf.machine() != Machine::x86_64 && elf.machine() != Machine::aarch64) return words;
    const std::vector<Section> sections = elf.sections();
    const auto symbols = std::ranges::find(sections, section_symbols, &Section::type);
    const auto names = std::ranges::find(sections, std::string_view(".dynstr"), &Section::name);
    if (symbols == sections.end() || names == sections.end()) return words;
    for (std::uint64_t at = symbols->offset; at + entry_bytes <= symbols->offset + symbols->size; at += entry_bytes) {
        const std::uint64_t name = names->offset + load_le<std::uint32_t>(&image[at]);
        words.push_back({static_cast<std::uint32_t>(at), label_of_name(image, name), true});
    }
    return words;
}

Layout layout_of(View old_image, View new_image) {
    Layout layout;
    const Elf before(old_image), after(new_image);
    const Machine machine = before.machine();
    if (machine != Machine::none && code_of(machine) != Writing::none && machine == after.machine()) {
        if (!before.fill(layout.before) || !after.fill(layout.after)) return {};
        const auto sections = before.sections();
        if (sections.size() > 1)
            add_sections(layout, machine, sections, after.sections());
        else
            add_segments(layout, machine);
        return layout;
    }
    if (fill_cortex_m(old_image, layout.before) && fill_cortex_m(new_image, layout.after)) {
        layout.stretches[layout.stretch_count++] = {0, Writing::thumb};
        return layout;
    }
    return {};
}

}  // namespace pitstop::delta
