#include "io/ethernet/doip_settings.h"

#include <array>
#include <charconv>

namespace pitstop::io::ethernet {

namespace {

using config::Section;
using doip::ActivationType;

std::optional<ActivationType> activation_type_from(std::string_view word) {
    constexpr std::array names{std::pair{std::string_view("default"), ActivationType::default_},
                               std::pair{std::string_view("regulated"), ActivationType::regulated},
                               std::pair{std::string_view("central-security"), ActivationType::central_security}};
    for (const auto& [name, type] : names)
        if (name == word) return type;
    if (!word.starts_with("0x") || word.size() != 4) return std::nullopt;
    unsigned number = 0;
    const auto [end, code] = std::from_chars(word.data() + 2, word.data() + word.size(), number, 16);
    if (code != std::errc() || end != word.data() + word.size()) return std::nullopt;
    return static_cast<ActivationType>(number);
}

// For each type that the key lists.
template <class Use>
Result<void> for_types(const Section& section, std::string_view key, Use use) {
    TRY(const auto words, section.texts(key));
    for (const std::string& word : words) {
        const auto type = activation_type_from(word);
        if (!type) return section.out_of_range(key, "'" + word + "' is no activation type: default, 0xE1, …");
        use(*type);
    }
    return {};
}

Result<void> read_routing(const Section& root, DoipRouting& into) {
    TRY(const auto section, root.section_if_there("routing"));
    if (!section) return {};
    ENSURE(for_types(*section, "also", [&](ActivationType type) { into.rules.support(type); }));
    ENSURE(for_types(*section, "authenticate", [&](ActivationType type) { into.rules.authenticate(type); }));
    ENSURE(for_types(*section, "confirm", [&](ActivationType type) { into.rules.confirm(type); }));
    TRY(const auto answer, section->choice<doip::Confirmation>("confirmation",
                                                               {{"awaited", doip::Confirmation::awaited},
                                                                {"given", doip::Confirmation::given},
                                                                {"rejected", doip::Confirmation::rejected}},
                                                               "awaited"));
    into.rules.answer_confirmation(answer);
    if (section->has("confirmed_after_ms")) {
        TRY(const auto after_ms, section->number("confirmed_after_ms", {0, 600'000}));
        into.confirms_after = std::chrono::milliseconds(after_ms);
    }
    TRY(const auto echo, section->number("echo_bytes", {0, doip::Acknowledgement::echo_bytes_max}, 0));
    into.echo_bytes = static_cast<std::uint8_t>(echo);
    return {};
}

Result<std::optional<DoipTlsSettings>> read_tls_listener(const Section& root) {
    TRY(const auto section, root.section_if_there("tls"));
    if (!section) return std::nullopt;
    DoipTlsSettings tls;
    TRY(const auto testers, section->choice<tls::PeerCertificate>("testers",
                                                                  {{"required", tls::PeerCertificate::required},
                                                                   {"optional", tls::PeerCertificate::optional},
                                                                   {"none", tls::PeerCertificate::none}},
                                                                  "required"));
    TRY(const auto port, section->number("port", {0, 65535}, tls_port));
    tls.port = static_cast<std::uint16_t>(port);
    TRY(tls.settings, read_tls(*section, testers));
    return tls;
}

}  // namespace

Result<tls::TlsSettings> read_tls(const Section& section, tls::PeerCertificate peer) {
    tls::TlsSettings tls;
    tls.peer_certificate = peer;
    TRY(const auto profile, section.number("profile", {0, 12}, tls::default_profile));
    tls.profile = static_cast<int>(profile);
    TRY(const bool hybrid, section.yes_or_no("hybrid_kex", true));
    tls.hybrid = hybrid ? tls::HybridKex::on : tls::HybridKex::off;
    TRY(tls.certificate_chain, section.path("certificate"));
    TRY(tls.private_key, section.path("private_key"));
    TRY(tls.trust_anchors, section.path("trust_anchors"));
    return tls;
}

Result<void> read_doip_server(const Section& section, DoipServerSettings& into) {
    TRY(into.host, section.text("host"));
    TRY(const auto port, section.number("port", {0, 65535}, 13400));
    into.port = static_cast<std::uint16_t>(port);
    TRY(const bool discovery, section.yes_or_no("discovery", true));
    into.discovery = discovery ? Discovery::on : Discovery::off;
    TRY(const bool announce, section.yes_or_no("announce", discovery));
    TRY(auto to, section.text("announce_to", ""));
    if (announce && discovery) into.announcing = DoipAnnouncing{std::move(to)};
    TRY(into.tls, read_tls_listener(section));
    TRY(into.plain,
        section.choice<PlainDoip>(
            "plain", {{"served", PlainDoip::served}, {"refused", PlainDoip::referred_to_tls}, {"off", PlainDoip::off}},
            into.tls ? "refused" : "served"));
    if (into.plain != PlainDoip::served && !into.tls)
        return section.out_of_range("plain", "without 'tls' nobody could come in");
    return read_routing(section, into.routing);
}

}  // namespace pitstop::io::ethernet
