/* SPDX-License-Identifier: MIT */
#include "base/digest.h"

#include "base/alloc.h"

#include <blake3.h>
#include <pthread.h>
#include <sodium.h>

/* CRC-64/NVME of the NVM Command Set Specification: reflected, ones before and after. */
static const uint64_t crc_polynomial = 0x9a6c9329ac4bc9b5;
/** Eight bytes at a time: table[k][b] is byte b with k zero bytes behind it. */
static uint64_t crc_table[8][256];
static pthread_once_t crc_once = PTHREAD_ONCE_INIT;

struct hasher {
	enum digest_kind kind;
	union {
		crypto_hash_sha256_state sha256;
		crypto_hash_sha512_state sha512;
		blake3_hasher blake3;
		uint64_t crc;
	} state;
};

size_t digest_len(enum digest_kind kind)
{
	switch (kind) {
	case DIGEST_SHA512:
		return 64;
	case DIGEST_SHA256:
	case DIGEST_BLAKE3:
		return 32;
	default:
		return 8;
	}
}

enum digest_kind digest_best(uint32_t have)
{
	enum digest_kind kind = 0;

	while (kind < DIGEST_KINDS && !(have & 1u << kind))
		kind++;
	return kind;
}

static void make_crc_table(void)
{
	for (unsigned b = 0; b < 256; b++) {
		uint64_t crc = b;
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ crc_polynomial : crc >> 1;
		crc_table[0][b] = crc;
	}
	for (unsigned k = 1; k < 8; k++) {
		for (unsigned b = 0; b < 256; b++)
			crc_table[k][b] = crc_table[k - 1][b] >> 8 ^ crc_table[0][crc_table[k - 1][b] & 255];
	}
}

static uint64_t crc_add(uint64_t crc, const uint8_t *data, size_t len)
{
	for (; len >= 8; data += 8, len -= 8) {
		uint64_t next = 0;
		for (unsigned k = 0; k < 8; k++)
			next ^= crc_table[7 - k][(crc >> (8 * k) ^ data[k]) & 255];
		crc = next;
	}
	while (len-- > 0)
		crc = crc >> 8 ^ crc_table[0][(crc ^ *data++) & 255];
	return crc;
}

struct hasher *hasher_new(enum digest_kind kind)
{
	struct hasher *h = mem_alloc(sizeof *h);

	if (!h)
		return NULL;
	h->kind = kind;
	switch (kind) {
	case DIGEST_SHA512:
		crypto_hash_sha512_init(&h->state.sha512);
		break;
	case DIGEST_SHA256:
		crypto_hash_sha256_init(&h->state.sha256);
		break;
	case DIGEST_BLAKE3:
		blake3_hasher_init(&h->state.blake3);
		break;
	default:
		pthread_once(&crc_once, make_crc_table);
		h->state.crc = UINT64_MAX;
		break;
	}
	return h;
}

void hasher_add(struct hasher *h, const uint8_t *data, size_t len)
{
	switch (h->kind) {
	case DIGEST_SHA512:
		crypto_hash_sha512_update(&h->state.sha512, data, len);
		break;
	case DIGEST_SHA256:
		crypto_hash_sha256_update(&h->state.sha256, data, len);
		break;
	case DIGEST_BLAKE3:
		blake3_hasher_update(&h->state.blake3, data, len);
		break;
	default:
		h->state.crc = crc_add(h->state.crc, data, len);
		break;
	}
}

void hasher_end(struct hasher *h, uint8_t *out)
{
	switch (h->kind) {
	case DIGEST_SHA512:
		crypto_hash_sha512_final(&h->state.sha512, out);
		break;
	case DIGEST_SHA256:
		crypto_hash_sha256_final(&h->state.sha256, out);
		break;
	case DIGEST_BLAKE3:
		blake3_hasher_finalize(&h->state.blake3, out, BLAKE3_OUT_LEN);
		break;
	default:
		for (unsigned i = 0; i < 8; i++)
			out[i] = (uint8_t)(~h->state.crc >> (56 - 8 * i));
		break;
	}
}

void hasher_free(struct hasher *h)
{
	mem_free(h);
}
