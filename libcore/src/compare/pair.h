/* SPDX-License-Identifier: MIT */
/*
 * Two byte sources compared. What the sizes, the inodes and a few samples
 * can prove is settled at once; the rest is cut into segments that several
 * threads work on, or read as two streams where a side has no offsets.
 *
 * The caller serialises pair_claim(), pair_complete() and pair_finish() of
 * one pair; pair_work() runs on many threads at once.
 */
#ifndef COMPARE_PAIR_H
#define COMPARE_PAIR_H

#include "base/err.h"
#include "core.h"
#include "io/reader.h"
#include "pool/run.h"

#include <stdatomic.h>

/** What is known about one name; the pair's part of an entry. */
struct outcome {
	/** core_status, 0 while it is not known. */
	uint8_t status;
	/** core_proof. */
	uint8_t proof;
	/** The shorter side ends right behind a line end. */
	uint8_t line_start;
	/** core_reason bits. */
	uint32_t reasons;
	uint64_t size[2];
	/** UINT64_MAX, and 0 for the line, where not known. */
	uint64_t offset, line;
	struct err err;
	/** Digests that were made and are not the one expected: bits 1 << digest_kind, SHA-256 first in `found`. */
	uint32_t made;
	uint8_t found[2][32];
};

enum phase {
	/** Bytes of both sides against each other. */
	PAIR_SCAN,
	/** Line ends of the left side before the difference. */
	PAIR_COUNT,
	/** Both sides as streams, one thread at a time. */
	PAIR_STREAM,
	/** A side is hashed, to be compared with the digest of the other; one thread at a time. */
	PAIR_DIGEST,
	PAIR_DONE,
};

struct pair {
	struct reader side[2];
	core_run *run;
	/** core_compare_flag bits. */
	uint32_t flags;
	uint32_t chunk;
	/** Bytes of each side to pass over first, and to compare at most (0: all). */
	uint64_t skip[2], limit;
	enum phase phase;
	/** The segments of this phase end here; the next one begins at `next`. */
	uint64_t end, next;
	/** Segments being worked on. */
	unsigned active;
	/** Smallest offset found to differ. Read by workers, so that later segments stop. */
	_Atomic uint64_t diff;
	/** Set when nobody wants the rest. */
	_Atomic uint32_t stop;
	uint64_t lines, read;
	int holes;
	struct err err;
	/** Places taken at the gate for its readers, given back when they are closed. */
	unsigned places;
	/** PAIR_DIGEST: of the side `hashed`; `also` where it is not known of which kind the other one is. */
	struct hasher *hasher, *also;
	int hashed;
	/** What it is compared with, where that is no reader's. */
	struct digest_set own;
	/** The core_proof that the same digest is. */
	uint8_t digest_proof;
	/** PAIR_STREAM: what was read and not yet compared. */
	uint8_t *buf[2];
	size_t have[2];
	int ended[2];
	/** CORE_COMPARE_RANGES: how far the buffers are listed, the range that is open, and what was found. */
	size_t listed;
	uint64_t range_off, range_len;
	uint64_t first, differing, sent, limit_records;
	struct outcome out;
};

/** A piece of work of one thread. */
struct segment {
	enum phase phase;
	uint64_t off, len;
	/* What pair_work() found. */
	uint64_t diff, lines, read;
	struct err err;
	/** PAIR_STREAM: the task must park until the stream goes on, or the ring has room. */
	int wait;
};

/** The smallest `chunk` worth a call, in bytes. */
enum { PAIR_SMALLEST_CHUNK = 4 << 10 };

/**
 * The `chunk` for two contents: as much as both need, so that small ones of
 * which there are many do not each take and give back large buffers.
 * @param most    the `chunk` that was asked for
 * @param size_a  of one content in bytes, UINT64_MAX where not known
 */
static inline uint32_t pair_chunk(uint32_t most, uint64_t size_a, uint64_t size_b)
{
	uint64_t need = size_a > size_b ? size_a : size_b;

	if (need >= most)
		return most;
	return need < PAIR_SMALLEST_CHUNK ? PAIR_SMALLEST_CHUNK : (uint32_t)need + 1;
}

/**
 * Settles what can be settled at once. Both readers are open; `p` is zero
 * but for them and `run`, `flags`, `chunk`, `skip`, `limit`, `limit_records`.
 * @return 1 when `p->out` is final, 0 when segments are to be worked on
 */
int pair_begin(struct pair *p);
/**
 * As pair_begin() where one side has a digest, and no bytes: the reader of side
 * `side` is open, the other is not.
 * @param kinds   bits 1 << digest_kind: DIGEST_SHA256, DIGEST_BLAKE3, or that it is one of both
 * @param digest  32 bytes
 * @param size    bytes of the other side, UINT64_MAX where not known
 */
int pair_begin_digest(struct pair *p, int side, uint32_t kinds, const uint8_t *digest, uint64_t size);
/** Takes the next segment: 0 when there is none to take now. */
int pair_claim(struct pair *p, struct segment *s);
/** Works on a segment. `t` is the task to wake when a stream goes on. */
void pair_work(struct pair *p, struct segment *s, struct task *t);
/** Books a segment that was worked on: 1 when `p->out` is final. */
int pair_complete(struct pair *p, const struct segment *s);
/** Gives back a segment that must wait, to be claimed again. */
void pair_wait(struct pair *p, const struct segment *s);
/** Has workers of this pair stop early. */
void pair_stop(struct pair *p);
/** Closes the readers and releases what the pair holds. */
void pair_close(struct pair *p);

/** An outcome of which nothing is known but the failure. */
void outcome_fail(struct outcome *o, const struct err *e);

#endif
