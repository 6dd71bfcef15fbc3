/* SPDX-License-Identifier: MIT */
#include "io/gate.h"

#include "plat/plat.h"

#include <pthread.h>
#include <stddef.h>

/* Enough to keep any network busy; each is a socket and a buffer. */
enum { PLACES = 64 };

static struct {
	pthread_mutex_t lock;
	struct gate_wait *first, **end;
	unsigned used;
} gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .end = &gate.first};

unsigned gate_places(void)
{
	uint64_t descriptors = plat_descriptor_limit() / 4;

	return descriptors > PLACES ? PLACES : descriptors < 2 ? 2 : (unsigned)descriptors;
}

/* Lets in who is first, as long as there is room; the lock is held. */
static void admit(void)
{
	const unsigned all = gate_places();

	while (gate.first && gate.used + gate.first->places <= all) {
		struct gate_wait *w = gate.first;
		gate.first = w->next;
		if (!gate.first)
			gate.end = &gate.first;
		gate.used += w->places;
		w->state = GATE_IN;
		pool_wake(w->task);
	}
}

int gate_enter(struct gate_wait *w, unsigned n, struct task *t)
{
	pthread_mutex_lock(&gate.lock);
	if (w->state == GATE_IDLE) {
		*w = (struct gate_wait){.task = t, .places = n, .state = GATE_WAITS};
		*gate.end = w;
		gate.end = &w->next;
		admit();
	}
	int in = w->state == GATE_IN;
	if (in)
		w->state = GATE_IDLE;
	pthread_mutex_unlock(&gate.lock);
	return in;
}

void gate_cancel(struct gate_wait *w)
{
	pthread_mutex_lock(&gate.lock);
	if (w->state == GATE_IN)
		gate.used -= w->places;
	for (struct gate_wait **at = &gate.first; w->state == GATE_WAITS && *at; at = &(*at)->next) {
		if (*at != w)
			continue;
		*at = w->next;
		if (!w->next)
			gate.end = at;
		break;
	}
	w->state = GATE_IDLE;
	admit();
	pthread_mutex_unlock(&gate.lock);
}

void gate_leave(unsigned n)
{
	if (n == 0)
		return;
	pthread_mutex_lock(&gate.lock);
	gate.used -= n;
	admit();
	pthread_mutex_unlock(&gate.lock);
}
