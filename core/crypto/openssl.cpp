#include "core/crypto/openssl.h"

#include "core/crypto/faults.h"

#include <openssl/err.h>

#include <array>
#include <format>

namespace pitstop::crypto {

Owned<BIO> reading(std::string_view text) {
    return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string collected(BIO* memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string take_reason() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    if (code == 0) return "unknown reason";
    if (const char* reason = ERR_reason_error_string(code)) return reason;
    std::array<char, 128> text{};
    ERR_error_string_n(code, text.data(), text.size());
    return text.data();
}

std::unexpected<Error> library_failed(std::string_view operation) {
    return fail(faults::library_failed, std::format("{}: {}", operation, take_reason()));
}

}  // namespace pitstop::crypto
