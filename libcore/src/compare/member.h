/* SPDX-License-Identifier: MIT */
/* One of many sources: what it is, its bytes, and whether it stayed what it was. */
#ifndef COMPARE_MEMBER_H
#define COMPARE_MEMBER_H

#include "compare/operands.h"
#include "io/reader.h"

#include <stdatomic.h>

#define MEMBER_NONE UINT32_MAX

enum member_state {
	MEMBER_OPEN,
	/** Its group is known: `root`, `next`, `proof`. */
	MEMBER_DECIDED,
	/** Nothing is known but `err`. */
	MEMBER_FAILED,
};

struct member {
	struct side src;
	/** Open, or NULL for a file whose descriptor was given back. */
	struct reader *reader;
	/** What the file was when it was first looked at. */
	uint64_t size, dev, ino;
	int64_t mtime_ns, ctime_ns;
	/** Only its end tells its size. */
	uint8_t endless;
	/** member_look() is done with it. */
	uint8_t looked;
	/** It has a place at the gate of remote sources. */
	uint8_t placed;
	/** It has no offsets: it is read once, from its start. */
	uint8_t stream;
	/** One of member_state. What it says is written before it is set. */
	_Atomic uint8_t state;
	/** core_proof, with which it is equal to the others of its group. */
	uint8_t proof;
	/** The first of its group. */
	uint32_t root;
	/** While it is undecided: the next other name of this file. Then: the next of its group. */
	uint32_t next;
	/** Streams: bytes read and not yet compared, and whether the stream has ended behind them. */
	uint8_t *buf;
	uint32_t have;
	uint8_t ended;
	struct err err;
};

/** How many descriptors members may keep open, and how many they do. */
struct member_slots {
	_Atomic uint32_t open;
	_Atomic uint32_t max;
};

/**
 * Looks at a member: opens it, which shows that it can be read.
 * @param keep  leave it open if there is room
 * @return 0, or the code also in `*e`; CORE_ELIMIT with EMFILE or ENFILE may pass
 */
int32_t member_look(struct member *m, struct member_slots *slots, int keep, struct err *e);

/**
 * As member_look(), of a remote one that has a place: it is asked for, and
 * waited for until it is known what it is.
 * @param size_first  its size may settle it: none of its bytes are asked for yet
 * @return READER_WAIT too, with `t` woken when it is worth another call
 */
int32_t member_ask(struct member *m, int size_first, struct task *t, struct err *e);

/**
 * Reads a piece of one that has offsets.
 * @param into  room for `len` bytes
 * @param at    where they are: in `into`, or in the caller's memory
 * @param got   fewer than `len` only at the end
 * @param keep  leave it open if there is room; not from several threads at once
 * @return as member_look(); CORE_ECHANGED when it is not what it was, or ends before its size
 */
int32_t member_read(struct member *m, struct member_slots *slots, int keep, uint64_t off, size_t len,
		    uint8_t *into, const uint8_t **at, size_t *got, struct err *e);

/**
 * Reads a stream on, until `len` bytes wait in its buffer or it has ended.
 * @param t     woken when READER_WAIT was returned and there is more
 * @param room  bytes of the buffer, the same in all calls
 * @return 0, READER_WAIT, or the code also in `*e`
 */
int32_t member_fill(struct member *m, struct task *t, size_t len, size_t room, size_t *read, struct err *e);

/** Whether it is still what it was. @return 0, or the code also in `*e` */
int32_t member_check(struct member *m, struct err *e);

/** Gives back its descriptor, to be opened again when it is needed: 1 when there was one. Not of streams. */
int member_shut(struct member *m, struct member_slots *slots);

/** Gives back all that reading needs: nothing more is asked about it. */
void member_leave(struct member *m, struct member_slots *slots);

#endif
