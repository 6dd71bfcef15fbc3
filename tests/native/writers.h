/* SPDX-License-Identifier: MIT */
/* A job that writes numbered records into the ring of a run, and the caller that reads and checks them. */
#ifndef WRITERS_H
#define WRITERS_H

#include "core.h"
#include "pool/run.h"

#include <stdint.h>

/* A job that writes numbered records of seeded sizes, a few per step. */
struct writer {
	struct task task;
	core_run *run;
	uint64_t rng;
	uint32_t next, count, per_step, largest;
	/** The size of the record that found no room. */
	uint32_t pending;
	int32_t failed;
	int *freed;
	/** Goes on for ever, sending nothing, until it is cancelled. */
	int idles;
};

struct numbered {
	struct core_rec head;
	uint32_t number, seed;
};

/** Byte `i` of record `number`. */
uint8_t numbered_byte(uint32_t number, size_t i);

enum step writer_step(struct task *t);
void writer_free(void *job);
/** Makes a run of `count` records of at most `largest` bytes. Its task is the caller's to submit. */
struct writer *writer_start(core_pump *pump, uint64_t token, uint32_t count, uint32_t largest, uint64_t seed,
			    core_run **run);

/** What a caller has read of a run. */
struct reading {
	uint32_t expected;
	uint32_t state;
	uint64_t used;
};

/** Drains the ring, and checks number, size and bytes of each record. */
void writer_drain(core_run *run, struct reading *r);
/** Reads to the end of the run; `wait` waits where nothing is there. */
void writer_consume(core_pump *pump, core_run *run, struct reading *r, void (*wait)(core_pump *));
/** Waits in C, as a synchronous caller does. A wake that got lost shows as a wait of ten seconds. */
void writer_wait(core_pump *pump);
/** Waits for the descriptor, as an event loop does. */
void writer_poll(core_pump *pump);

#endif
