/* SPDX-License-Identifier: MIT */
/* BLAKE3 and XXH3 against published vectors, and every SIMD form against the others. */
#include "base/cpu.h"
#include "base/xxh.h"
#include "check.h"

#include <blake3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** The input of BLAKE3's own test vectors: 0, 1, 2 … 250, 0, 1 … */
static uint8_t *pattern(size_t size)
{
	uint8_t *data = malloc(size);

	CHECK(data);
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)(i % 251);
	return data;
}

static void blake3_is(const void *bytes, size_t size, size_t step, const char *want)
{
	const uint8_t *data = bytes;
	char text[2 * BLAKE3_OUT_LEN + 1];
	uint8_t hash[BLAKE3_OUT_LEN];
	blake3_hasher hasher;

	blake3_hasher_init(&hasher);
	for (size_t at = 0; at < size; at += step)
		blake3_hasher_update(&hasher, data + at, size - at < step ? size - at : step);
	blake3_hasher_finalize(&hasher, hash, sizeof hash);
	for (size_t i = 0; i < sizeof hash; i++)
		snprintf(text + 2 * i, 3, "%02x", hash[i]);
	CHECK_TEXT(text, want);
}

static void blake3_vectors(void)
{
	enum { LONG = 102400 };
	uint8_t *data = pattern(LONG);

	blake3_is("", 0, 1, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
	blake3_is("abc", 3, 1, "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85");
	/* Long enough for all lanes of the widest form; then in pieces, which take narrower ones. */
	for (size_t step = LONG; step > 1; step /= 3)
		blake3_is(data, LONG, step, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085");
	free(data);
}

static void xxh3_vectors(void)
{
	for (enum cpu_level level = CPU_BASELINE; level <= cpu_level_here(); level++) {
		cpu_level_limit(level);
		CHECK_EQ(xxh_64(NULL, 0), 0x2d06800538d394c2);
		CHECK_EQ(xxh_64("abc", 3), 0x78af5f94892f3950);
		CHECK_EQ(xxh_128("abc", 3).high, 0x06b05ab6733a6185);
		CHECK_EQ(xxh_128("abc", 3).low, 0x78af5f94892f3950);
	}
}

static void xxh3_forms(void)
{
	enum { MOST = 20000 };
	uint8_t *data = pattern(MOST);

	check_note("the widest form here is %s", cpu_level_name(cpu_level_here()));
	/* Each way a length is treated: by table up to 240, one stripe, several, whole blocks and a rest. */
	for (size_t size = 0; size <= MOST; size += size < 600 ? 1 : 331) {
		cpu_level_limit(CPU_BASELINE);
		const uint64_t plain = xxh_64(data, size);
		const struct xxh_128 plain128 = xxh_128(data, size);
		for (enum cpu_level level = CPU_BASELINE; level <= cpu_level_here(); level++) {
			cpu_level_limit(level);
			CHECK_EQ(xxh_64(data, size), plain);
			CHECK_EQ(xxh_128(data, size).low, plain128.low);
			CHECK_EQ(xxh_128(data, size).high, plain128.high);
		}
	}
	free(data);
}

int main(void)
{
	TEST("BLAKE3 vectors", blake3_vectors);
	TEST("XXH3 vectors", xxh3_vectors);
	TEST("XXH3 forms agree", xxh3_forms);
	return check_end();
}
