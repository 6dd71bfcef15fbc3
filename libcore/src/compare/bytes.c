/* SPDX-License-Identifier: MIT */
#include "compare/bytes.h"

#include <string.h>

size_t bytes_differ_at(const uint8_t *a, const uint8_t *b, size_t len)
{
	size_t i = 0;

	for (; i + 64 <= len && memcmp(a + i, b + i, 64) == 0; i += 64)
		;
	while (i < len && a[i] == b[i])
		i++;
	return i;
}

/* Sixteen bytes side by side: the loop the compiler makes of single ones is many times slower. */
typedef uint8_t lanes __attribute__((vector_size(16)));

uint64_t bytes_lines(const uint8_t *p, size_t len)
{
	uint64_t n = 0;

	while (len >= sizeof(lanes)) {
		/* As many as a lane can count. */
		size_t block = len / sizeof(lanes) < 255 ? len / sizeof(lanes) : 255;
		lanes sum = {0}, bytes;
		for (size_t i = 0; i < block; i++, p += sizeof bytes) {
			memcpy(&bytes, p, sizeof bytes);
			/* Where the bytes are the same, the comparison gives 255, which is -1. */
			sum -= (lanes)(bytes == (uint8_t)'\n');
		}
		for (size_t i = 0; i < sizeof sum; i++)
			n += sum[i];
		len -= block * sizeof(lanes);
	}
	for (size_t i = 0; i < len; i++)
		n += p[i] == '\n';
	return n;
}
