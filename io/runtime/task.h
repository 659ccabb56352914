// Asynchronous work: a coroutine whose outcome is a Result.
//
//     Task<Answer> ask(Client& client) {
//         CO_TRY(auto answer, co_await client.get(...));
//         co_return answer;
//     }
//
// A Task does nothing until it is awaited, or handed to Loop::spawn, which owns it. A cancelled task is unwound by
// Asio's own exception at its next co_await; only spawn, complete, with_deadline and on_loop catch it, so write
// destructors, not catch blocks.
#pragma once

#include "core/base/result.h"

#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <exception>
#include <string_view>

namespace pitstop::io {

template <class T>
using Task = boost::asio::awaitable<Result<T>>;

// What a library reported, as an Error: io.cancelled, or io.failed with "what: the library's sentence".
[[nodiscard]] Error error_of(const boost::system::error_code& code, std::string_view what);

// What escaped from a library or a task: as above for system errors, io.unexpected-exception for everything else.
[[nodiscard]] Error error_of(std::exception_ptr escaped, std::string_view what);

// The system's own number for what went wrong (errno), as above.
[[nodiscard]] Error error_of_errno(int number, std::string_view what);

}  // namespace pitstop::io
