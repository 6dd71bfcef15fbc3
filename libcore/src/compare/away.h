/* SPDX-License-Identifier: MIT */
/*
 * Items whose content is far away: each is compared by a task of its own,
 * which parks while a server takes its time, so that no worker does. As many
 * at once as the caller allows threads; the others wait for their turn.
 */
#ifndef COMPARE_AWAY_H
#define COMPARE_AWAY_H

#include "compare/job.h"

/** @param jobs  as in core_compare_opts */
void away_init(struct engine *e, uint32_t jobs);
/** Has an item compared; the lock is held. Without memory for it the job fails. */
void away_add(struct engine *e, struct item *it);
/** Has those at work end soon, and those that wait never begin; the lock is held, and `e->stop` is set. */
void away_stop(struct engine *e);

#endif
