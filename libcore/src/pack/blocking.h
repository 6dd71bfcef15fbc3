/* SPDX-License-Identifier: MIT */
/*
 * A reader that can answer READER_WAIT, made one that blocks, for a thread
 * that may. What would be woken is a task of its own, which passes that on to
 * the thread.
 */
#ifndef PACK_BLOCKING_H
#define PACK_BLOCKING_H

#include "io/reader.h"

struct blocking;

/**
 * Takes `*r` over and makes it a reader that blocks.
 * @return CORE_EMEMORY; `*r` is as it was then
 */
int32_t blocking_open(struct blocking **out, struct reader *r);
/** Has the thread, if it waits, and all later reading fail with CORE_ECANCELLED. Any thread. */
void blocking_stop(struct blocking *b);
/** Ends the task. After the reader was closed, so that nothing wakes it any more; NULL is fine. */
void blocking_end(struct blocking *b);
/** Lets it go; NULL is fine. */
void blocking_del(struct blocking *b);

#endif
