/* SPDX-License-Identifier: MIT */
#include "io/remote.h"

#include "base/alloc.h"

#include <stdatomic.h>
#include <string.h>

enum { CONNECT_MS = 30000, IDLE_MS = 60000, REDIRECTS = 10, RETRIES = 3 };

/* Bytes of a name of a header: RFC 9110, section 5.6.2. */
static int is_token(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c != 0 && strchr("!#$%&'*+-.^_`|~", c));
}

static int same_name(const uint8_t *name, size_t len, const char *lower)
{
	size_t i = 0;

	for (; i < len && lower[i]; i++) {
		uint8_t c = name[i];
		if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != (uint8_t)lower[i])
			return 0;
	}
	return i == len && lower[i] == '\0';
}

/*
 * A line `Name: value` that may be sent as it is. What decides where a
 * message ends, or which bytes are asked for, is not the caller's to say.
 */
static int is_header(const uint8_t *line, size_t len)
{
	static const char *const ours[] = {
		"accept-encoding", "connection", "content-length", "expect", "http2-settings", "if-match",
		"if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "keep-alive",
		"proxy-connection", "range", "te", "trailer", "transfer-encoding", "upgrade",
	};
	size_t name = 0;

	while (name < len && is_token(line[name]))
		name++;
	if (name == 0 || name == len || line[name] != ':')
		return 0;
	for (size_t i = name; i < len; i++) {
		if ((line[i] < 0x20 && line[i] != '\t') || line[i] == 0x7f)
			return 0;
	}
	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
		if (same_name(line, name, ours[i]))
			return 0;
	}
	return 1;
}

static int are_headers(const uint8_t *lines, uint64_t len)
{
	while (len > 0) {
		const uint8_t *end = memchr(lines, 0, len);
		if (!end || !is_header(lines, (size_t)(end - lines)))
			return 0;
		len -= (uint64_t)(end - lines) + 1;
		lines = end + 1;
	}
	return 1;
}

/* Copies text: 0, CORE_EUSAGE when it holds a NUL, CORE_EMEMORY. */
static int32_t copy(char **to, const uint8_t *from, uint64_t len)
{
	if (len == 0)
		return 0;
	if (memchr(from, 0, len))
		return CORE_EUSAGE;
	*to = mem_alloc(len + 1);
	if (!*to)
		return CORE_EMEMORY;
	memcpy(*to, from, len);
	(*to)[len] = '\0';
	return 0;
}

static int32_t fill(core_remote *r, const struct core_remote_opts *o)
{
	int32_t rc = copy(&r->proxy, o->proxy, o->proxy_len);

	if (rc == 0)
		rc = copy(&r->proxy_tls, o->proxy_tls, o->proxy_tls_len);
	if (rc == 0)
		rc = copy(&r->no_proxy, o->no_proxy, o->no_proxy_len);
	if (rc == 0)
		rc = copy(&r->ca_file, o->ca_file, o->ca_file_len);
	if (rc == 0 && o->headers_len > 0) {
		r->headers = mem_alloc(o->headers_len);
		if (!r->headers)
			return CORE_EMEMORY;
		memcpy(r->headers, o->headers, o->headers_len);
		r->headers_len = o->headers_len;
	}
	return rc;
}

int32_t core_remote_new(core_remote **out, const struct core_remote_opts *opts)
{
	const uint32_t all = CORE_REMOTE_NO_REDIRECTS | CORE_REMOTE_INSECURE | CORE_REMOTE_PRIVATE_REDIRECTS |
			     CORE_REMOTE_TRUST_DIGEST;

	if (opts->size != sizeof *opts || (opts->flags & ~all) || !are_headers(opts->headers, opts->headers_len))
		return CORE_EUSAGE;
	core_remote *r = mem_zalloc(1, sizeof *r);
	if (!r)
		return CORE_EMEMORY;
	atomic_init(&r->refs, 1);
	r->flags = opts->flags;
	r->timeout_ms = opts->timeout_ms;
	r->connect_ms = opts->connect_timeout_ms ? opts->connect_timeout_ms : CONNECT_MS;
	r->idle_ms = opts->idle_timeout_ms ? opts->idle_timeout_ms : IDLE_MS;
	r->redirects = opts->redirects ? opts->redirects : REDIRECTS;
	r->retries = opts->retries == UINT32_MAX ? 0 : opts->retries ? opts->retries : RETRIES;
	int32_t rc = fill(r, opts);
	if (rc != 0) {
		remote_unref(r);
		return rc;
	}
	*out = r;
	return 0;
}

void core_remote_del(core_remote *remote)
{
	remote_unref(remote);
}

void remote_ref(core_remote *r)
{
	atomic_fetch_add(&r->refs, 1);
}

void remote_unref(core_remote *r)
{
	if (!r || atomic_fetch_sub(&r->refs, 1) != 1)
		return;
	mem_free(r->headers);
	mem_free(r->proxy);
	mem_free(r->proxy_tls);
	mem_free(r->no_proxy);
	mem_free(r->ca_file);
	mem_free(r);
}
