/* SPDX-License-Identifier: MIT */
/*
 * The QUIC interface of quictls, a derivative of OpenSSL, on top of the one that OpenSSL 3.5 has of its own. msquic is
 * written for quictls; every file of it includes this header first.
 *
 * Both interfaces do the same: TLS messages travel in QUIC's CRYPTO frames, so TLS hands out messages and the secrets
 * of each encryption level, and takes messages in. They differ in who acts:
 *
 *     quictls                                    OpenSSL 3.5
 *     a method table of the SSL_CTX              a dispatch table of each SSL, set once its role is known
 *     messages are pushed in, with their level   messages are pulled out of us, and released when done with
 *     outgoing messages are told their level     the level is that of the last secret for writing
 *     secrets of a level come at once            reading and writing separately, each as soon as known
 *     transport parameters are copied            they must stay where they are
 *
 * What msquic offers and this does not:
 * - 0-RTT, neither offered nor accepted: data that asks for it waits for the handshake. (In OpenSSL 3.5.5 the handshake
 *   of a server that would accept it, but need not, ends before the client's last message is read, and stays there.
 *   Whoever could replay such data is another reason.) Sessions are resumed all the same.
 * - QUIC_PARAM_CONN_TLS_SECRETS, for which msquic insists on both secrets of a level at once, and ends the process
 *   otherwise: nobody may set it.
 * - the transport parameters of drafts before RFC 9000.
 *
 * An SSL is used by one thread at a time, as OpenSSL wants it anyway.
 */
#ifndef QUIC_QUICTLS_H
#define QUIC_QUICTLS_H

#include <openssl/ssl.h>
#include <stddef.h>
#include <stdint.h>

/** Encryption levels. OpenSSL numbers them in the same order. */
typedef enum ssl_encryption_level_t {
	ssl_encryption_initial,
	ssl_encryption_early_data,
	ssl_encryption_handshake,
	ssl_encryption_application,
} OSSL_ENCRYPTION_LEVEL;

/** What TLS calls; everything but 1 is a failure. */
typedef struct ssl_quic_method_st {
	int (*set_encryption_secrets)(SSL *ssl, OSSL_ENCRYPTION_LEVEL level, const uint8_t *read_secret,
				      const uint8_t *write_secret, size_t size);
	int (*add_handshake_data)(SSL *ssl, OSSL_ENCRYPTION_LEVEL level, const uint8_t *data, size_t size);
	int (*flush_flight)(SSL *ssl);
	int (*send_alert)(SSL *ssl, OSSL_ENCRYPTION_LEVEL level, uint8_t alert);
} SSL_QUIC_METHOD;

/** Says what the SSLs of `ctx` shall call; `method` is kept. 1, or 0 when out of memory. */
int quictls_set_method(SSL_CTX *ctx, const SSL_QUIC_METHOD *method);

/**
 * Gives `ssl` our transport parameters, which are copied, and makes it a QUIC one. Comes after its role is set and
 * before its handshake begins. 1, or 0 when that fails.
 */
int quictls_set_transport_params(SSL *ssl, const uint8_t *params, size_t size);

/** Our peer's transport parameters, which last as long as `ssl`; NULL and 0 until they came. */
void quictls_peer_transport_params(const SSL *ssl, const uint8_t **params, size_t *size);

/** Gives TLS a part of the peer's messages. 1, or 0: out of memory, or messages of another level are still unread. */
int quictls_provide(SSL *ssl, OSSL_ENCRYPTION_LEVEL level, const uint8_t *data, size_t size);

/** SSL_do_handshake() that is not misled by what other calls left in the thread's queue of errors. */
int quictls_handshake(SSL *ssl);

/** Reads the messages that follow a handshake: session tickets. 1, or 0 when they were wrong. */
int quictls_post_handshake(SSL *ssl);

/* The names msquic uses. */
#define SSL_CTX_set_quic_method quictls_set_method
#define SSL_set_quic_transport_params quictls_set_transport_params
#define SSL_get_peer_quic_transport_params quictls_peer_transport_params
#define SSL_provide_quic_data quictls_provide
#define SSL_do_handshake quictls_handshake
#define SSL_process_quic_post_handshake quictls_post_handshake
#define SSL_set_quic_early_data_enabled(ssl, use) ((void)(ssl), (void)(use))
#define SSL_set_quic_use_legacy_codepoint(ssl, use) ((void)(ssl), (void)(use))

/* The code points of the extension: RFC 9000, and what drafts used. */
#ifndef TLSEXT_TYPE_quic_transport_parameters
#define TLSEXT_TYPE_quic_transport_parameters 0x39
#endif
#define TLSEXT_TYPE_quic_transport_parameters_draft 0xffa5

#endif
