#include "io/mqtt/handshake.h"

#include "io/tls/faults.h"

#include <openssl/ssl.h>

namespace pitstop::io::mqtt {
namespace {

using Notes = std::shared_ptr<Handshake>;

void drop_notes(void* /*parent*/, void* notes, CRYPTO_EX_DATA* /*data*/, int /*index*/, long /*number*/,
                void* /*pointer*/) {
    delete static_cast<Notes*>(notes);
}

int notes_index() {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, drop_notes);
    return index;
}

void on_info(const SSL* connection, int where, int value) {
    const auto* notes = static_cast<const Notes*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), notes_index()));
    if (notes == nullptr) return;
    Handshake& handshake = **notes;
    if ((where & SSL_CB_HANDSHAKE_START) != 0 && SSL_is_init_finished(connection) == 0) handshake.alert.clear();
    // OpenSSL gives the connection as const here; reading what was negotiated does not change it.
    if ((where & SSL_CB_HANDSHAKE_DONE) != 0) handshake.negotiated = tls::negotiated(const_cast<SSL*>(connection));
    const bool is_read_alert = (where & SSL_CB_ALERT) != 0 && (where & SSL_CB_READ) != 0;
    if (is_read_alert && (value >> 8) == SSL3_AL_FATAL) handshake.alert = SSL_alert_desc_string_long(value);
}

}  // namespace

Result<void> watch_handshakes(SSL_CTX* context, std::shared_ptr<Handshake> notes) {
    auto kept = std::make_unique<Notes>(std::move(notes));
    if (notes_index() < 0 || SSL_CTX_set_ex_data(context, notes_index(), kept.get()) != 1)
        return fail(tls::faults::cannot_configure, "watch handshakes");
    (void)kept.release();  // the context's now
    SSL_CTX_set_info_callback(context, on_info);
    return {};
}

}  // namespace pitstop::io::mqtt
