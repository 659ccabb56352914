// Cuts a TCP stream into DoIP messages, in storage that someone lent: nothing is ever allocated from a length field.
//
//     auto room = reader.prepare();          // read from the socket into it; never empty
//     reader.commit(bytes_read);
//     while (auto item = reader.next()) …    // a Message views the storage until prepare() is called again
//
// A message that is refused but does not end the connection is skipped, however long it says it is. ECU profile.
#pragma once

#include "core/doip/message.h"

#include <optional>
#include <variant>

namespace pitstop::doip {

struct Rejected {
    HeaderNack code{};
    std::uint8_t version = version_2019;
    bool ends_connection = false;  // then next() says nothing any more
};
using Item = std::variant<Message, Rejected>;

class Reader {
public:
    // At least a header and the longest fixed message (41 bytes) must fit the storage.
    Reader(Room storage, Listener listener, std::uint32_t payload_bytes_max = data_size_bytes_max);

    [[nodiscard]] Room prepare();
    void commit(std::size_t size_bytes);
    [[nodiscard]] std::optional<Item> next();

private:
    [[nodiscard]] std::size_t waiting_bytes() const { return end_ - begin_; }
    void skip();

    Room storage_;
    Limits limits_;
    std::size_t begin_ = 0, end_ = 0;
    std::uint32_t skip_bytes_ = 0;
    bool broken_ = false;
};

}  // namespace pitstop::doip
