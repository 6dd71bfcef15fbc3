/* SPDX-License-Identifier: MIT */
/* C-02: what every reader must do, whatever it reads. */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include "io/reader.h"

#include <stddef.h>
#include <stdint.h>

enum { LONGEST = 300000 };

/** A kind of reader, and how one over given bytes is opened, for side 1. */
struct reader_kind {
	const char *name;
	void (*open)(struct reader *, const uint8_t *, size_t);
	/** Has the source go on while its reader waits. */
	void (*more)(void);
	/** After the reader is closed. */
	void (*drop)(void);
	/** After all of them, or NULL. */
	void (*end)(void);
	/** What the reader must say of itself. */
	int random, knows_size;
	/** Descriptors that stay open between two readers. */
	unsigned descriptors;
};

/** Fails the running test unless readers of this kind do as they should. */
void reader_conforms(const struct reader_kind *kind);

#endif
