/* SPDX-License-Identifier: MIT */
/* Digests of bytes that are not compared side by side: those that others made, and our own. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/** The strongest first: where there is a choice, that one is taken. */
enum digest_kind {
	DIGEST_SHA512,
	DIGEST_SHA256,
	/** 256 bits (the BLAKE3 paper, 2020): what is made where nobody else's digest is to be met. */
	DIGEST_BLAKE3,
	/** No protection against intent, but 64 bits against accident: what object stores keep. */
	DIGEST_CRC64NVME,
	DIGEST_KINDS,
};

enum { DIGEST_MAX = 64 };

/** The digests known of the same bytes. All zero, none. */
struct digest_set {
	/** Bit 1 << digest_kind for each that is there. */
	uint32_t have;
	/** In the byte order in which they are written down: big-endian. */
	uint8_t bytes[DIGEST_KINDS][DIGEST_MAX];
};

/** Bytes of a digest. */
size_t digest_len(enum digest_kind kind);
/** The strongest kind of a set of bits, DIGEST_KINDS for none. */
enum digest_kind digest_best(uint32_t have);

struct hasher;

/** Begins a digest; NULL when memory ran out. */
struct hasher *hasher_new(enum digest_kind kind);
void hasher_add(struct hasher *h, const uint8_t *data, size_t len);
/** Ends it: DIGEST_MAX bytes at `out`, of which digest_len() are written. */
void hasher_end(struct hasher *h, uint8_t *out);
/** NULL is fine. */
void hasher_free(struct hasher *h);

#endif
