#include "core/uds/return_chain.h"

#include "core/crypto/digest.h"

#include <algorithm>
#include <utility>

namespace pitstop::uds {

std::optional<ReturnLink> ReturnChain::offer(const Door& door) {
    offered_.reset();
    ReturnLink link{};
    if (!randomness_.fill(link)) return std::nullopt;
    offered_ = link;
    crypto::Sha256 hasher;
    for (int i = 0; i < returns_max; ++i) link = link_after(link, door, hasher);
    return link;
}

void ReturnChain::taken() { first_ = std::exchange(offered_, std::nullopt); }

std::optional<ReturnLink> ReturnChain::link_before(View expected, const Door& door) const {
    if (!first_) return std::nullopt;
    crypto::Sha256 hasher;
    ReturnLink link = *first_;
    for (int i = 0; i < returns_max; ++i) {
        const ReturnLink next = link_after(link, door, hasher);
        if (std::ranges::equal(next, expected)) return link;
        link = next;
    }
    return std::nullopt;
}

}  // namespace pitstop::uds
