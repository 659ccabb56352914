// The oracle's reading of single files: form, and who has signed. Everything throws Refusal.
#pragma once

#include "tests/hostile/keyring.h"

#include <boost/json/value.hpp>
#include <optional>
#include <set>
#include <stdexcept>

namespace pitstop::hostile::oracle {

namespace json = boost::json;

struct Refusal : std::runtime_error {
    using std::runtime_error::runtime_error;
};
inline void must(bool holds, const std::string& clause) {
    if (!holds) throw Refusal(clause);
}

// --- members: of the right kind, or the file is refused
[[nodiscard]] bool has(const json::object& from, std::string_view name);  // there and not null
[[nodiscard]] const json::object& object(const json::object& from, std::string_view name);
[[nodiscard]] const json::array& array(const json::object& from, std::string_view name);
[[nodiscard]] std::string text(const json::object& from, std::string_view name);
[[nodiscard]] std::uint64_t number(const json::object& from, std::string_view name, std::uint64_t least,
                                   std::uint64_t most);
[[nodiscard]] std::vector<std::string> texts(const json::object& from, std::string_view name, std::size_t most);
[[nodiscard]] bool is_name(std::string_view text);  // one path segment: DESIGN §6, §5

inline constexpr std::uint64_t version_max = 0xFFFF'FFFF;

struct Batch {
    std::uint64_t index = 0, size = 0;
    std::string path;
};
struct Signature {
    std::string keyid, value;
    std::optional<Batch> batch;
};
struct File {
    json::object body;
    std::string canonical;
    std::vector<Signature> signatures;
};
// TUF §4.2.1 with the limits of DESIGN §6.
[[nodiscard]] File open(const std::string& bytes, std::size_t size_max);

using KeyBook = std::map<std::string, const Key*>;  // by keyid; null where the kind is not known
struct RoleKeys {
    std::vector<std::string> keyids;
    std::set<const Key*> keys;
    std::uint64_t threshold = 0, classical = 0, post_quantum = 0;
    bool batches = false;
};
[[nodiscard]] KeyBook read_keys(const Keyring& keys, const json::object& from, std::size_t most);
[[nodiscard]] RoleKeys read_role(const json::object& from, const KeyBook& book);

// Enough different keys of both families have signed this text (TUF §5.3.4; DESIGN §6).
void check_signed(const Keyring& keys, const File& file, const KeyBook& book, const RoleKeys& role,
                  const std::string& what);

// TUF §4.3 `_type`, `spec_version`, `version`, `expires`: the version.
[[nodiscard]] std::uint64_t read_head(const json::object& body, std::string_view type);
void check_current(const json::object& body, const std::string& now, const std::string& what);

// The digests under `hashes`, in lower case: all that are listed are of kinds that can be checked.
struct Digests {
    std::optional<std::string> sha256, sha512;
    bool match(const std::string& bytes) const;
};
[[nodiscard]] Digests read_digests(const json::object& from);

// What one file promises about another.
struct Promise {
    std::uint64_t version = 0;
    std::optional<std::uint64_t> length;
    std::optional<Digests> digests;
};
[[nodiscard]] Promise read_promise(const json::object& entry, std::uint64_t length_max);

}  // namespace pitstop::hostile::oracle
