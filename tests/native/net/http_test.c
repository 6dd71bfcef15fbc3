/* SPDX-License-Identifier: MIT */
/* http/: the reader of URLs, where redirects lead, and where they must not. */
#include "http/reader_http.h"
#include "http/transfer.h"
#include "http/url.h"

#include "base/alloc.h"
#include "check.h"
#include "conformance.h"
#include "net/http_server.h"
#include "plat/plat.h"
#include "wire/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ------------------------------------------------------------------ reader */

static const char *root;
static struct opener *opener;

static void open_url(struct reader *r, const uint8_t *bytes, size_t len, int chunked, int size_first)
{
	const struct reader_want want = {.size_first = size_first};
	struct err e;
	char *shown;

	if (!root)
		root = http_server_start();
	http_content = (struct http_content){bytes, len, chunked};
	const char *url = check_text("%sx?secret=1#part", root);
	CHECK_EQ(http_opener_new(&opener, (const uint8_t *)url, strlen(url), NULL, &shown), 0);
	CHECK_TEXT(shown, check_text("%sx?...", root));
	mem_free(shown);
	CHECK_EQ(opener->ops->open(opener, r, &want, 1, &e), 0);
	opener->ops->del(opener);
}

static void open_plain(struct reader *r, const uint8_t *bytes, size_t len)
{
	open_url(r, bytes, len, 0, 0);
}

static void open_sized(struct reader *r, const uint8_t *bytes, size_t len)
{
	open_url(r, bytes, len, 0, 1);
}

static void open_chunked(struct reader *r, const uint8_t *bytes, size_t len)
{
	open_url(r, bytes, len, 1, 0);
}

static void wait_a_moment(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
}

/* The thread frees a transfer some time after its reader was closed. */
static void all_gone(void)
{
	const uint64_t start = plat_now();

	while (http_count() > 0) {
		if (plat_now() - start > 20000000000u)
			FAIL("a transfer stays");
		wait_a_moment();
	}
}

static void conforms(void)
{
	static const struct reader_kind kinds[] = {
		{"http", open_plain, wait_a_moment, all_gone, NULL, 0, 1, 0},
		{"http, its size first", open_sized, wait_a_moment, all_gone, NULL, 0, 1, 0},
		{"http in chunks", open_chunked, wait_a_moment, all_gone, NULL, 0, 0, 0},
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		reader_conforms(&kinds[i]);
}

static enum step no_step(struct task *t)
{
	(void)t;
	return STEP_DONE;
}

static struct task task = {.step = no_step};

/* Closed at every stage, it leaves nothing, and wakes nobody afterwards. */
static void closed_at_any_time(void)
{
	static uint8_t bytes[1 << 20], buf[4096];
	struct reader r;
	struct err e;
	size_t got;

	for (int stage = 0; stage < 200; stage++) {
		open_url(&r, bytes, sizeof bytes, stage % 3 == 0, stage % 2);
		for (int i = 0; i < stage % 20; i++) {
			if (reader_ready(&r, &task, &e) == 0)
				break;
			wait_a_moment();
		}
		if (stage > 100 && reader_ready(&r, &task, &e) == 0) {
			for (int i = 0; i < stage % 30; i++) {
				if (reader_next(&r, &task, buf, sizeof buf, &got, &e) == READER_WAIT)
					wait_a_moment();
			}
		}
		reader_close(&r);
	}
	all_gone();
	CHECK_EQ(mem_bytes(), 0);
}

static void refuses_what_is_no_url(void)
{
	static const char *const wrong[] = {"", "x", "//x/", "ftp://x/", "file:///x", "http://", "http://a b/", "http://x:99999/"};
	struct opener *none = NULL;
	char *shown;

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		if (http_opener_new(&none, (const uint8_t *)wrong[i], strlen(wrong[i]), NULL, &shown) != CORE_EUSAGE)
			FAIL("%s", wrong[i]);
	}
	CHECK_EQ(http_opener_new(&none, (const uint8_t *)"http://x/\0y", 11, NULL, &shown), CORE_EUSAGE);
	for (uint64_t nth = 1; nth < 40; nth++) {
		mem_fail_at(nth);
		int32_t rc = http_opener_new(&none, (const uint8_t *)"http://u:p@x/?q", 15, NULL, &shown);
		mem_fail_at(0);
		if (rc == 0) {
			none->ops->del(none);
			mem_free(shown);
			CHECK_EQ(mem_bytes(), 0);
			return;
		}
		CHECK_EQ(rc, CORE_EMEMORY);
		CHECK_EQ(mem_bytes(), 0);
	}
	FAIL("it never succeeds");
}

/* -------------------------------------------------------------------- URLs */

static void urls(void)
{
	static const struct {
		const char *from, *location, *to;
		int same;
	} cases[] = {
		{"http://h/a/b?c#d", "e", "http://h/a/e", 1},
		{"http://h/a/b", "/e f", "http://h/e%20f", 1},
		{"http://h/a/b", "?q", "http://h/a/b?q", 1},
		{"http://h/a", "//g/x", "http://g/x", 0},
		{"http://h/a", "https://h/a", "https://h/a", 0},
		{"http://h/a", "http://h:80/b", "http://h:80/b", 1},
		{"http://h/a", "http://h:81/b", "http://h:81/b", 0},
		{"http://h/a", "HTTP://H/b", "http://H/b", 1},
		{"http://h/a", "http://user:word@h/b#x", "http://h/b", 1},
		{"http://h/a", "http://h.evil/b", "http://h.evil/b", 0},
		{"https://[::1]:4/a", "https://[::1]:4/b", "https://[::1]:4/b", 1},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct url from, to;
		char *login;
		CHECK_EQ(url_parse(&from, cases[i].from, &login), 0);
		CHECK(login == NULL);
		CHECK_EQ(url_follow(&to, &from, cases[i].location), 0);
		CHECK_TEXT(to.text, cases[i].to);
		if (url_same_origin(&from, &to) != cases[i].same)
			FAIL("%s and %s", cases[i].from, cases[i].location);
		url_free(&from);
		url_free(&to);
	}
	struct url u;
	char *login, *shown;
	CHECK_EQ(url_parse(&u, "https://us%20er:p%40ss@h:8443/a?key=1#f", &login), 0);
	CHECK_TEXT(login, "us er:p@ss");
	CHECK_TEXT(u.text, "https://h:8443/a?key=1");
	CHECK_EQ(u.port, 8443);
	CHECK(url_is_tls(&u));
	shown = url_shown(&u);
	CHECK_TEXT(shown, "https://h:8443/a?...");
	mem_free(shown);
	url_free(&u);
	url_free_login(login);
	CHECK_EQ(mem_bytes(), 0);
}

/* ------------------------------------------------------------------- guard */

/* What a socket is about to be connected to, as the system says it. */
static void socket_addresses(void)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct address a;

	CHECK(plat_address(&v4, sizeof v4, a.byte) && address_is_private(&a));
	CHECK(plat_address(&v6, sizeof v6, a.byte) && address_is_private(&a));
	CHECK(!plat_address(&v6, sizeof v4, a.byte));
	CHECK(!plat_address(&v4, 1, a.byte));
}

static void guard(void)
{
	struct transfer *t = transfer_new();

	CHECK(t);
	CHECK(transfer_allows(t, "8.8.8.8"));
	CHECK_EQ(t->fault.code, 0);
	/* What cannot be read is not public for sure. */
	static const char *const not[] = {"10.0.0.1", "::1", "nonsense", "", NULL};
	for (size_t i = 0; i < sizeof not / sizeof not[0]; i++) {
		t->fault = (struct err){0};
		CHECK(!transfer_allows(t, not[i]));
		CHECK_EQ(t->fault.code, CORE_ENETWORK);
	}
	transfer_free(t);
}

int main(void)
{
	TEST("C-02 reader conformance, http", conforms);
	TEST("http readers closed at any time", closed_at_any_time);
	TEST("http what is no URL", refuses_what_is_no_url);
	TEST("http where a redirect leads", urls);
	TEST("CX-13 addresses of sockets", socket_addresses);
	TEST("CX-13 nothing is sent to what is not public", guard);
	return check_end();
}
