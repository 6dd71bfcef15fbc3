/* SPDX-License-Identifier: MIT */
#include "match/ignore.h"

#include "base/alloc.h"
#include "core.h"
#include "match/wild.h"

#include <string.h>

/* What a pattern is compared with, and how. */
enum how {
	/** The name is the pattern. */
	NAME_IS,
	/** The name ends with what is behind the star. */
	NAME_ENDS,
	/** The name matches. */
	NAME_LIKE,
	/** The path is the pattern. */
	PATH_IS,
	/** The path begins with the bytes before the first wildcard, and the rest matches. */
	PATH_LIKE,
};

struct rule {
	struct ignore_rule seen;
	uint8_t how, dirs_only;
	/** Where its bytes stand in the text, and where those that are compared. */
	uint32_t text, text_len, at, len;
	/** PATH_LIKE: bytes before the first wildcard. */
	uint32_t fixed;
	/** NAME_IS: the next lower rule with the same hash, plus 1. */
	uint32_t next;
	struct wild *wild;
};

struct ignore {
	int fold;
	uint8_t *text;
	struct rule *rules;
	uint32_t count, cap;
	/** Rules that have to be looked at one by one, in their order. */
	uint32_t *others, others_count;
	/** Heads of the chains of names, plus 1; a power of two. */
	uint32_t *heads, mask;
};

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static int same(const struct ignore *g, const uint8_t *a, const uint8_t *b, size_t len)
{
	if (!g->fold)
		return memcmp(a, b, len) == 0;
	for (size_t i = 0; i < len; i++) {
		if (lower(a[i]) != lower(b[i]))
			return 0;
	}
	return 1;
}

static uint32_t hash_of(const struct ignore *g, const uint8_t *name, size_t len)
{
	uint32_t h = 2166136261u;

	/* Fowler, Noll, Vo: names are short, and nothing is proven by it. */
	for (size_t i = 0; i < len; i++)
		h = (h ^ (g->fold ? lower(name[i]) : name[i])) * 16777619u;
	return h ^ h >> 15;
}

/* --------------------------------------------------------------- reading */

static int is_wild(uint8_t c)
{
	return c == '*' || c == '?' || c == '[' || c == '\\';
}

static size_t fixed_part(const uint8_t *p, size_t len)
{
	size_t n = 0;

	while (n < len && !is_wild(p[n]))
		n++;
	return n;
}

/* Without the spaces at the end, of which a backslash keeps one. */
static size_t trimmed(const uint8_t *s, size_t len)
{
	size_t keep = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\\') {
			/* With nothing behind it, everything stays. */
			if (++i == len)
				return len;
			keep = i + 1;
		} else if (s[i] != ' ') {
			keep = i + 1;
		}
	}
	return keep;
}

static int32_t new_rule(struct ignore *g, struct rule **out)
{
	if (g->count == g->cap) {
		uint32_t cap = g->cap ? g->cap * 2 : 16;
		if (cap < g->cap)
			return CORE_ELIMIT;
		struct rule *rules = mem_realloc(g->rules, (size_t)cap * sizeof *rules);
		if (!rules)
			return CORE_EMEMORY;
		g->rules = rules;
		g->cap = cap;
	}
	*out = &g->rules[g->count++];
	return 0;
}

/* One line, without its end. */
static int32_t add_line(struct ignore *g, size_t at, size_t len, uint32_t line)
{
	struct rule *r;
	const uint8_t *s = g->text;
	size_t end = at + trimmed(s + at, len);
	int32_t rc = new_rule(g, &r);

	if (rc != 0)
		return rc;
	*r = (struct rule){.seen.line = line, .text = (uint32_t)at, .text_len = (uint32_t)(end - at)};
	if (at < end && s[at] == '!') {
		r->seen.keeps = 1;
		at++;
	}
	if (at < end && s[end - 1] == '/') {
		r->dirs_only = 1;
		end--;
	}
	unsigned flags = g->fold ? WILD_FOLD : 0;
	if (!memchr(s + at, '/', end - at)) {
		size_t fixed = fixed_part(s + at, end - at);
		if (fixed == end - at) {
			r->how = NAME_IS;
		} else if (s[at] == '*' && fixed_part(s + at + 1, end - at - 1) == end - at - 1) {
			r->how = NAME_ENDS;
			at++;
		} else {
			r->how = NAME_LIKE;
			flags |= WILD_NAME;
		}
	} else {
		if (s[at] == '/')
			at++;
		r->fixed = (uint32_t)fixed_part(s + at, end - at);
		r->how = r->fixed == end - at ? PATH_IS : PATH_LIKE;
	}
	r->at = (uint32_t)at;
	r->len = (uint32_t)(end - at);
	if (r->how != NAME_LIKE && r->how != PATH_LIKE)
		return 0;
	/* Stars behind the fixed part are taken for the start of the pattern, as git does. */
	return wild_new(&r->wild, s + at + r->fixed, r->len - r->fixed, flags);
}

static int32_t add_lines(struct ignore *g, size_t len, uint32_t *line)
{
	const uint8_t *s = g->text;
	size_t at = len >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	for (*line = 1; at < len; (*line)++) {
		const uint8_t *lf = memchr(s + at, '\n', len - at);
		size_t end = lf ? (size_t)(lf - s) : len, n = end - at;
		int32_t rc = 0;
		if (n > 0 && s[at] != '#') {
			n -= s[end - 1] == '\r';
			/* To git a line ends at a NUL. */
			rc = add_line(g, at, strnlen((const char *)s + at, n), *line);
		}
		if (rc != 0)
			return rc;
		at = end + 1;
	}
	return 0;
}

/* Puts rules of plain names into a table, and makes a list of the others. */
static int32_t arrange(struct ignore *g)
{
	uint32_t names = 0, size = 16;

	for (uint32_t i = 0; i < g->count; i++)
		names += g->rules[i].how == NAME_IS;
	while (size < names * 2 && size < 1u << 30)
		size *= 2;
	g->mask = size - 1;
	g->heads = mem_zalloc(size, sizeof *g->heads);
	g->others = mem_alloc((g->count - names + 1) * sizeof *g->others);
	if (!g->heads || !g->others)
		return CORE_EMEMORY;
	for (uint32_t i = 0; i < g->count; i++) {
		struct rule *r = &g->rules[i];
		if (r->how != NAME_IS) {
			g->others[g->others_count++] = i;
			continue;
		}
		uint32_t *head = &g->heads[hash_of(g, g->text + r->at, r->len) & g->mask];
		r->next = *head;
		*head = i + 1;
	}
	return 0;
}

int32_t ignore_new(struct ignore **out, const uint8_t *text, size_t len, int fold, uint32_t *line)
{
	*line = 0;
	if (len > IGNORE_BYTES)
		return CORE_ELIMIT;
	struct ignore *g = mem_zalloc(1, sizeof *g);
	if (!g)
		return CORE_EMEMORY;
	g->fold = fold;
	g->text = mem_alloc(len + 1);
	int32_t rc = CORE_EMEMORY;
	if (g->text) {
		if (len > 0)
			memcpy(g->text, text, len);
		rc = add_lines(g, len, line);
	}
	if (rc == 0)
		rc = arrange(g);
	if (rc != 0) {
		ignore_del(g);
		return rc;
	}
	*out = g;
	return 0;
}

void ignore_del(struct ignore *g)
{
	if (!g)
		return;
	for (uint32_t i = 0; i < g->count; i++)
		wild_del(g->rules[i].wild);
	mem_free(g->rules);
	mem_free(g->others);
	mem_free(g->heads);
	mem_free(g->text);
	mem_free(g);
}

/* -------------------------------------------------------------- matching */

static int matches(const struct ignore *g, const struct rule *r, const uint8_t *path, size_t len, size_t name)
{
	const uint8_t *p = g->text + r->at;

	switch (r->how) {
	case NAME_ENDS:
		return len - name >= r->len && same(g, p, path + len - r->len, r->len);
	case NAME_LIKE:
		return r->wild && wild_match(r->wild, path + name, len - name);
	case PATH_IS:
		return len == r->len && len > 0 && same(g, p, path, len);
	case PATH_LIKE:
		return r->wild && len >= r->fixed && same(g, p, path, r->fixed) &&
		       wild_match(r->wild, path + r->fixed, len - r->fixed);
	default:
		return len - name == r->len && same(g, p, path + name, r->len);
	}
}

const struct ignore_rule *ignore_find(const struct ignore *g, const uint8_t *path, size_t len, size_t name,
				      int is_dir)
{
	/* The highest rule so far, plus 1. */
	uint32_t best = 0;

	for (uint32_t i = g->heads[hash_of(g, path + name, len - name) & g->mask]; i > 0 && best == 0;
	     i = g->rules[i - 1].next) {
		const struct rule *r = &g->rules[i - 1];
		if ((is_dir || !r->dirs_only) && matches(g, r, path, len, name))
			best = i;
	}
	for (uint32_t k = g->others_count; k > 0 && g->others[k - 1] >= best; k--) {
		const struct rule *r = &g->rules[g->others[k - 1]];
		if ((is_dir || !r->dirs_only) && matches(g, r, path, len, name)) {
			best = g->others[k - 1] + 1;
			break;
		}
	}
	return best > 0 ? &g->rules[best - 1].seen : NULL;
}

uint32_t ignore_count(const struct ignore *g)
{
	return g->count;
}

const uint8_t *ignore_text(const struct ignore *g, const struct ignore_rule *r, size_t *len)
{
	const struct rule *rule = (const struct rule *)(const void *)r;

	*len = rule->text_len;
	return g->text + rule->text;
}
