/* SPDX-License-Identifier: MIT */
/* The list of byte ranges that differ, made from the buffers of a pair that is read in order. */
#ifndef COMPARE_RANGE_H
#define COMPARE_RANGE_H

#include "compare/pair.h"

/**
 * Sends the open range, of which the last byte is the one before `at`.
 * @return 1, 0 when the ring is full, CORE_EMEMORY
 */
int32_t range_send(struct pair *p, struct task *t, size_t at);
/**
 * Lists what differs in the first `n` bytes of both buffers. Without their
 * bytes, ranges go on from one buffer to the next.
 * @return as range_send(); on 0 it is to be called again
 */
int32_t range_list(struct pair *p, struct segment *s, struct task *t, size_t n);

#endif
