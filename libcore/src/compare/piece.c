/* SPDX-License-Identifier: MIT */
#include "compare/piece.h"

#include "base/alloc.h"
#include "core.h"

#include <blake3.h>
#include <string.h>

struct piece *piece_new(uint32_t n)
{
	struct piece *p = mem_zalloc(1, sizeof *p + (size_t)n * sizeof p->label[0]);

	if (p)
		pthread_mutex_init(&p->lock, NULL);
	return p;
}

static void drop(struct piece *p, struct content *c)
{
	if (c->owned) {
		mem_free((void *)(uintptr_t)c->data);
		atomic_fetch_sub(p->kept, c->len);
	}
	c->owned = 0;
}

void piece_forget(struct piece *p)
{
	for (uint32_t i = 0; i < p->firsts; i++)
		drop(p, &p->first[i]);
	for (uint32_t i = 0; i < p->mores; i++)
		drop(p, &p->more[i]);
	mem_free(p->table);
	p->table = NULL;
	p->table_size = 0;
}

void piece_free(struct piece *p)
{
	piece_forget(p);
	while (p->errors) {
		struct piece_error *e = p->errors;
		p->errors = e->next;
		mem_free(e);
	}
	mem_free(p->more);
	pthread_mutex_destroy(&p->lock);
	mem_free(p);
}

int32_t piece_fail(struct piece *p, uint32_t member, const struct err *e)
{
	struct piece_error *error = mem_alloc(sizeof *error);

	if (!error)
		return CORE_EMEMORY;
	pthread_mutex_lock(&p->lock);
	*error = (struct piece_error){.next = p->errors, .member = member, .err = *e};
	p->errors = error;
	pthread_mutex_unlock(&p->lock);
	return 0;
}

/*
 * Makes a content of what was read; the lock is held. Without `must`, it may
 * be left without its bytes.
 * @return CORE_EMEMORY
 */
static int32_t keep(struct piece *p, struct content *c, const uint8_t *data, size_t len, int lasting, int must)
{
	*c = (struct content){.data = data, .len = (uint32_t)len};
	/* Nothing need be kept of nothing, but it is known. */
	if (lasting || len == 0) {
		static const uint8_t none[1];
		c->data = len == 0 ? none : data;
		return 0;
	}
	c->data = NULL;
	if (atomic_fetch_add(p->kept, len) + len > p->kept_max && !must) {
		atomic_fetch_sub(p->kept, len);
		return 0;
	}
	uint8_t *copy = mem_alloc(len);
	if (!copy) {
		atomic_fetch_sub(p->kept, len);
		return CORE_EMEMORY;
	}
	memcpy(copy, data, len);
	c->data = copy;
	c->owned = 1;
	return 0;
}

int32_t piece_own(struct piece *p)
{
	int32_t rc = 0;

	/* Of one thread's own buffers, only the first content is in one. */
	pthread_mutex_lock(&p->lock);
	struct content *c = &p->first[0];
	if (p->alone && p->firsts > 0 && !c->owned)
		rc = keep(p, c, c->data, c->len, 0, 1);
	pthread_mutex_unlock(&p->lock);
	return rc;
}

static int is_same(const struct content *c, const uint8_t *data, size_t len)
{
	return c->len == len && memcmp(c->data, data, len) == 0;
}

/* The place in the table for a hash: that of an entry, or a free one. */
static uint32_t place(const struct piece *p, const uint8_t *hash, uint32_t from)
{
	uint32_t at;

	memcpy(&at, hash, sizeof at);
	for (at = (at + from) & (p->table_size - 1); p->table[at] != 0; at = (at + 1) & (p->table_size - 1)) {
		if (memcmp(p->more[p->table[at] - 1].hash, hash, PIECE_HASH) == 0)
			break;
	}
	return at;
}

/* Room for one more content behind the first. */
static int32_t grow(struct piece *p)
{
	if (p->mores == p->mores_cap) {
		uint32_t cap = p->mores_cap ? 2 * p->mores_cap : 64;
		struct content *more = mem_realloc(p->more, (size_t)cap * sizeof *more);
		if (!more)
			return CORE_EMEMORY;
		p->more = more;
		p->mores_cap = cap;
	}
	if (2 * (p->mores + 1) > p->table_size) {
		uint32_t size = p->table_size ? 2 * p->table_size : 256;
		uint32_t *table = mem_zalloc(size, sizeof *table);
		if (!table)
			return CORE_EMEMORY;
		mem_free(p->table);
		p->table = table;
		p->table_size = size;
		for (uint32_t i = 0; i < p->mores; i++) {
			uint32_t at;
			memcpy(&at, p->more[i].hash, sizeof at);
			for (at &= size - 1; table[at] != 0; at = (at + 1) & (size - 1))
				;
			table[at] = i + 1;
		}
	}
	return 0;
}

/*
 * Finds a content by its hash, or adds it; the lock is held, and let go while
 * bytes are compared.
 */
static int32_t by_hash(struct piece *p, const uint8_t *hash, const uint8_t *data, size_t len, int lasting,
		       uint32_t *label)
{
	/* Two contents of one hash are not to be expected; each look goes on behind the last. */
	for (uint32_t from = 0;; from++) {
		int32_t rc = grow(p);
		if (rc != 0)
			return rc;
		uint32_t at = place(p, hash, from), found = p->table[at];
		if (found == 0) {
			struct content *c = &p->more[p->mores];
			rc = keep(p, c, data, len, lasting, 0);
			if (rc != 0)
				return rc;
			memcpy(c->hash, hash, PIECE_HASH);
			c->sources = 1;
			p->table[at] = ++p->mores;
			*label = PIECE_FIRST + p->mores - 1;
			return 0;
		}
		/* A copy: the array may move meanwhile, the bytes do not. */
		struct content c = p->more[found - 1];
		*label = PIECE_FIRST + found - 1;
		if (!c.data) {
			p->more[found - 1].sources++;
			return 0;
		}
		pthread_mutex_unlock(&p->lock);
		int same = is_same(&c, data, len);
		pthread_mutex_lock(&p->lock);
		if (same)
			return 0;
	}
}

int32_t piece_label(struct piece *p, const uint8_t *data, size_t len, int lasting, uint32_t *label)
{
	uint8_t hash[PIECE_HASH];
	uint32_t seen = 0;
	int32_t rc = 0, hashed = 0;

	for (;;) {
		for (uint32_t n = atomic_load(&p->firsts); seen < n; seen++) {
			if (is_same(&p->first[seen], data, len)) {
				*label = seen;
				return 0;
			}
		}
		pthread_mutex_lock(&p->lock);
		/* Others came meanwhile: they are compared first. */
		if (p->firsts > seen) {
			pthread_mutex_unlock(&p->lock);
			continue;
		}
		if (p->firsts < PIECE_FIRST && p->mores == 0) {
			struct content *c = &p->first[p->firsts];
			rc = keep(p, c, data, len, lasting, p->firsts == 0);
			if (rc != 0 || c->data) {
				*label = p->firsts;
				if (rc == 0)
					atomic_store(&p->firsts, p->firsts + 1);
				pthread_mutex_unlock(&p->lock);
				return rc;
			}
		}
		if (hashed) {
			rc = by_hash(p, hash, data, len, lasting, label);
			pthread_mutex_unlock(&p->lock);
			return rc;
		}
		pthread_mutex_unlock(&p->lock);
		blake3_hasher hasher;
		blake3_hasher_init(&hasher);
		blake3_hasher_update(&hasher, data, len);
		blake3_hasher_finalize(&hasher, hash, sizeof hash);
		hashed = 1;
	}
}

uint32_t piece_contents(const struct piece *p)
{
	return p->firsts + p->mores;
}

static const struct content *content(const struct piece *p, uint32_t label)
{
	return label < PIECE_FIRST ? &p->first[label] : &p->more[label - PIECE_FIRST];
}

uint32_t piece_length(const struct piece *p, uint32_t label)
{
	return content(p, label)->len;
}

int piece_unproven(const struct piece *p, uint32_t label)
{
	const struct content *c = content(p, label);

	return label >= PIECE_FIRST && !c->data && c->sources > 1;
}
