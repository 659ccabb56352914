// Metadata on its way from an honest repository to a hostile network. A Plan is what the repository wants to publish
// next; mutations hang themselves in at each stage; press() signs it and puts it on the shelf.
#pragma once

#include "tests/hostile/keyring.h"
#include "tests/hostile/served.h"

#include <boost/json/value.hpp>
#include <functional>
#include <random>

namespace pitstop::hostile {

namespace json = boost::json;

// Chance that depends on the seed alone, on every platform (std::distributions do not).
class Rng {
public:
    explicit Rng(std::uint64_t seed) : chance_(seed) {}
    [[nodiscard]] std::size_t below(std::size_t limit) { return static_cast<std::size_t>(chance_() % limit); }
    [[nodiscard]] bool percent(std::size_t share) { return below(100) < share; }
    template <class List>
    [[nodiscard]] auto& pick(List& list) {
        return *std::next(list.begin(), static_cast<std::ptrdiff_t>(below(list.size())));
    }

private:
    std::mt19937_64 chance_;
};

// One signature: by which key, under which name, and how it comes about.
struct Pen {
    using Write = std::function<json::object(Keyring&, const Pen&, const std::string& canonical)>;
    std::size_t key = 0;
    std::string keyid;
    Write write;  // none: as it should be
};
[[nodiscard]] json::object entry(const std::string& keyid, const std::string& signature);
// One file of a batch, with `others` beside it (docs/formats/batch.md).
[[nodiscard]] json::object batch_entry(Keyring& keys, const Pen& pen, const std::string& canonical, std::size_t index,
                                       std::size_t size);

struct Draft {
    std::string role;
    std::uint64_t version = 1;  // in its name and where it is listed
    json::value body;
    std::vector<Pen> pens;
    std::size_t classical = 1, post_quantum = 1;  // as many keys are needed
    bool published_before = false;                // the very same text

    std::vector<std::function<void(json::value& body)>> before_signing = {};
    std::vector<std::function<void(json::object& envelope)>> after_signing = {};
    std::vector<std::function<void(std::string& text)>> as_text = {};  // the file that will be listed
};

struct Plan {
    Side side = director;
    std::vector<Draft> roots;  // new ones, in order
    std::map<std::string, Draft> delegated;
    Draft targets, snapshot, timestamp;
    std::vector<std::function<void(Shelf&)>> at_the_door;  // when everything is signed and listed
};

[[nodiscard]] Shelf press(Keyring& keys, const Plan& plan);
[[nodiscard]] json::object file_info(std::uint64_t version, const std::string& bytes);
[[nodiscard]] std::string file_name(const Draft& draft);
// Compact and sorted, a JSON text.
[[nodiscard]] std::string sorted_text(const json::value& value);

}  // namespace pitstop::hostile
