#include "apps/pitstop/seal_keys.h"

#include "apps/pitstop/named_key.h"
#include "core/crypto/private_key.h"
#include "core/crypto/xwing_text.h"
#include "io/files/atomic_file.h"
#include "io/keys/seal_key.h"

#include <algorithm>
#include <format>

namespace pitstop::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view name_line = "Name: ";

std::string name_at_the_front(std::string_view text) {
    if (!text.starts_with(name_line)) return {};
    return std::string(text.substr(name_line.size(), text.find_first_of("\r\n") - name_line.size()));
}

}  // namespace

Result<NamedSealKey> read_named_seal_key(const fs::path& file) {
    TRY(auto key, io::keys::load_public_seal_key(file));
    TRY(const Bytes bytes, io::files::read_file(file, crypto::xwing::public_text_bytes_max));
    NamedSealKey named{std::move(key), name_at_the_front(text_of(bytes))};
    ENSURE(check_person(named.name));
    return named;
}

Result<void> write_named_seal_key(const fs::path& file, const NamedSealKey& key) {
    ENSURE(check_person(key.name));
    const std::string head = key.name.empty() ? "" : std::format("{}{}\n", name_line, key.name);
    return io::keys::save_public_seal_key(file, key.key, head);
}

fs::path seal_half(const fs::path& private_file) {
    fs::path file = private_file;
    if (file.extension() == ".key") return file.replace_extension(".seal");
    file += ".seal";
    return file;
}

Result<bool> holds_a_seal_key(const fs::path& private_file) {
    TRY(const auto bytes, io::files::read_if_there(private_file, crypto::private_pem_bytes_max));
    return bytes && crypto::xwing::is_seed_text(text_of(*bytes));
}

}  // namespace pitstop::cli
