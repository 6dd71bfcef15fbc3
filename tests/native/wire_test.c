/* SPDX-License-Identifier: MIT */
/* wire/: what servers write, taken apart: header fields, answers, addresses. */
#include "check.h"
#include "wire/address.h"
#include "wire/answer.h"
#include "wire/field.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* --------------------------------------------------------------- addresses */

static void addresses(void)
{
	static const char *const private[] = {
		"0.0.0.0", "0.1.2.3", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
		"127.255.255.255", "169.254.0.1", "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.1",
		"192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255",
		"198.51.100.9", "203.0.113.7", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::2", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:7f00:1", "64:ff9b::1",
		"64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1", "2001::1", "2001:1ff:ffff::", "2001:db8::1", "2002::",
		"2002:808:808::1", "3fff::1", "3fff:fff:ffff::", "4000::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1",
		"fe80::1%eth0", "febf::1", "fec0::1", "ff02::1", "[::1]", "1::",
	};
	static const char *const public[] = {
		"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
		"128.0.0.1", "169.253.0.1", "169.255.0.1", "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.167.255.255",
		"192.169.0.0", "198.17.0.1", "198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8", "2000::1", "2001:200::1",
		"2001:4860:4860::8888", "2001:db9::1", "2003::1", "2606:4700::1111", "3ffe::1", "3fff:1000::1", "[2003::1]",
	};
	static const char *const none[] = {
		"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.04", "1.2.3.4 ", " 1.2.3.4", "1..2.3",
		"1.2.3.", "0x7f.0.0.1", "a.b.c.d", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
		"12345::", "::g", "::1:", "1:2:3:4:5:6:7::8:9", "::1.2.3", "1:2:3:4:5:6:7:1.2.3.4", "[::1", "1.2.3.4%eth0",
		"localhost", "::1.2.3.4.5", "1:2:3:4:5:6:7:8::",
	};
	struct address a;

	for (size_t i = 0; i < sizeof private / sizeof private[0]; i++) {
		if (!address_parse(private[i], strlen(private[i]), &a) || !address_is_private(&a))
			FAIL("%s", private[i]);
	}
	for (size_t i = 0; i < sizeof public / sizeof public[0]; i++) {
		if (!address_parse(public[i], strlen(public[i]), &a) || address_is_private(&a))
			FAIL("%s", public[i]);
	}
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		if (address_parse(none[i], strlen(none[i]), &a))
			FAIL("%s", none[i]);
	}
	CHECK(name_is_local("localhost", 9) && name_is_local("LocalHost.", 10) && name_is_local("a.localhost", 11));
	CHECK(!name_is_local("localhost.example", 17) && !name_is_local("notlocalhost", 12) && !name_is_local("", 0));
}

/* Text of ours and of the system are the same address. */
static void addresses_as_the_system_reads_them(void)
{
	uint64_t rng = 7;
	struct address a;

	for (unsigned i = 0; i < 20000; i++) {
		struct in6_addr six;
		char text[INET6_ADDRSTRLEN];
		for (size_t b = 0; b < 16; b++) {
			rng = rng * 6364136223846793005u + 1442695040888963407u;
			/* Many zeros, for they are what is written short. */
			six.s6_addr[b] = rng >> 61 < 5 ? 0 : (uint8_t)(rng >> 40);
		}
		CHECK(inet_ntop(AF_INET6, &six, text, sizeof text));
		CHECK(address_parse(text, strlen(text), &a));
		CHECK(memcmp(a.byte, &six, 16) == 0);
		CHECK(inet_ntop(AF_INET, &six.s6_addr[4], text, sizeof text));
		CHECK(address_parse(text, strlen(text), &a));
		CHECK(memcmp(a.byte + 12, &six.s6_addr[4], 4) == 0 && a.byte[10] == 0xff && a.byte[0] == 0);
	}
}

/* ------------------------------------------------------------------ fields */

static int range(const char *text, struct content_range *r)
{
	return field_content_range(text, strlen(text), r);
}

static void content_ranges(void)
{
	static const char *const wrong[] = {
		"", "bytes", "bytes ", "bytes 0-1", "bytes 0-1/", "bytes 1-0/5", "bytes 0-5/5", "bytes 0-4/5x", "bytes 0-4/5 ",
		"bytes */*", "bytes */", "bytes -1/5", "bytes 0-/5", "items 0-1/5", "bytes=0-1/5", "bytes 0-1/x",
		"bytes 0-1/99999999999999999999", "bytes 99999999999999999999-1/5",
	};
	struct content_range r;

	CHECK(range("bytes 0-4/5", &r) && r.satisfied && r.first == 0 && r.last == 4 && r.total == 5);
	CHECK(range("BYTES  7-7/*", &r) && r.satisfied && r.first == 7 && r.last == 7 && r.total == UINT64_MAX);
	CHECK(range("bytes */5", &r) && !r.satisfied && r.total == 5);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		if (range(wrong[i], &r))
			FAIL("%s", wrong[i]);
	}
}

static void simple_fields(void)
{
	uint64_t n;

	CHECK(field_length("0", 1, &n) && n == 0);
	CHECK(field_length("123456789012345678", 18, &n) && n == 123456789012345678);
	CHECK(!field_length("", 0, &n) && !field_length("-1", 2, &n) && !field_length("1 ", 2, &n) && !field_length("+1", 2, &n));
	CHECK(!field_length("1,1", 3, &n) && !field_length("99999999999999999999", 20, &n));
	CHECK(field_is_identity("", 0) && field_is_identity("identity", 8) && field_is_identity("Identity", 8));
	CHECK(!field_is_identity("gzip", 4) && !field_is_identity("identity, gzip", 14));
	CHECK(field_is_strong("\"\"", 2) && field_is_strong("\"a b\"", 5));
	CHECK(!field_is_strong("W/\"a\"", 5) && !field_is_strong("a", 1) && !field_is_strong("\"", 1) && !field_is_strong("\"a\"b\"", 5));
}

static int after(const char *text, int64_t now, uint64_t *out)
{
	return field_retry_after(text, strlen(text), now, out);
}

static void retry_after(void)
{
	static const char *const wrong[] = {
		"", "-1", "1s", "soon", "Sun", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 24:49:37 GMT",
		"Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 6 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
	};
	uint64_t s;

	CHECK(after("0", 5, &s) && s == 0);
	CHECK(after("120", 5, &s) && s == 120);
	CHECK(after("Sun, 06 Nov 1994 08:49:37 GMT", 784111777, &s) && s == 0);
	CHECK(after("Sun, 06 Nov 1994 08:49:37 GMT", 784111770, &s) && s == 7);
	CHECK(after("Sun, 06 Nov 1994 08:49:37 GMT", 784111790, &s) && s == 0);
	CHECK(after("Thu, 01 Jan 1970 00:00:10 GMT", 0, &s) && s == 10);
	CHECK(after("Thu, 29 Feb 2024 12:00:00 GMT", 1709208000 - 1, &s) && s == 1);
	CHECK(after("Fri, 01 Mar 2024 00:00:00 GMT", 1709251200 - 1, &s) && s == 1);
	CHECK(after("Fri, 31 Dec 9999 23:59:59 GMT", 253402300799 - 3, &s) && s == 3);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		if (after(wrong[i], 0, &s))
			FAIL("%s", wrong[i]);
	}
}

/* Which kinds a field adds, as bits; `conflicts` as they were and become. */
static uint32_t digests_of(const char *text, struct digest_set *set, uint32_t *conflicts)
{
	field_repr_digest(text, strlen(text), set, conflicts);
	return set->have;
}

static void repr_digests(void)
{
#define ABC256 "sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:"
#define NIL256 "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"
	static const uint32_t bit = 1u << DIGEST_SHA256;
	static const char *const right[] = {
		ABC256, " " ABC256 "\t", ABC256 ";a;b=1;c=\"x,y\\\"\"", "md5=:AA==:," ABC256, ABC256 " ,\tmd5=::", NIL256 "," NIL256,
		"*x-1_y.z=:AA==:, " ABC256,
	};
	static const char *const wrong[] = {
		"", " ", "sha-256", "sha-256=", "sha-256=:", "sha-256=::", "sha-256=:AA==:", "SHA-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:",
		"sha-256=ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", ABC256 ",", ABC256 ",,md5=:AA==:", "," ABC256, ABC256 " md5=:AA==:",
		ABC256 ", md5=1", ABC256 ";", ABC256 ";=1", ABC256 ";a=\"x", "sha-256 =:AA==:", "sha-256=:ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0=:",
		"sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0:", NIL256 ", " ABC256,
	};

	for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
		struct digest_set set = {0};
		uint32_t conflicts = 0;
		if (digests_of(right[i], &set, &conflicts) != bit)
			FAIL("%s", right[i]);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct digest_set set = {0};
		uint32_t conflicts = 0;
		if (digests_of(wrong[i], &set, &conflicts) != 0)
			FAIL("%s", wrong[i]);
	}
	/* Two that differ stay dropped, whatever comes later. */
	struct digest_set set = {0};
	uint32_t conflicts = 0;
	CHECK_EQ(digests_of(ABC256, &set, &conflicts), bit);
	CHECK_EQ(set.bytes[DIGEST_SHA256][0], 0xba);
	CHECK_EQ(digests_of(NIL256, &set, &conflicts), 0);
	CHECK_EQ(digests_of(ABC256, &set, &conflicts), 0);
	field_checksum(DIGEST_CRC64NVME, "iPiXqxyDcXw=", 12, &set, &conflicts);
	field_checksum(DIGEST_CRC64NVME, "iPiXqxyDcX", 10, &set, &conflicts);
	CHECK_EQ(set.have, 1u << DIGEST_CRC64NVME);
}

static int takes(struct answer *a, const char *lines)
{
	*a = (struct answer){.length = UINT64_MAX};
	for (const char *line = lines; *line;) {
		const char *end = strchr(line, '\n') + 1;
		int rc = answer_line(a, line, (size_t)(end - line), 0);
		if (rc != 0)
			return rc;
		line = end;
	}
	return 0;
}

static void answers(void)
{
	struct answer a;

	CHECK_EQ(takes(&a, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"x\"\r\n\r\n"), 1);
	CHECK(a.status == 200 && a.length == 5 && !a.framed && !a.contradicts);
	CHECK_TEXT(a.etag, "\"x\"");
	CHECK_EQ(takes(&a, "HTTP/2 206 \r\ncontent-range: bytes 0-0/1\r\netag: W/\"x\"\r\n\r\n"), 1);
	CHECK(a.status == 206 && a.framed && a.has_range && a.length == UINT64_MAX && a.etag[0] == '\0');
	CHECK_EQ(takes(&a, "HTTP/1.1 100 Continue\r\nETag: \"x\"\r\n\r\nHTTP/1.1 404 No\r\n\r\n"), 1);
	CHECK(a.status == 404 && a.etag[0] == '\0' && a.bytes > 50);
	CHECK_EQ(takes(&a, "HTTP/1.1 200\r\nContent-Length: 5\r\ncontent-length: 5\r\n\r\n"), 1);
	CHECK(a.status == 200 && a.length == 5 && !a.contradicts);
	CHECK_EQ(takes(&a, "HTTP/1.1 200\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"), 1);
	CHECK(a.contradicts);
	CHECK_EQ(takes(&a, "HTTP/1.1 200\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"), 1);
	CHECK(a.encoded);
	CHECK_EQ(takes(&a, "HTTP/1.1 302 x\r\nLocation:   /a b  \r\n\r\n"), 1);
	CHECK_TEXT(a.location, "/a b");
	CHECK_EQ(takes(&a, "HTTP/1.1 x\r\nno field\r\n: empty\r\n\r\n"), 0);
	char *line = malloc(HEADER_BYTES + 10);
	CHECK(line);
	memset(line, 'x', HEADER_BYTES + 10);
	a = (struct answer){0};
	CHECK_EQ(answer_line(&a, line, HEADER_BYTES, 0), 0);
	CHECK_EQ(answer_line(&a, line, 1, 0), -1);
	free(line);
}

int main(void)
{
	TEST("CX-13 which addresses are private", addresses);
	TEST("CX-13 addresses as the system reads them", addresses_as_the_system_reads_them);
	TEST("wire Content-Range", content_ranges);
	TEST("wire Retry-After", retry_after);
	TEST("wire simple fields", simple_fields);
	TEST("wire Repr-Digest", repr_digests);
	TEST("wire answers", answers);
	return check_end();
}
