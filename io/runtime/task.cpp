#include "io/runtime/task.h"

#include "io/runtime/faults.h"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <format>
#include <system_error>

namespace pitstop::io {

Error error_of(const boost::system::error_code& code, std::string_view what) {
    if (code == boost::asio::error::operation_aborted) return Error(faults::cancelled, what);
    return Error(faults::failed, std::format("{}: {}", what, code.message()));
}

Error error_of(std::exception_ptr escaped, std::string_view what) {
    try {
        std::rethrow_exception(std::move(escaped));
    } catch (const boost::system::system_error& error) {
        return error_of(error.code(), what);
    } catch (const std::exception& error) {
        return Error(faults::unexpected_exception, std::format("{}: {}", what, error.what()));
    } catch (...) {
        return Error(faults::unexpected_exception, what);
    }
}

Error error_of_errno(int number, std::string_view what) {
    return error_of(boost::system::error_code(number, boost::system::system_category()), what);
}

}  // namespace pitstop::io
