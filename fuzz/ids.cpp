// core/base: names that become paths, topics and queries; versions, times, hexadecimal and Base64 texts.
#include "core/base/ids.h"
#include "core/base/bytes.h"
#include "core/base/time.h"
#include "fuzz/property.h"

using namespace pitstop;
using fuzz::must;

namespace {

template <class Id>
void check_text(std::string_view text) {
    const auto id = Id::parse(text);
    fuzz::must_repeat(id, Id::parse(text));
    if (!id) return;
    must(id->str() == text, "an id is written as it was read");
    must(Id::parse(id->str()) == *id, "and read as it was written");
}

bool can_escape(std::string_view name) {
    const auto is_foreign = [](char c) {
        return c <= ' ' || c == 0x7F || std::string_view("/#+*?%'\"\\;:").contains(c);
    };
    return name.empty() || name.starts_with('.') || std::ranges::any_of(name, is_foreign);
}

void check_encodings(std::string_view text) {
    if (const auto bytes = from_base64(text)) must(to_base64(*bytes) == text, "Base64 has one spelling");
    const auto bytes = from_hex(text);
    if (!bytes) return;
    must(bytes->size() * 2 == text.size(), "two digits make a byte");
    must(from_hex(to_hex(*bytes)) == *bytes, "hexadecimal comes back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of({data, size});
    check_text<Vin>(text);
    check_text<EcuId>(text);
    check_text<CampaignId>(text);
    check_text<TargetName>(text);
    check_text<UtcTime>(text);
    check_encodings(text);
    if (const auto name = HardwareId::parse(text)) must(!can_escape(name->view()), "a name stays inside its segment");
    if (const auto name = TargetName::parse(text))
        must(!name->view().starts_with('/') && !name->view().contains("//") && !name->view().contains("/."),
             "a target's name stays below its folder");
    if (const auto version = Version::parse(text))
        must(Version::parse(version->str()) == *version, "a version comes back");
    if (size < 2) return 0;
    const auto address = load_be<std::uint16_t>(data);
    if (const auto ecu = EcuId::from_address(address)) must(ecu->address() == address, "one ECU has one address");
    return 0;
}
