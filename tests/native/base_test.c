/* SPDX-License-Identifier: MIT */
/* base/: memory that is counted and can run out, buffers, errors in words. */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/rng.h"
#include "check.h"
#include "core.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void counts_bytes(void)
{
	uint64_t before = mem_bytes();
	void *a = mem_alloc(1000), *b = mem_zalloc(10, 100), *none = mem_alloc(0);

	CHECK(a && b && none);
	CHECK(mem_bytes() >= before + 2000);
	for (size_t i = 0; i < 1000; i++)
		CHECK_EQ(((uint8_t *)b)[i], 0);
	a = mem_realloc(a, 100000);
	CHECK(a);
	CHECK(mem_bytes() >= before + 101000);
	a = mem_realloc(a, 10);
	CHECK(a);
	CHECK(mem_bytes() < before + 90000);
	void *fresh = mem_realloc(NULL, 64);
	CHECK(fresh);
	mem_free(a);
	mem_free(b);
	mem_free(none);
	mem_free(fresh);
	mem_free(NULL);
	CHECK_EQ(mem_bytes(), before);
}

static void fails_at_nth(void)
{
	uint64_t before = mem_bytes();

	for (unsigned n = 1; n <= 5; n++) {
		void *p[5];
		mem_fail_at(n);
		for (unsigned i = 0; i < 5; i++)
			p[i] = i % 2 ? mem_zalloc(1, 8) : mem_alloc(8);
		for (unsigned i = 0; i < 5; i++) {
			CHECK_EQ(p[i] == NULL, i + 1 == n);
			mem_free(p[i]);
		}
	}
	mem_fail_at(3);
	mem_fail_at(0);
	for (unsigned i = 0; i < 5; i++) {
		void *p = mem_alloc(8);
		CHECK(p);
		mem_free(p);
	}
	CHECK_EQ(mem_bytes(), before);
}

static void realloc_keeps_on_failure(void)
{
	char *p = mem_alloc(16);

	CHECK(p);
	memcpy(p, "fifteen letters", 16);
	uint64_t before = mem_bytes();
	mem_fail_at(1);
	CHECK(!mem_realloc(p, 4096));
	CHECK_EQ(mem_bytes(), before);
	CHECK_TEXT(p, "fifteen letters");
	mem_free(p);
}

static void sizes_saturate(void)
{
	uint64_t before = mem_bytes();

	CHECK(!mem_zalloc(SIZE_MAX, 2));
	CHECK(!mem_zalloc(2, SIZE_MAX));
	CHECK(!mem_zalloc(SIZE_MAX / 2 + 1, 2));
	CHECK(!mem_zalloc((size_t)1 << 32, (size_t)1 << 32));
	struct buf b = {0};
	CHECK_EQ(buf_append(&b, "x", 1), 0);
	CHECK_EQ(buf_reserve(&b, SIZE_MAX), CORE_EMEMORY);
	CHECK_EQ(buf_reserve(&b, SIZE_MAX - 1), CORE_EMEMORY);
	CHECK_EQ(buf_reserve(&b, SIZE_MAX / 2 + 2), CORE_EMEMORY);
	CHECK_EQ(b.len, 1);
	CHECK_EQ(b.data[0], 'x');
	buf_free(&b);
	CHECK_EQ(mem_bytes(), before);
}

static void buf_grows(void)
{
	struct buf b = {0};
	uint64_t before = mem_bytes();
	uint64_t rng = 7;

	for (unsigned i = 0; i < 20000; i++) {
		uint8_t byte = (uint8_t)i;
		CHECK_EQ(buf_append(&b, &byte, 1), 0);
	}
	uint8_t block[700];
	for (unsigned i = 0; i < 100; i++) {
		size_t n = rng_next(&rng) % sizeof block;
		memset(block, (int)i, n);
		CHECK_EQ(buf_append(&b, block, n), 0);
	}
	CHECK_EQ(buf_append(&b, NULL, 0), 0);
	CHECK(b.cap >= b.len);
	for (unsigned i = 0; i < 20000; i++)
		CHECK_EQ(b.data[i], (uint8_t)i);
	buf_free(&b);
	CHECK(!b.data && b.len == 0 && b.cap == 0);
	buf_free(&b);
	CHECK_EQ(mem_bytes(), before);
}

static void buf_out_of_memory(void)
{
	struct buf b = {0};

	mem_fail_at(1);
	CHECK_EQ(buf_append(&b, "abc", 3), CORE_EMEMORY);
	CHECK_EQ(b.len, 0);
	CHECK_EQ(buf_append(&b, "abc", 3), 0);
	CHECK_EQ(buf_reserve(&b, b.cap - b.len), 0);
	mem_fail_at(1);
	CHECK_EQ(buf_reserve(&b, b.cap - b.len + 1), CORE_EMEMORY);
	CHECK_EQ(memcmp(b.data, "abc", 3), 0);
	buf_free(&b);
}

static void err_codes(void)
{
	static const struct {
		int sys;
		int32_t code;
	} all[] = {{ENOENT, CORE_ENOT_FOUND},   {ENOTDIR, CORE_ENOT_FOUND}, {EACCES, CORE_EPERMISSION},
		   {EPERM, CORE_EPERMISSION},   {EMFILE, CORE_ELIMIT},      {ENFILE, CORE_ELIMIT},
		   {ENAMETOOLONG, CORE_ELIMIT}, {ELOOP, CORE_ELOOP},        {ENOMEM, CORE_EMEMORY},
		   {EIO, CORE_EREAD},           {EISDIR, CORE_EREAD},       {12345, CORE_EREAD}};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		struct err e = err_sys(all[i].sys, "open", 1);
		CHECK_EQ(e.code, all[i].code);
		CHECK_EQ(e.sys, all[i].sys);
		CHECK_EQ(e.side, 1);
		CHECK_EQ(e.at, 0);
	}
}

static const char *text_of(struct err e)
{
	static char text[256];
	size_t len = err_text(&e, text, sizeof text);

	CHECK_EQ(len, strlen(text));
	return text;
}

static void err_shapes(void)
{
	CHECK_TEXT(text_of(err_sys(ENOENT, "open", 0)), "open left side: No such file or directory");
	CHECK_TEXT(text_of(err_sys(EACCES, "open", 1)), "open right side: Permission denied");
	/* The words are those of libc, and not all say the same. */
	CHECK_TEXT(text_of(err_sys(EIO, "read", -1)), check_text("read: %s", strerror(EIO)));
	CHECK_TEXT(text_of(err_of(CORE_ECHANGED, "compare", 1, "size changed while it was read")),
		   "compare right side: size changed while it was read");
	CHECK_TEXT(text_of(err_of(CORE_EMEMORY, "compare", -1, "out of memory")), "compare: out of memory");
	CHECK_TEXT(text_of(err_of(CORE_EREAD, "read", 0, NULL)), "read left side: failed");
	struct err e = err_sys(EIO, "read", 0);
	e.at = 4097;
	CHECK_TEXT(text_of(e), check_text("read left side at byte 4096: %s", strerror(EIO)));
	e.side = -1;
	e.at = 1;
	CHECK_TEXT(text_of(e), check_text("read at byte 0: %s", strerror(EIO)));
	e = err_sys(EIO, "open", 0);
	e.detail = "a better word";
	CHECK_TEXT(text_of(e), "open left side: a better word");
	CHECK(strstr(text_of(err_sys(99999, "open", 0)), "open left side: ") != NULL);
}

static void err_numbers(void)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} times[] = {{0, "0"}, {1, "0.001"}, {20, "0.02"}, {300, "0.3"}, {1000, "1"}, {1050, "1.05"}, {90000, "90"}};
	struct err e = err_of(CORE_ETIMEOUT, "fetch", -1, "{n}, {m}, {s}{}{x{n");

	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		e.n = times[i].ms;
		e.m = UINT64_MAX;
		CHECK_TEXT(text_of(e), check_text("fetch: %llu, 18446744073709551615, %s{}{x{n", (unsigned long long)times[i].ms,
						  times[i].text));
	}
}

static void err_about(void)
{
	char name[400];
	struct err e = err_of(CORE_EHTTP_STATUS, "fetch", 1, "the server answered {n}");

	e.n = 404;
	e.about = "http://x/";
	CHECK_TEXT(text_of(e), "fetch right side: http://x/: the server answered 404");
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	e.about = name;
	CHECK(strstr(text_of(e), "nnn...: the server answered 404"));
	name[120] = '\0';
	CHECK(strstr(text_of(e), "nnn: the server answered 404"));
}

static void digest_values(void)
{
	/* FIPS 180-4's example, and the check value of the catalogue of CRCs. */
	static const struct {
		enum digest_kind kind;
		const char *text, *hex;
	} cases[] = {
		{DIGEST_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{DIGEST_SHA512, "abc",
		 "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		 "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
		{DIGEST_CRC64NVME, "123456789", "ae8b14860a799888"},
		{DIGEST_CRC64NVME, "", "0000000000000000"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (size_t cut = 0; cut <= strlen(cases[i].text); cut++) {
			uint8_t out[DIGEST_MAX];
			char hex[2 * DIGEST_MAX + 1];
			struct hasher *h = hasher_new(cases[i].kind);
			CHECK(h);
			hasher_add(h, (const uint8_t *)cases[i].text, cut);
			hasher_add(h, (const uint8_t *)cases[i].text + cut, strlen(cases[i].text) - cut);
			hasher_end(h, out);
			hasher_free(h);
			for (size_t b = 0; b < digest_len(cases[i].kind); b++)
				snprintf(hex + 2 * b, 3, "%02x", out[b]);
			CHECK_TEXT(hex, cases[i].hex);
		}
	}
	CHECK_EQ(digest_best(0), DIGEST_KINDS);
	CHECK_EQ(digest_best(1u << DIGEST_CRC64NVME | 1u << DIGEST_SHA256), DIGEST_SHA256);
	hasher_free(NULL);
	mem_fail_at(1);
	CHECK(!hasher_new(DIGEST_SHA256));
}

static void err_cut(void)
{
	struct err e = err_sys(ENOENT, "open", 0);
	char text[64];
	const char whole[] = "open left side: No such file or directory";

	for (size_t cap = 1; cap < sizeof text; cap++) {
		memset(text, 'z', sizeof text);
		size_t n = err_text(&e, text, cap), want = strlen(whole) < cap ? strlen(whole) : cap - 1;
		CHECK_EQ(n, want);
		CHECK_EQ(memcmp(text, whole, n), 0);
		CHECK_EQ(text[n], '\0');
		for (size_t i = cap; i < sizeof text; i++)
			CHECK_EQ(text[i], 'z');
	}
}

static void rng_is_splitmix(void)
{
	/* The reference values of SplitMix64 for seed 0. */
	uint64_t s = 0;

	CHECK(rng_next(&s) == 0xe220a8397b1dcdafu);
	CHECK(rng_next(&s) == 0x6e789e6aa1b965f4u);
	CHECK(rng_next(&s) == 0x06c45d188009454fu);
}

int main(void)
{
	TEST("err numbers in words", err_numbers);
	TEST("err what it is about leaves room for the reason", err_about);
	TEST("digest values that are known", digest_values);
	TEST("alloc counts bytes", counts_bytes);
	TEST("alloc fails at the n-th call", fails_at_nth);
	TEST("alloc realloc keeps its block on failure", realloc_keeps_on_failure);
	TEST("alloc sizes saturate", sizes_saturate);
	TEST("buf grows", buf_grows);
	TEST("buf out of memory", buf_out_of_memory);
	TEST("err codes of system errors", err_codes);
	TEST("err text of each shape", err_shapes);
	TEST("err text is cut", err_cut);
	TEST("rng is SplitMix64", rng_is_splitmix);
	return check_end();
}
