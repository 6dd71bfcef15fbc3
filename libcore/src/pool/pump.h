/* SPDX-License-Identifier: MIT */
/* How a pool thread tells a caller's thread that something of its wants attention. */
#ifndef POOL_PUMP_H
#define POOL_PUMP_H

#include "core.h"

#include <pthread.h>
#include <stdint.h>

/** What can be ready: embedded in runs and feeds. */
struct ready {
	struct ready *next;
	uint64_t token;
	_Atomic uint32_t queued;
	/** Keep and release the owner while it is on the list. */
	void (*ref)(struct ready *);
	void (*unref)(struct ready *);
};

/** A handle that the pump's thread still has: embedded in runs and feeds, used on that thread only. */
struct owned {
	struct owned *next, **link;
	/** Closes the handle as the thread would, when the thread is gone. */
	void (*close)(struct owned *);
};

struct core_pump {
	_Atomic uint32_t refs;
	/** The owner is gone: nobody will take what is put on the list. */
	_Atomic uint32_t closed;
	int fds[2];
	/** Newest first, pushed by any thread. */
	struct ready *_Atomic fresh;
	/** Oldest first, the owner's. */
	struct ready *taken;
	/** The owner sleeps in core_pump_wait(). */
	_Atomic uint32_t sleeping;
	pthread_mutex_t lock;
	pthread_cond_t awake;
	struct owned *owned;
};

/** Puts `r` on the list unless it is there, and wakes the owner. Any thread. */
void pump_notify(core_pump *p, struct ready *r);
void pump_own(core_pump *p, struct owned *o);
void pump_disown(struct owned *o);
void pump_ref(core_pump *p);
void pump_unref(core_pump *p);
uint64_t pump_count(void);

#endif
