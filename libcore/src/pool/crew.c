/* SPDX-License-Identifier: MIT */
#include "pool/crew.h"

void crew_leave(struct crew *c)
{
	c->busy++;
	pthread_mutex_unlock(&c->lock);
}

void crew_enter(struct crew *c)
{
	pthread_mutex_lock(&c->lock);
	c->busy--;
}

void crew_kick(struct crew *c, unsigned n)
{
	for (unsigned i = 0; i < c->jobs && n > 0; i++) {
		struct crew_worker *w = &c->worker[i];
		if (!w->started && !c->over) {
			w->started = 1;
			c->live++;
			pool_submit(&w->task);
			n--;
		} else if (w->idle) {
			w->idle = 0;
			pool_wake(&w->task);
			n--;
		}
	}
}

void crew_stop(struct crew *c)
{
	if (c->stopped)
		return;
	c->stopped = 1;
	c->ops->stop(c);
}

static int is_over(const struct crew *c)
{
	return c->busy == 0 && c->ops->over(c);
}

static enum step step(struct task *t)
{
	struct crew_worker *w = (struct crew_worker *)(void *)t;
	struct crew *c = w->crew;

	pthread_mutex_lock(&c->lock);
	w->idle = 0;
	if (c->blocked == w)
		c->blocked = NULL;
	/* A cancel that comes when all is done changes nothing. */
	if (run_cancelled(c->run) && !c->stopped && !is_over(c)) {
		c->cancelled = 1;
		crew_stop(c);
	}
	enum crew_work worked = c->over ? CREW_IDLE : c->ops->work(c, w);
	unsigned sent = c->blocked ? 0 : c->ops->send(c, w);
	if (sent & CREW_FULL)
		c->blocked = w;
	if (!c->over && is_over(c)) {
		c->over = 1;
		crew_kick(c, c->jobs);
	}
	if (c->over) {
		int last = --c->live == 0;
		pthread_mutex_unlock(&c->lock);
		if (last) {
			core_run *run = c->run;
			c->ops->finish(c);
			run_unref(run);
		}
		return STEP_DONE;
	}
	/* Somebody must go on where this one stops, or can work beside it. */
	if ((worked == CREW_WORKED || (sent & CREW_SENT)) && ((sent & CREW_FULL) || c->ops->more(c)))
		crew_kick(c, 1);
	enum step next = STEP_MORE;
	if (sent & CREW_FULL) {
		/* The reader of the ring wakes it. */
		next = STEP_PARK;
	} else if (worked == CREW_WAITS || (worked == CREW_IDLE && sent == 0)) {
		w->idle = 1;
		next = STEP_PARK;
	}
	pthread_mutex_unlock(&c->lock);
	return next;
}

int32_t crew_new(struct crew *c, const struct crew_ops *ops, core_pump *pump, uint64_t token, uint32_t jobs,
		 void *job, void (*free)(void *))
{
	c->ops = ops;
	c->jobs = pool_threads() < CREW_MAX ? pool_threads() : CREW_MAX;
	if (jobs > 0 && jobs < c->jobs)
		c->jobs = jobs;
	for (unsigned i = 0; i < CREW_MAX; i++) {
		c->worker[i].task.step = step;
		c->worker[i].crew = c;
		c->worker[i].index = i;
	}
	int32_t rc = run_new(&c->run, pump, token, &c->worker[0].task, job, free);
	if (rc == 0)
		pthread_mutex_init(&c->lock, NULL);
	return rc;
}

void crew_start(struct crew *c)
{
	c->worker[0].started = 1;
	c->live = 1;
	pool_submit(&c->worker[0].task);
}

void crew_free(struct crew *c)
{
	if (c->run)
		pthread_mutex_destroy(&c->lock);
}
