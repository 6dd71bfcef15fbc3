/* SPDX-License-Identifier: MIT */
/* Whole comparisons for tests: sources, records as they come, and what must be left afterwards. */
#ifndef RUNS_H
#define RUNS_H

#include "core.h"

#include <stddef.h>
#include <stdint.h>

/** Records one behind the other, as they came out of the ring. */
struct records {
	uint8_t *data;
	size_t len, cap;
};

struct core_source runs_path(const char *path);
struct core_source runs_memory(const void *data, size_t len);
struct core_source runs_feed(core_feed *feed);

/** Appends what the ring holds: the state bits. Fails the test on a malformed record. */
uint32_t runs_drain(core_run *run, struct records *into);
/** Runs a comparison to its end and deletes it; on the pool, or by steps in test mode. `records` may be NULL. */
struct core_compare_summary runs_compare(core_pump *pump, struct core_source left, struct core_source right,
					 uint32_t flags, uint32_t jobs, uint32_t chunk, struct records *records);
/** The entries as lines `STATUS PATH [(PATH ON THE RIGHT)] [REASONS] [below N] [code]`, one each. Freed by the caller. */
char *runs_lines(const struct records *records);
void runs_forget(struct records *records);

/** Fails the test unless all counters are zero and `bytes` bytes are in use; in test mode. */
void runs_clean(uint64_t bytes);
/** The same but for the bytes, waiting for the pool's last steps. */
void runs_settle(void);

#endif
