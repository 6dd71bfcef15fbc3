/* SPDX-License-Identifier: MIT */
/* One request as curl is told of it, and what curl says came of it. */
#include "base/alloc.h"
#include "core.h"
#include "http/net.h"
#include "http/transfer.h"
#include "plat/plat.h"
#include "wire/address.h"

#include <inttypes.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum {
	/** Bytes taken from a connection at a time, and handed over at once at most. */
	READ_BYTES = 64 << 10,
};

/* ------------------------------------------------------------- certificates */

/* Where systems keep the certificates they trust; curl was built without knowing this one. */
static const char *const ca_files[] = {
	"/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, Arch, Gentoo */
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Fedora, RHEL */
	"/etc/pki/tls/certs/ca-bundle.crt",   /* older of them */
	"/etc/ssl/ca-bundle.pem",             /* SUSE */
	"/etc/ssl/cert.pem",                  /* macOS, OpenBSD */
	"/etc/pki/tls/cacert.pem",
};
static const char ca_folder[] = "/etc/ssl/certs";
static const char *ca_file;
static int has_ca_folder;
static pthread_once_t ca_once = PTHREAD_ONCE_INIT;

static void find_certificates(void)
{
	struct plat_stat st;

	for (size_t i = 0; i < sizeof ca_files / sizeof ca_files[0] && !ca_file; i++) {
		if (plat_stat_at(PLAT_CWD, ca_files[i], 1, &st) == 0 && st.kind == CORE_KIND_FILE && st.size > 0)
			ca_file = ca_files[i];
	}
	has_ca_folder = plat_stat_at(PLAT_CWD, ca_folder, 1, &st) == 0 && st.kind == CORE_KIND_DIR;
}

static void set_trust(struct transfer *t)
{
	const int insecure = (t->remote->flags & CORE_REMOTE_INSECURE) != 0;
	const char *file = t->remote->ca_file, *folder = NULL;

	if (!file) {
		pthread_once(&ca_once, find_certificates);
		file = ca_file;
		/* With a file alone curl reads it once, not for every connection. */
		folder = !file && has_ca_folder ? ca_folder : NULL;
	}
	curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYPEER, insecure ? 0L : 1L);
	curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYHOST, insecure ? 0L : 2L);
	curl_easy_setopt(t->easy, CURLOPT_CAINFO, file);
	curl_easy_setopt(t->easy, CURLOPT_CAPATH, folder);
	/* A proxy that is spoken to over TLS is no less to be trusted, whatever the server is. */
	curl_easy_setopt(t->easy, CURLOPT_PROXY_CAINFO, file);
	curl_easy_setopt(t->easy, CURLOPT_PROXY_CAPATH, folder);
	curl_easy_setopt(t->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

/* ---------------------------------------------------------------- callbacks */

static size_t on_header(char *line, size_t one, size_t count, void *context)
{
	return transfer_header(context, line, one * count) == 0 ? one * count : CURL_WRITEFUNC_ERROR;
}

static size_t on_body(char *data, size_t one, size_t count, void *context)
{
	int rc = transfer_body(context, (const uint8_t *)data, one * count);

	return rc == 0 ? one * count : rc > 0 ? CURL_WRITEFUNC_PAUSE : CURL_WRITEFUNC_ERROR;
}

/* curl tells only in words that more bytes came than the answer was to have. */
static int on_words(CURL *easy, curl_infotype type, char *text, size_t len, void *context)
{
	static const char excess[] = "Excess found";
	struct transfer *t = context;

	(void)easy;
	if (type == CURLINFO_TEXT && len >= sizeof excess - 1 && memcmp(text, excess, sizeof excess - 1) == 0)
		t->excess = 1;
	return 0;
}

static int goes_by_proxy(const struct transfer *t)
{
	long used = 0;

	curl_easy_getinfo(t->easy, CURLINFO_USED_PROXY, &used);
	return used != 0;
}

/* Before a connection is made. */
static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct transfer *t = context;
	struct address address;

	/* Where a proxy goes, only the proxy knows. */
	if (purpose == CURLSOCKTYPE_IPCXN && t->guarded && !goes_by_proxy(t) &&
	    (!plat_address(&to->addr, to->addrlen, address.byte) || address_is_private(&address))) {
		t->fault = err_of(CORE_ENETWORK, "fetch", t->side, "the redirect leads to a private address");
		return CURL_SOCKET_BAD;
	}
	int fd = plat_socket(to->family, to->socktype, to->protocol);
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* Before the request is sent, on a new connection or one that is used again. */
static int on_connected(void *context, char *ip, char *own_ip, int port, int own_port)
{
	struct transfer *t = context;

	(void)own_ip;
	(void)port;
	(void)own_port;
	if (t->guarded && !goes_by_proxy(t) && !transfer_allows(t, ip))
		return CURL_PREREQFUNC_ABORT;
	return CURL_PREREQFUNC_OK;
}

/* ------------------------------------------------------------------ request */

static int add_field(struct transfer *t, const char *line)
{
	struct curl_slist *list = curl_slist_append(t->fields, line);

	if (!list)
		return 0;
	t->fields = list;
	return 1;
}

static int is_login(const char *line)
{
	static const char name[] = "authorization:";

	for (size_t i = 0; name[i]; i++) {
		if ((line[i] >= 'A' && line[i] <= 'Z' ? line[i] + 32 : line[i]) != name[i])
			return 0;
	}
	return 1;
}

/* curl takes a name without a value for a field to leave out, and one with a semicolon for an empty field. */
static int add_empty(struct transfer *t, const char *name, size_t len)
{
	char *line = mem_alloc(len + 2);

	if (!line)
		return 0;
	memcpy(line, name, len);
	memcpy(line + len, ";", 2);
	int added = add_field(t, line);
	mem_free(line);
	return added;
}

/* What the caller wants sent: to the origin of the source alone. */
static int add_own_fields(struct transfer *t)
{
	const core_remote *r = t->remote;
	int login = 0;

	for (const char *line = r->headers; line && line < r->headers + r->headers_len; line += strlen(line) + 1) {
		login |= is_login(line);
		const char *colon = strchr(line, ':'), *value = colon + 1;
		while (*value == ' ' || *value == '\t')
			value++;
		if (*value == '\0' ? !add_empty(t, line, (size_t)(colon - line)) : !add_field(t, line))
			return 0;
	}
	return login || !t->authorization || add_field(t, t->authorization);
}

static int add_range(struct transfer *t)
{
	char line[ETAG_BYTES + 32];

	t->range_first = t->resuming ? t->pos : t->want.skip;
	t->range_last = t->stop == UINT64_MAX ? UINT64_MAX : t->stop - 1;
	t->ranged = t->role == ROLE_BODY && !t->no_range && (t->range_first > 0 || t->range_last != UINT64_MAX);
	if (!t->ranged)
		return 1;
	if (t->range_last == UINT64_MAX)
		snprintf(line, sizeof line, "Range: bytes=%" PRIu64 "-", t->range_first);
	else
		snprintf(line, sizeof line, "Range: bytes=%" PRIu64 "-%" PRIu64, t->range_first, t->range_last);
	if (!add_field(t, line))
		return 0;
	if (!t->resuming)
		return 1;
	snprintf(line, sizeof line, "If-Range: %s", t->etag);
	return add_field(t, line);
}

static int add_fields(struct transfer *t)
{
	const int trusts = (t->remote->flags & CORE_REMOTE_TRUST_DIGEST) && t->role == ROLE_HEAD;

	if (!add_field(t, "Accept-Encoding: identity") || !add_range(t))
		return 0;
	/* The second one is what S3 waits for before it tells a checksum. */
	if (trusts && (!add_field(t, "Want-Repr-Digest: sha-512=10, sha-256=9") ||
		       !add_field(t, "x-amz-checksum-mode: ENABLED")))
		return 0;
	return !t->bound || add_own_fields(t);
}

int32_t request_begin(struct transfer *t)
{
	const core_remote *r = t->remote;
	const char *proxy = url_is_tls(&t->at) ? r->proxy_tls : r->proxy;

	if (!t->easy)
		t->easy = curl_easy_init();
	if (!t->easy)
		return CORE_EMEMORY;
	CURL *c = t->easy;
	curl_easy_reset(c);
	if (!add_fields(t)) {
		request_end(t);
		return CORE_EMEMORY;
	}
	t->fault = (struct err){0};
	t->answer = (struct answer){.length = UINT64_MAX};
	t->answered = t->drains = t->excess = t->enough = t->paused = 0;
	t->drained = 0;
	curl_easy_setopt(c, CURLOPT_PRIVATE, t);
	curl_easy_setopt(c, CURLOPT_URL, t->at.text);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(c, CURLOPT_PIPEWAIT, url_is_tls(&t->at) ? 1L : 0L);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "suite");
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, t->fields);
	/* A proxy gets none of the fields that are for the server. */
	curl_easy_setopt(c, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
	curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	if (t->role == ROLE_HEAD)
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
	else
		curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
	/* Empty, not absent: curl would ask the environment, which is the caller's. */
	curl_easy_setopt(c, CURLOPT_PROXY, proxy ? proxy : "");
	curl_easy_setopt(c, CURLOPT_NOPROXY, r->no_proxy ? r->no_proxy : "");
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)r->connect_ms);
	curl_easy_setopt(c, CURLOPT_BUFFERSIZE, (long)READ_BYTES);
	curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, t);
	curl_easy_setopt(c, CURLOPT_PREREQFUNCTION, on_connected);
	curl_easy_setopt(c, CURLOPT_PREREQDATA, t);
	curl_easy_setopt(c, CURLOPT_DEBUGFUNCTION, on_words);
	curl_easy_setopt(c, CURLOPT_DEBUGDATA, t);
	curl_easy_setopt(c, CURLOPT_VERBOSE, 1L);
	set_trust(t);
	int32_t rc = net_add(c);
	if (rc != 0)
		request_end(t);
	return rc;
}

void request_end(struct transfer *t)
{
	if (t->easy) {
		net_remove(t->easy);
		curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, NULL);
	}
	curl_slist_free_all(t->fields);
	t->fields = NULL;
}

/* ------------------------------------------------------------------- errors */

int request_may_recover(struct transfer *t, CURLcode code)
{
	long proxy = 0;

	/* A proxy that has answered meant it. */
	curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &proxy);
	if (proxy >= 300)
		return 0;
	switch (code) {
	case CURLE_COULDNT_CONNECT:
	case CURLE_GOT_NOTHING:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		return 1;
	default:
		return 0;
	}
}

static struct err tls_error(struct transfer *t, CURLcode code)
{
	long verdict = 0;
	const char *why = curl_easy_strerror(code);

	curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &verdict);
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		/* curl compares the names itself, before it asks OpenSSL for its verdict. */
		why = verdict == X509_V_OK || verdict == X509_V_ERR_UNSPECIFIED
			      ? "the certificate is for another host"
			      : X509_verify_cert_error_string(verdict);
	if (code == CURLE_PEER_FAILED_VERIFICATION && !t->remote->ca_file && !ca_file && !has_ca_folder)
		why = "this system has no trusted certificates where they are looked for: name a file of them";
	else if (code == CURLE_SSL_CACERT_BADFILE)
		why = "the file of trusted certificates cannot be used";
	else if (code == CURLE_SSL_CONNECT_ERROR)
		why = "the TLS handshake failed";
	return err_of(CORE_ETLS, "connect", t->side, why);
}

static struct err connect_error(struct transfer *t)
{
	struct err e = err_of(CORE_ENETWORK, "connect", t->side, NULL);
	long sys = 0, proxy = 0;

	curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &sys);
	curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &proxy);
	e.sys = (int32_t)sys;
	e.n = (uint64_t)proxy;
	if (proxy >= 300)
		e.detail = "the proxy answered {n}";
	else if (sys == 0)
		e.detail = "no connection";
	return e;
}

struct err request_error(struct transfer *t, CURLcode code)
{
	struct err e = err_of(CORE_ENETWORK, "fetch", t->side, curl_easy_strerror(code));

	if (t->fault.code != 0)
		return t->fault;
	e.n = t->got;
	e.m = t->answer.length;
	switch (code) {
	case CURLE_OUT_OF_MEMORY:
		return err_of(CORE_EMEMORY, "fetch", t->side, "out of memory");
	case CURLE_OPERATION_TIMEDOUT:
		e.code = CORE_ETIMEOUT;
		e.op = "connect";
		e.n = t->remote->connect_ms;
		e.detail = "no connection within {s} s";
		return e;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_USE_SSL_FAILED:
		return tls_error(t, code);
	case CURLE_COULDNT_CONNECT:
	case CURLE_PROXY:
		return connect_error(t);
	case CURLE_COULDNT_RESOLVE_HOST:
		e.op = "connect";
		e.detail = "the name of the host is not known";
		return e;
	case CURLE_COULDNT_RESOLVE_PROXY:
		e.op = "connect";
		e.detail = "the name of the proxy is not known";
		return e;
	case CURLE_GOT_NOTHING:
		e.detail = "the server closed the connection without an answer";
		return e;
	case CURLE_UNSUPPORTED_PROTOCOL:
		e.detail = "the answer is not HTTP";
		return e;
	case CURLE_WEIRD_SERVER_REPLY:
		e.detail = "the answer breaks the rules of HTTP";
		return e;
	case CURLE_TOO_LARGE:
		e.detail = "the header of the answer is too long";
		return e;
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		if (!t->answered)
			e.detail = "the connection broke before the answer";
		else if (t->answer.length != UINT64_MAX)
			e.detail = "the connection broke after {n} of {m} bytes";
		else
			e.detail = "the connection broke after {n} bytes";
		return e;
	default:
		return e;
	}
}
