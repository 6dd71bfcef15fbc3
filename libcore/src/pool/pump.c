/* SPDX-License-Identifier: MIT */
#include "pool/pump.h"

#include "base/alloc.h"
#include "plat/plat.h"

#include <errno.h>
#include <stdatomic.h>
#include <time.h>

static _Atomic uint64_t live_pumps;
static pthread_key_t owner_key;
static int owner_key_made;
static pthread_once_t owner_once = PTHREAD_ONCE_INIT;

/* Runs on a thread that ends: a Worker that was terminated cannot clean up itself. */
static void owner_gone(void *pump)
{
	core_pump_del(pump);
}

static void make_owner_key(void)
{
	owner_key_made = pthread_key_create(&owner_key, owner_gone) == 0;
}

int32_t core_pump_new(core_pump **out)
{
	pthread_once(&owner_once, make_owner_key);
	if (!owner_key_made)
		return CORE_ELIMIT;
	if (pthread_getspecific(owner_key))
		return CORE_EUSAGE;
	core_pump *p = mem_zalloc(1, sizeof *p);
	if (!p)
		return CORE_EMEMORY;
	int rc = plat_socket_pair(p->fds);
	if (rc == 0 && pthread_setspecific(owner_key, p) != 0) {
		plat_close(p->fds[0]);
		plat_close(p->fds[1]);
		rc = -ENOMEM;
	}
	if (rc != 0) {
		mem_free(p);
		return rc == -ENOMEM ? CORE_EMEMORY : CORE_ELIMIT;
	}
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->awake, &attr);
	pthread_condattr_destroy(&attr);
	atomic_init(&p->refs, 1);
	atomic_fetch_add(&live_pumps, 1);
	*out = p;
	return 0;
}

int32_t core_pump_fd(core_pump *p)
{
	int fd = plat_duplicate(p->fds[0]);

	return fd < 0 ? CORE_ELIMIT : fd;
}

/* Lets go of all that is ready: nobody will ask for it. */
static void drop_fresh(core_pump *p)
{
	struct ready *r = atomic_exchange(&p->fresh, NULL);

	while (r) {
		struct ready *next = r->next;
		r->unref(r);
		r = next;
	}
}

void pump_notify(core_pump *p, struct ready *r)
{
	if (atomic_load(&p->closed) || atomic_exchange(&r->queued, 1))
		return;
	r->ref(r);
	struct ready *first = atomic_load(&p->fresh);
	do
		r->next = first;
	while (!atomic_compare_exchange_weak(&p->fresh, &first, r));
	if (atomic_load(&p->closed))
		drop_fresh(p); /* closed meanwhile; one of the two threads sees it */
	else if (atomic_load(&p->sleeping)) {
		pthread_mutex_lock(&p->lock);
		pthread_cond_signal(&p->awake);
		pthread_mutex_unlock(&p->lock);
	} else if (!first) {
		/* Later ones ride on the byte of the first: the owner takes all at once. */
		plat_wake(p->fds[1]);
	}
}

/* Moves what is fresh behind what was taken before. */
static void take_fresh(core_pump *p)
{
	struct ready *r = atomic_exchange(&p->fresh, NULL), *oldest = NULL;
	struct ready **end = &p->taken;

	while (r) {
		struct ready *next = r->next;
		r->next = oldest;
		oldest = r;
		r = next;
	}
	while (*end)
		end = &(*end)->next;
	*end = oldest;
}

int32_t core_pump_ready(core_pump *p, uint64_t *tokens, uint32_t cap, uint32_t *count)
{
	uint32_t n = 0;

	take_fresh(p);
	while (p->taken && n < cap) {
		struct ready *r = p->taken;
		p->taken = r->next;
		tokens[n++] = r->token;
		/* From here on it may be queued anew. */
		atomic_store(&r->queued, 0);
		r->unref(r);
	}
	*count = n;
	return 0;
}

int32_t core_pump_wait(core_pump *p, uint32_t timeout_ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(timeout_ms / 1000);
	until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&p->lock);
	atomic_store(&p->sleeping, 1);
	int rc = 0;
	while (!p->taken && !atomic_load(&p->fresh) && rc == 0)
		rc = pthread_cond_timedwait(&p->awake, &p->lock, &until);
	atomic_store(&p->sleeping, 0);
	pthread_mutex_unlock(&p->lock);
	return p->taken || atomic_load(&p->fresh);
}

void core_pump_del(core_pump *p)
{
	if (!p)
		return;
	pthread_setspecific(owner_key, NULL);
	while (p->owned)
		p->owned->close(p->owned);
	atomic_store(&p->closed, 1);
	drop_fresh(p);
	while (p->taken) {
		struct ready *r = p->taken;
		p->taken = r->next;
		r->unref(r);
	}
	pump_unref(p);
}

void pump_own(core_pump *p, struct owned *o)
{
	o->next = p->owned;
	o->link = &p->owned;
	if (o->next)
		o->next->link = &o->next;
	p->owned = o;
}

void pump_disown(struct owned *o)
{
	if (o->next)
		o->next->link = o->link;
	*o->link = o->next;
}

void pump_ref(core_pump *p)
{
	atomic_fetch_add(&p->refs, 1);
}

void pump_unref(core_pump *p)
{
	if (atomic_fetch_sub(&p->refs, 1) != 1)
		return;
	plat_close(p->fds[0]);
	plat_close(p->fds[1]);
	pthread_cond_destroy(&p->awake);
	pthread_mutex_destroy(&p->lock);
	mem_free(p);
	atomic_fetch_sub(&live_pumps, 1);
}

uint64_t pump_count(void)
{
	return atomic_load(&live_pumps);
}
