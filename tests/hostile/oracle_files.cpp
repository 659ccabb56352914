#include "tests/hostile/oracle_files.h"

#include "tests/hostile/plain_json.h"

#include <algorithm>
#include <array>

namespace pitstop::hostile::oracle {
namespace {

std::string big_endian(std::uint64_t number) {
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
    return bytes;
}

// RFC 6962 §2.1: the root that leaf `index` of `size` has with this path; consumes the path from its end.
std::string root_of(const std::string& leaf, std::uint64_t index, std::uint64_t size, std::string_view& path) {
    if (size == 1) return leaf;
    std::uint64_t left = 1;
    while (left * 2 < size) left *= 2;
    must(path.size() >= 48, "a batch path too short");
    const std::string sibling(path.substr(path.size() - 48));
    path.remove_suffix(48);
    const bool is_left = index < left;
    const std::string node =
        is_left ? root_of(leaf, index, left, path) : root_of(leaf, index - left, size - left, path);
    return sha384("\x01" + (is_left ? node + sibling : sibling + node));
}

// docs/formats/batch.md
bool batch_good(const Keyring& keys, const Key& key, const Signature& signature, const std::string& canonical) {
    const Batch& batch = *signature.batch;
    if (!key.post_quantum || batch.size > (std::uint64_t{1} << 32) || batch.index >= batch.size) return false;
    std::string_view path = batch.path;
    try {
        const std::string leaf = sha384(std::string(1, '\0') + sha512(canonical));
        const std::string root = root_of(leaf, batch.index, batch.size, path);
        return path.empty() &&
               keys.has_signed(key, std::string("pitstop-batch\x01") + big_endian(batch.size) + root, signature.value);
    } catch (const Refusal&) {
        return false;
    }
}

Signature read_signature(const json::value& from) {
    must(from.is_object(), "TUF 4.2.1: a signature is an object");
    const json::object& object = from.get_object();
    constexpr std::size_t digits_max = 2 * 8192;
    Signature signature{text(object, "keyid"), {}, {}};
    const std::string digits = text(object, "sig");
    if (digits.size() > digits_max || !unhex(digits, signature.value)) signature.value.clear();
    if (!has(object, "batch")) return signature;
    const json::object& batch = oracle::object(object, "batch");
    constexpr std::uint64_t any = ~std::uint64_t{0};
    signature.batch = Batch{number(batch, "index", 0, any), number(batch, "size", 0, any), {}};
    const std::string path = text(batch, "path");
    must(path.size() <= 2 * std::size_t{32} * 48 && unhex(path, signature.batch->path), "batch.md: path");
    return signature;
}

}  // namespace

bool has(const json::object& from, std::string_view name) {
    const json::value* found = from.if_contains(name);
    return found && !found->is_null();
}

static const json::value& member(const json::object& from, std::string_view name) {
    const json::value* found = from.if_contains(name);
    must(found, "no member " + std::string(name));
    return *found;
}

const json::object& object(const json::object& from, std::string_view name) {
    must(member(from, name).is_object(), std::string(name) + " is no object");
    return from.at(name).get_object();
}

const json::array& array(const json::object& from, std::string_view name) {
    must(member(from, name).is_array(), std::string(name) + " is no array");
    return from.at(name).get_array();
}

std::string text(const json::object& from, std::string_view name) {
    must(member(from, name).is_string(), std::string(name) + " is no text");
    return std::string(from.at(name).get_string());
}

std::uint64_t number(const json::object& from, std::string_view name, std::uint64_t least, std::uint64_t most) {
    const json::value& value = member(from, name);
    const bool whole = value.is_uint64() || (value.is_int64() && value.get_int64() >= 0);
    must(whole, std::string(name) + " is no whole number");
    const std::uint64_t found = value.is_uint64() ? value.get_uint64() : static_cast<std::uint64_t>(value.get_int64());
    must(found >= least && found <= most, std::string(name) + " is out of range");
    return found;
}

std::vector<std::string> texts(const json::object& from, std::string_view name, std::size_t most) {
    const json::array& list = array(from, name);
    must(list.size() <= most, "too many " + std::string(name));
    std::vector<std::string> found;
    for (const json::value& value : list) {
        must(value.is_string(), std::string(name) + " are texts");
        found.emplace_back(value.get_string());
    }
    return found;
}

bool is_name(std::string_view text) {
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return !text.empty() && text.size() <= 64 && text[0] != '.' && text.find_first_not_of(allowed) == text.npos;
}

File open(const std::string& bytes, std::size_t size_max) {
    must(bytes.size() <= size_max, "DESIGN 6: size cap");
    json::value document;
    try {
        document = read_json(bytes);
    } catch (const NotJson& problem) {
        throw Refusal(std::string("not JSON: ") + problem.what());
    }
    must(document.is_object(), "TUF 4.2.1: an object");
    File file;
    file.body = object(document.get_object(), "signed");
    const json::array& list = array(document.get_object(), "signatures");
    must(list.size() <= 32, "DESIGN 6: 32 signatures");
    for (const json::value& value : list) file.signatures.push_back(read_signature(value));
    must(!has_float(document), "canonical JSON has no floats, and neither has what stands beside it");
    file.canonical = canonical(file.body);
    return file;
}

KeyBook read_keys(const Keyring& keys, const json::object& from, std::size_t most) {
    must(from.size() <= most, "too many keys");
    KeyBook book;
    for (const auto& member : from) {
        const std::string keyid(member.key());
        must(!keyid.empty() && keyid.size() <= 128 && member.value().is_object(), "a key");
        const json::object& key = member.value().get_object();
        const std::string type = text(key, "keytype"), scheme = text(key, "scheme");
        const bool ecdsa = (type == "ecdsa" || type == "ecdsa-sha2-nistp256") && scheme == "ecdsa-sha2-nistp256";
        const bool ml_dsa = type == "ml-dsa" && scheme == "ml-dsa-44/1";
        // Kinds that we use, of which this world has no sound key.
        const bool other = (type == "ml-dsa" && (scheme == "ml-dsa-65/1" || scheme == "ml-dsa-87/1")) ||
                           (type == "ed25519" && scheme == "ed25519") ||
                           (type == "rsa" && scheme == "rsassa-pss-sha256");
        if (!ecdsa && !ml_dsa && !other) {
            book[keyid] = nullptr;
            continue;
        }
        const Key* found = keys.find(packed(text(object(key, "keyval"), "public")));
        must(found && !other && found->post_quantum == ml_dsa, "a key that is not what it says");
        book[keyid] = found;
    }
    return book;
}

RoleKeys read_role(const json::object& from, const KeyBook& book) {
    RoleKeys role;
    role.keyids = texts(from, "keyids", 32);
    role.threshold = number(from, "threshold", 1, 32);
    const json::object& families = object(from, "family_thresholds");
    role.classical = number(families, "classical", 1, 32);
    role.post_quantum = number(families, "post_quantum", 1, 32);
    if (has(from, "batch_signatures")) {
        must(from.at("batch_signatures").is_bool(), "batch_signatures");
        role.batches = from.at("batch_signatures").get_bool();
    }
    for (const std::string& keyid : role.keyids) {
        const auto found = book.find(keyid);
        must(found != book.end(), "a keyid without a key");
        if (found->second) role.keys.insert(found->second);
    }
    const auto ml_dsa =
        static_cast<std::uint64_t>(std::ranges::count_if(role.keys, [](const Key* key) { return key->post_quantum; }));
    must(ml_dsa >= role.post_quantum && role.keys.size() - ml_dsa >= role.classical &&
             role.keys.size() >= role.threshold,
         "a threshold that nobody can reach");
    return role;
}

void check_signed(const Keyring& keys, const File& file, const KeyBook& book, const RoleKeys& role,
                  const std::string& what) {
    std::set<const Key*> good;
    for (const Signature& signature : file.signatures) {
        const auto found = book.find(signature.keyid);
        if (found == book.end() || !found->second || !std::ranges::contains(role.keyids, signature.keyid)) continue;
        const Key& key = *found->second;
        const bool signs = signature.batch
                               ? role.batches && batch_good(keys, key, signature, file.canonical)
                               : keys.has_signed(key, Keyring::message_for(key, file.canonical), signature.value);
        if (signs) good.insert(&key);
    }
    const auto ml_dsa =
        static_cast<std::uint64_t>(std::ranges::count_if(good, [](const Key* key) { return key->post_quantum; }));
    must(good.size() - ml_dsa >= role.classical, what + ": classical signatures");
    must(ml_dsa >= role.post_quantum, what + ": post-quantum signatures");
    must(good.size() >= role.threshold, what + ": threshold");
}

std::uint64_t read_head(const json::object& body, std::string_view type) {
    must(text(body, "_type") == type, "TUF 4.3: _type");
    const std::string spec = text(body, "spec_version");
    const bool with_patch = spec.starts_with("1.0.") && spec.size() > 4 && spec.size() <= 8 &&
                            std::all_of(spec.begin() + 4, spec.end(), [](char c) { return c >= '0' && c <= '9'; });
    must(spec == "1.0" || with_patch, "TUF 4.3: spec_version");
    static_cast<void>(text(body, "expires"));
    check_current(body, "", std::string(type));  // has a date at all
    return number(body, "version", 1, version_max);
}

// A well-formed date in UTC sorts as its text does.
void check_current(const json::object& body, const std::string& now, const std::string& what) {
    const std::string date = text(body, "expires"), form = "dddd-dd-ddTdd:dd:ddZ";
    must(date.size() == form.size(), "TUF 4.2: a date");
    for (std::size_t i = 0; i < form.size(); ++i)
        must(form[i] == 'd' ? date[i] >= '0' && date[i] <= '9' : date[i] == form[i], "TUF 4.2: a date");
    const auto part = [&](std::size_t at, std::size_t size) { return std::stoi(date.substr(at, size)); };
    const int year = part(0, 4), month = part(5, 2), day = part(8, 2);
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    constexpr std::array days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    must(month >= 1 && month <= 12 && day >= 1, "TUF 4.2: a date that exists");
    must(day <= days[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0),
         "TUF 4.2: a date that exists");
    must(part(11, 2) < 24 && part(14, 2) < 60 && part(17, 2) < 60, "TUF 4.2: a time that exists");
    must(now < date, what + ": expired");
}

bool Digests::match(const std::string& bytes) const {
    return (!sha256 || *sha256 == hex(hostile::sha256(bytes))) && (!sha512 || *sha512 == hex(hostile::sha512(bytes)));
}

Digests read_digests(const json::object& from) {
    Digests digests;
    for (const auto& member : from) {
        const std::string name(member.key());
        must(name == "sha256" || name == "sha512", "Uptane: every listed hash must match");
        std::string bytes;
        must(unhex(text(from, name), bytes) && bytes.size() == (name == "sha256" ? 32U : 64U), "a digest");
        (name == "sha256" ? digests.sha256 : digests.sha512) = hex(bytes);
    }
    must(digests.sha256 || digests.sha512, "a digest at least");
    return digests;
}

Promise read_promise(const json::object& entry, std::uint64_t length_max) {
    Promise promise{number(entry, "version", 1, version_max), {}, {}};
    if (has(entry, "length")) promise.length = number(entry, "length", 0, length_max);
    if (has(entry, "hashes")) promise.digests = read_digests(object(entry, "hashes"));
    return promise;
}

}  // namespace pitstop::hostile::oracle
