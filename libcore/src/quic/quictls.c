/* SPDX-License-Identifier: MIT */
#include "quic/quictls.h"

#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdbool.h>
#include <string.h>

/* Here OpenSSL's own function is meant. */
#undef SSL_do_handshake

/** What the peer sent in one go. TLS keeps pointing into it until it is released, so it never moves. */
struct piece {
	struct piece *next;
	size_t size;
	uint8_t data[];
};

/** What belongs to one SSL. */
struct state {
	const SSL_QUIC_METHOD *method;
	/** The level that messages are sent at. */
	OSSL_ENCRYPTION_LEVEL send_level;
	/** Pieces not yet released, oldest first, all of one level. */
	struct piece *first, *last;
	OSSL_ENCRYPTION_LEVEL level;
	/** Ours, where OpenSSL looks for them. */
	uint8_t *params;
	uint8_t *peer_params;
	size_t peer_size;
};

static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
static int ctx_index = -1, ssl_index = -1;

static void free_state(void *parent, void *ptr, CRYPTO_EX_DATA *data, int index, long arg, void *more)
{
	struct state *state = ptr;

	(void)parent, (void)data, (void)index, (void)arg, (void)more;
	if (!state)
		return;
	while (state->first) {
		struct piece *next = state->first->next;

		OPENSSL_free(state->first);
		state->first = next;
	}
	OPENSSL_free(state->params);
	OPENSSL_free(state->peer_params);
	OPENSSL_free(state);
}

static void make_indices(void)
{
	ctx_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	ssl_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, free_state);
}

static struct state *state_of(const SSL *ssl)
{
	return ssl_index < 0 ? NULL : SSL_get_ex_data(ssl, ssl_index);
}

/** The state of `ssl`, made when there is none; NULL when out of memory. */
static struct state *make_state(SSL *ssl)
{
	struct state *state = state_of(ssl);

	if (state || !CRYPTO_THREAD_run_once(&once, make_indices) || ssl_index < 0)
		return state;
	state = OPENSSL_zalloc(sizeof *state);
	if (!state)
		return NULL;
	if (SSL_set_ex_data(ssl, ssl_index, state) != 1) {
		OPENSSL_free(state);
		return NULL;
	}
	return state;
}

/** Replaces `*at` by a copy; false when out of memory. */
static bool keep(uint8_t **at, const uint8_t *data, size_t size)
{
	uint8_t *copy = OPENSSL_malloc(size ? size : 1);

	if (!copy)
		return false;
	if (size)
		memcpy(copy, data, size);
	OPENSSL_free(*at);
	*at = copy;
	return true;
}

/* What OpenSSL calls. Each returns 1, or 0 for an error that ends the handshake. */

static int on_send(SSL *ssl, const unsigned char *data, size_t size, size_t *consumed, void *arg)
{
	const struct state *state = arg;

	if (state->method->add_handshake_data(ssl, state->send_level, data, size) != 1)
		return 0;
	*consumed = size;
	return state->method->flush_flight(ssl) == 1;
}

static int on_receive(SSL *ssl, const unsigned char **data, size_t *size, void *arg)
{
	const struct state *state = arg;

	(void)ssl;
	*data = state->first ? state->first->data : NULL;
	*size = state->first ? state->first->size : 0;
	return 1;
}

static int on_release(SSL *ssl, size_t size, void *arg)
{
	struct state *state = arg;
	struct piece *piece = state->first;

	(void)ssl;
	/* A piece is released as a whole; anything else would be a misunderstanding. */
	if (!piece || piece->size != size)
		return 0;
	state->first = piece->next;
	OPENSSL_free(piece);
	return 1;
}

static int on_secret(SSL *ssl, uint32_t level, int writing, const unsigned char *secret, size_t size, void *arg)
{
	struct state *state = arg;
	const OSSL_ENCRYPTION_LEVEL of = (OSSL_ENCRYPTION_LEVEL)level;

	if (state->method->set_encryption_secrets(ssl, of, writing ? NULL : secret, writing ? secret : NULL, size) != 1)
		return 0;
	/* No message is ever sent as early data. */
	if (writing && of != ssl_encryption_early_data)
		state->send_level = of;
	return 1;
}

static int on_transport_params(SSL *ssl, const unsigned char *params, size_t size, void *arg)
{
	struct state *state = arg;

	(void)ssl;
	if (!keep(&state->peer_params, params, size))
		return 0;
	state->peer_size = size;
	return 1;
}

static int on_alert(SSL *ssl, unsigned char alert, void *arg)
{
	const struct state *state = arg;

	return state->method->send_alert(ssl, state->send_level, alert) == 1;
}

/* Each entry holds a function under another type than its own, by which OpenSSL knows it again. */
#define ENTRY(id, fn) {id, (void (*)(void))(fn)}
static const OSSL_DISPATCH callbacks[] = {
	ENTRY(OSSL_FUNC_SSL_QUIC_TLS_CRYPTO_SEND, on_send),
	ENTRY(OSSL_FUNC_SSL_QUIC_TLS_CRYPTO_RECV_RCD, on_receive),
	ENTRY(OSSL_FUNC_SSL_QUIC_TLS_CRYPTO_RELEASE_RCD, on_release),
	ENTRY(OSSL_FUNC_SSL_QUIC_TLS_YIELD_SECRET, on_secret),
	ENTRY(OSSL_FUNC_SSL_QUIC_TLS_GOT_TRANSPORT_PARAMS, on_transport_params),
	ENTRY(OSSL_FUNC_SSL_QUIC_TLS_ALERT, on_alert),
	OSSL_DISPATCH_END,
};

int quictls_set_method(SSL_CTX *ctx, const SSL_QUIC_METHOD *method)
{
	if (!CRYPTO_THREAD_run_once(&once, make_indices) || ctx_index < 0)
		return 0;
	/* OpenSSL keeps it as something it may change, and does not. */
	return SSL_CTX_set_ex_data(ctx, ctx_index, (void *)(uintptr_t)method);
}

int quictls_set_transport_params(SSL *ssl, const uint8_t *params, size_t size)
{
	const SSL_CTX *ctx = SSL_get_SSL_CTX(ssl);
	struct state *state = make_state(ssl);

	if (!state || ctx_index < 0)
		return 0;
	state->method = SSL_CTX_get_ex_data(ctx, ctx_index);
	if (!state->method || !keep(&state->params, params, size))
		return 0;
	/* Tickets that promised 0-RTT would be a lie. */
	if (SSL_is_server(ssl) && SSL_set_max_early_data(ssl, 0) != 1)
		return 0;
	/* Only now: OpenSSL notes the role here, and before SSL_set_connect_state() everything is a server. */
	return SSL_set_quic_tls_cbs(ssl, callbacks, state) == 1 &&
	       SSL_set_quic_tls_transport_params(ssl, state->params, size) == 1;
}

void quictls_peer_transport_params(const SSL *ssl, const uint8_t **params, size_t *size)
{
	const struct state *state = state_of(ssl);

	*params = state ? state->peer_params : NULL;
	*size = state ? state->peer_size : 0;
}

int quictls_provide(SSL *ssl, OSSL_ENCRYPTION_LEVEL level, const uint8_t *data, size_t size)
{
	struct state *state = state_of(ssl);
	struct piece *piece;

	/* RFC 9001, 4.1.3: messages of a level must be read to their end before those of the next. */
	if (!state || (state->first && state->level != level))
		return 0;
	if (size == 0)
		return 1;
	if (size > SIZE_MAX - sizeof *piece || !(piece = OPENSSL_malloc(sizeof *piece + size)))
		return 0;
	piece->next = NULL;
	piece->size = size;
	memcpy(piece->data, data, size);
	if (state->first)
		state->last->next = piece;
	else
		state->first = piece;
	state->last = piece;
	state->level = level;
	return 1;
}

int quictls_handshake(SSL *ssl)
{
	ERR_clear_error();
	return SSL_do_handshake(ssl);
}

int quictls_post_handshake(SSL *ssl)
{
	const struct state *state = state_of(ssl);
	const struct piece *before = NULL;

	/* One call may stop after one message. */
	while (state && state->first && state->first != before) {
		before = state->first;
		ERR_clear_error();
		const int got = SSL_read(ssl, NULL, 0);
		if (got <= 0 && SSL_get_error(ssl, got) != SSL_ERROR_WANT_READ)
			return 0;
	}
	return 1;
}
