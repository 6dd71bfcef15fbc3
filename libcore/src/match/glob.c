/* SPDX-License-Identifier: MIT */
#include "match/glob.h"

#include "base/alloc.h"
#include "core.h"

#include <string.h>
#include <utf8proc.h>

enum op {
	/** This character. */
	LITERAL,
	/** `?` */
	ANY,
	/** `*`: stays, or is passed over. */
	STAR,
	/** `[…]` */
	SET,
	/** `**` before a slash: at the start of a part, which may be passed over … */
	PARTS,
	/** … or inside of one, until its slash. */
	PART,
	/** `**` at the end. */
	REST,
};

struct token {
	uint32_t op;
	/** LITERAL: the character. SET: its first range. */
	uint32_t value;
	/** SET: how many ranges, and whether it is negated. */
	uint16_t ranges;
	uint16_t negated;
};

struct range {
	uint32_t first, last;
};

struct glob {
	unsigned fold;
	size_t count;
	struct token *tokens;
	struct range *ranges;
};

/* The character at `*at`: a code point, or beyond all of them a byte that is no UTF-8. */
static uint32_t next_char(const uint8_t *s, size_t len, size_t *at)
{
	uint8_t c = s[*at];
	unsigned more = c >= 0xf0 && c < 0xf5 ? 3 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xc2 && c < 0xe0 ? 1 : 0;
	uint32_t value = more == 3 ? c & 7u : more == 2 ? c & 15u : more == 1 ? c & 31u : c;

	(*at)++;
	if (c < 0x80)
		return c;
	if (more == 0 || len - *at < more)
		return 0x110000u + c;
	for (unsigned i = 0; i < more; i++) {
		uint8_t d = s[*at + i];
		if ((d & 0xc0) != 0x80)
			return 0x110000u + c;
		value = value << 6 | (d & 63u);
	}
	*at += more;
	return value;
}

/* One character for all that differ in case alone. */
static uint32_t folded(uint32_t c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	return c < 0x110000 ? (uint32_t)utf8proc_tolower((utf8proc_int32_t)utf8proc_toupper((utf8proc_int32_t)c)) : c;
}

/* ------------------------------------------------------------- compiling */

struct compiler {
	const uint8_t *s;
	size_t len, at;
	struct glob *g;
	size_t ranges;
};

static struct token *add(struct compiler *c, enum op op, uint32_t value)
{
	if (c->g->count == GLOB_TOKENS)
		return NULL;
	struct token *t = &c->g->tokens[c->g->count++];
	*t = (struct token){.op = op, .value = value};
	return t;
}

/* A character of a set, where a backslash takes the next one as it is. */
static int32_t set_char(struct compiler *c, uint32_t *out)
{
	if (c->s[c->at] == '\\' && ++c->at == c->len)
		return CORE_EUSAGE;
	*out = next_char(c->s, c->len, &c->at);
	return 0;
}

/* Behind `[`, up to its `]`. */
static int32_t compile_set(struct compiler *c)
{
	struct token *t = add(c, SET, (uint32_t)c->ranges);

	if (!t)
		return CORE_EUSAGE;
	if (c->at < c->len && (c->s[c->at] == '!' || c->s[c->at] == '^')) {
		t->negated = 1;
		c->at++;
	}
	/* A bracket that comes first is a member. */
	for (int first = 1; c->at < c->len && (first || c->s[c->at] != ']'); first = 0) {
		struct range *r = &c->g->ranges[c->ranges++];
		int32_t rc = set_char(c, &r->first);
		r->last = r->first;
		if (rc == 0 && c->len - c->at >= 2 && c->s[c->at] == '-' && c->s[c->at + 1] != ']') {
			c->at++;
			rc = set_char(c, &r->last);
		}
		if (rc != 0)
			return rc;
		t->ranges++;
	}
	if (c->at == c->len)
		return CORE_EUSAGE;
	c->at++;
	return 0;
}

/* A run of stars: a whole part of two or more is "any directories". */
static int32_t compile_stars(struct compiler *c)
{
	size_t start = c->at;

	while (c->at < c->len && c->s[c->at] == '*')
		c->at++;
	int whole = c->at - start >= 2 && (start == 0 || c->s[start - 1] == '/') &&
		    (c->at == c->len || c->s[c->at] == '/');
	if (!whole)
		return add(c, STAR, 0) ? 0 : CORE_EUSAGE;
	if (c->at == c->len)
		return add(c, REST, 0) ? 0 : CORE_EUSAGE;
	c->at++;
	return add(c, PARTS, 0) && add(c, PART, 0) ? 0 : CORE_EUSAGE;
}

static int32_t compile(struct compiler *c)
{
	while (c->at < c->len) {
		uint8_t ch = c->s[c->at];
		int32_t rc = 0;
		if (ch == '*') {
			rc = compile_stars(c);
		} else if (ch == '?') {
			c->at++;
			rc = add(c, ANY, 0) ? 0 : CORE_EUSAGE;
		} else if (ch == '[') {
			c->at++;
			rc = compile_set(c);
		} else {
			if (ch == '\\' && ++c->at == c->len)
				return CORE_EUSAGE;
			uint32_t value = next_char(c->s, c->len, &c->at);
			rc = add(c, LITERAL, c->g->fold ? folded(value) : value) ? 0 : CORE_EUSAGE;
		}
		if (rc != 0)
			return rc;
	}
	return 0;
}

int32_t glob_new(struct glob **out, const uint8_t *pattern, size_t len, unsigned fold)
{
	if (len == 0 || len > GLOB_TOKENS * 4)
		return CORE_EUSAGE;
	struct glob *g = mem_zalloc(1, sizeof *g);
	if (!g)
		return CORE_EMEMORY;
	g->fold = fold;
	/* No pattern has more tokens or ranges than bytes, but for `**`, which makes two of three. */
	g->tokens = mem_zalloc(len + 1 < GLOB_TOKENS ? len + 1 : GLOB_TOKENS, sizeof *g->tokens);
	g->ranges = mem_zalloc(len, sizeof *g->ranges);
	struct compiler c = {.s = pattern, .len = len, .g = g};
	int32_t rc = g->tokens && g->ranges ? compile(&c) : CORE_EMEMORY;
	if (rc != 0) {
		glob_del(g);
		return rc;
	}
	*out = g;
	return 0;
}

void glob_del(struct glob *g)
{
	if (!g)
		return;
	mem_free(g->tokens);
	mem_free(g->ranges);
	mem_free(g);
}

/* -------------------------------------------------------------- matching */

/* The places in the pattern that the path may have led to: one bit for each token, and one for its end. */
struct places {
	uint64_t bits[GLOB_TOKENS / 64 + 1];
};

/* Adds a place, and those reached from it without a character. */
static void reach(const struct glob *g, struct places *p, size_t i)
{
	for (;;) {
		p->bits[i / 64] |= 1ull << (i % 64);
		if (i == g->count)
			return;
		if (g->tokens[i].op == STAR)
			i++;
		else if (g->tokens[i].op == PARTS)
			i += 2;
		else
			return;
	}
}

static int in_ranges(const struct glob *g, const struct token *t, uint32_t c)
{
	int found = 0;

	for (unsigned i = 0; i < t->ranges && !found; i++) {
		const struct range *r = &g->ranges[t->value + i];
		found = c >= r->first && c <= r->last;
	}
	return found;
}

static int in_set(const struct glob *g, const struct token *t, uint32_t c)
{
	int found = in_ranges(g, t, c);

	if (!found && g->fold && c < 0x110000) {
		utf8proc_int32_t code = (utf8proc_int32_t)c;
		found = in_ranges(g, t, (uint32_t)utf8proc_tolower(code)) || in_ranges(g, t, (uint32_t)utf8proc_toupper(code));
	}
	return found != t->negated;
}

/* Where a token leads with a character. */
static void follow(const struct glob *g, struct places *next, size_t i, uint32_t c)
{
	const struct token *t = &g->tokens[i];

	switch (t->op) {
	case LITERAL:
		if ((g->fold ? folded(c) : c) == t->value)
			reach(g, next, i + 1);
		break;
	case ANY:
		if (c != '/')
			reach(g, next, i + 1);
		break;
	case STAR:
		if (c != '/')
			reach(g, next, i);
		break;
	case SET:
		if (c != '/' && in_set(g, t, c))
			reach(g, next, i + 1);
		break;
	case PARTS:
		if (c != '/')
			reach(g, next, i + 1);
		break;
	case PART:
		reach(g, next, c == '/' ? i - 1 : i);
		break;
	case REST:
		next->bits[i / 64] |= 1ull << (i % 64);
		next->bits[g->count / 64] |= 1ull << (g->count % 64);
		break;
	}
}

int glob_match(const struct glob *g, const uint8_t *path, size_t len)
{
	size_t words = g->count / 64 + 1;
	struct places a, b, *now = &a, *next = &b;

	memset(now, 0, words * sizeof now->bits[0]);
	reach(g, now, 0);
	for (size_t at = 0; at < len;) {
		uint32_t c = next_char(path, len, &at);
		uint64_t any = 0;
		memset(next, 0, words * sizeof next->bits[0]);
		for (size_t w = 0; w < words; w++) {
			for (uint64_t bits = now->bits[w]; bits; bits &= bits - 1) {
				size_t i = w * 64 + (size_t)__builtin_ctzll(bits);
				if (i < g->count)
					follow(g, next, i, c);
			}
		}
		for (size_t w = 0; w < words; w++)
			any |= next->bits[w];
		if (!any)
			return 0;
		struct places *t = now;
		now = next;
		next = t;
	}
	return (int)(now->bits[g->count / 64] >> (g->count % 64) & 1);
}
