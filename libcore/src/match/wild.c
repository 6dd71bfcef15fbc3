/* SPDX-License-Identifier: MIT */
#include "match/wild.h"

#include "base/alloc.h"
#include "core.h"

#include <string.h>

enum op {
	/** This byte. */
	BYTE,
	/** One byte of a set. */
	SET,
	/** Any bytes but slashes: stays, or is passed over. */
	STAR,
	/** Any bytes: stays, or is passed over. */
	ALL,
	/** `**` before a slash: at the start of a part, which may be passed over … */
	PARTS,
	/** … or inside of one, until its slash. */
	PART,
};

struct token {
	uint16_t op;
	/** BYTE: which. SET: its place in `sets`. */
	uint16_t value;
};

struct set {
	uint64_t bits[4];
};

struct wild {
	unsigned fold;
	uint32_t count, sets_count;
	struct set *sets;
	struct token tokens[];
};

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static int has(const struct set *s, uint8_t c)
{
	return (int)(s->bits[c / 64] >> (c % 64) & 1);
}

static void put(struct set *s, unsigned first, unsigned last)
{
	for (unsigned c = first; c <= last; c++)
		s->bits[c / 64] |= 1ull << (c % 64);
}

/* ------------------------------------------------------------- compiling */

struct compiler {
	const uint8_t *s;
	size_t len, at;
	unsigned flags;
	struct wild *w;
};

/* Classes by name, as ranges of ASCII. White space is what git takes for it: without VT and FF. */
static const struct {
	const char *name, *ranges;
} classes[] = {
	{"alnum", "09AZaz"}, {"alpha", "AZaz"}, {"blank", "  \t\t"}, {"cntrl", "\001\037\177\177"},
	{"digit", "09"}, {"graph", "!~"}, {"lower", "az"}, {"print", " ~"},
	{"punct", "!/:@[`{~"}, {"space", "  \t\n\r\r"}, {"upper", "AZ"}, {"xdigit", "09AFaf"},
};

/* Adds a class by name; 0 when there is none. Where case does not count, upper is both. */
static int put_class(struct set *s, const uint8_t *name, size_t len, unsigned flags)
{
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		if (strlen(classes[i].name) != len || memcmp(classes[i].name, name, len) != 0)
			continue;
		for (const char *r = classes[i].ranges; *r; r += 2)
			put(s, (uint8_t)r[0], (uint8_t)r[1]);
		if (flags & WILD_FOLD && classes[i].name[0] == 'u')
			put(s, 'a', 'z');
		if (classes[i].name[0] == 'c')
			put(s, 0, 0);
		return 1;
	}
	return 0;
}

/*
 * The set behind `[`, up to its `]`: 1, or 0 when it can match nothing. A
 * range whose ends are the wrong way round adds only its first byte, which
 * had been added before the dash was seen.
 */
static int compile_set(struct compiler *c, struct set *out)
{
	struct set one = {0}, ranges = {0};
	const uint8_t *s = c->s;
	int negated = 0, before = -1;

	if (c->at < c->len && (s[c->at] == '!' || s[c->at] == '^')) {
		negated = 1;
		c->at++;
	}
	/* A bracket that comes first is a member. */
	for (size_t start = c->at; c->at < c->len && (c->at == start || s[c->at] != ']'); c->at++) {
		uint8_t ch = s[c->at];
		if (ch == '-' && before >= 0 && c->at + 1 < c->len && s[c->at + 1] != ']') {
			if (s[++c->at] == '\\' && ++c->at == c->len)
				return 0;
			if (before <= s[c->at])
				put(&ranges, (unsigned)before, s[c->at]);
			before = -1;
			continue;
		}
		if (ch == '[' && c->at + 1 < c->len && s[c->at + 1] == ':') {
			size_t name = c->at + 2, end = name;
			while (end < c->len && s[end] != ']')
				end++;
			if (end == c->len)
				return 0;
			/* Without the colon at its end it is a bracket, and what stands there are members. */
			if (end > name && s[end - 1] == ':') {
				if (!put_class(&one, s + name, end - 1 - name, c->flags))
					return 0;
				c->at = end;
				before = -1;
				continue;
			}
		} else if (ch == '\\') {
			if (++c->at == c->len)
				return 0;
			ch = s[c->at];
		}
		put(&one, ch, ch);
		before = ch;
	}
	if (c->at == c->len)
		return 0;
	c->at++;
	for (unsigned i = 0; i < 256; i++) {
		uint8_t b = c->flags & WILD_FOLD ? lower((uint8_t)i) : (uint8_t)i;
		int in = has(&one, b) || has(&ranges, b);
		if (c->flags & WILD_FOLD && b >= 'a' && b <= 'z')
			in |= has(&ranges, (uint8_t)(b - 32));
		if (in != negated && i != '/')
			put(out, i, i);
	}
	return 1;
}

static int32_t add(struct compiler *c, enum op op, unsigned value)
{
	struct wild *w = c->w;

	/* A star behind one that takes as much adds nothing. */
	if ((op == STAR || op == ALL) && w->count > 0 && w->tokens[w->count - 1].op == op)
		return 0;
	if (w->count == WILD_TOKENS)
		return CORE_ELIMIT;
	w->tokens[w->count++] = (struct token){.op = (uint16_t)op, .value = (uint16_t)value};
	return 0;
}

static int32_t compile_stars(struct compiler *c)
{
	size_t start = c->at;

	while (c->at < c->len && c->s[c->at] == '*')
		c->at++;
	const uint8_t *next = c->s + c->at;
	size_t left = c->len - c->at;
	if (c->flags & WILD_NAME || c->at - start < 2 || (start > 0 && c->s[start - 1] != '/'))
		return add(c, STAR, 0);
	if (left == 0 || (left > 1 && next[0] == '\\' && next[1] == '/'))
		return add(c, ALL, 0);
	if (next[0] != '/')
		return add(c, STAR, 0);
	c->at++;
	int32_t rc = add(c, PARTS, 0);
	return rc == 0 ? add(c, PART, 0) : rc;
}

/* 1, 0 when it can match nothing, or an error. */
static int32_t compile(struct compiler *c)
{
	while (c->at < c->len) {
		uint8_t ch = c->s[c->at];
		int32_t rc;
		if (ch == '*') {
			rc = compile_stars(c);
		} else if (ch == '[' || ch == '?') {
			struct set *s = &c->w->sets[c->w->sets_count];
			*s = (struct set){0};
			c->at++;
			if (ch == '?') {
				put(s, 0, 255);
				s->bits['/' / 64] &= ~(1ull << '/' % 64);
			} else if (!compile_set(c, s)) {
				return 0;
			}
			rc = add(c, SET, c->w->sets_count++);
		} else {
			int escaped = ch == '\\';
			if (escaped && ++c->at == c->len)
				return 0;
			ch = c->s[c->at++];
			/* git folds the text and the pattern, but nothing behind a backslash: a capital there matches nothing. */
			rc = add(c, BYTE, c->flags & WILD_FOLD && !escaped ? lower(ch) : ch);
		}
		if (rc != 0)
			return rc;
	}
	return 1;
}

/* How many sets there can be. */
static size_t count_sets(const uint8_t *pattern, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += pattern[i] == '[' || pattern[i] == '?';
	return n < WILD_TOKENS ? n : WILD_TOKENS;
}

int32_t wild_new(struct wild **out, const uint8_t *pattern, size_t len, unsigned flags)
{
	size_t tokens = len < WILD_TOKENS ? len : WILD_TOKENS, sets = count_sets(pattern, len);
	struct wild *w = mem_alloc(sizeof *w + tokens * sizeof *w->tokens);

	*out = NULL;
	if (!w)
		return CORE_EMEMORY;
	*w = (struct wild){.fold = flags & WILD_FOLD, .sets = mem_alloc((sets + 1) * sizeof *w->sets)};
	struct compiler c = {.s = pattern, .len = len, .flags = flags, .w = w};
	int32_t rc = w->sets ? compile(&c) : CORE_EMEMORY;
	if (rc == 1) {
		*out = w;
		return 0;
	}
	wild_del(w);
	return rc;
}

void wild_del(struct wild *w)
{
	if (!w)
		return;
	mem_free(w->sets);
	mem_free(w);
}

/* -------------------------------------------------------------- matching */

/* Adds a place in the pattern, and those reached from it without a byte. */
static void reach(const struct wild *w, uint64_t *places, size_t i)
{
	while (!(places[i / 64] >> (i % 64) & 1)) {
		places[i / 64] |= 1ull << (i % 64);
		if (i == w->count || w->tokens[i].op < STAR || w->tokens[i].op == PART)
			return;
		i += w->tokens[i].op == PARTS ? 2 : 1;
	}
}

static void follow(const struct wild *w, uint64_t *next, size_t i, uint8_t c)
{
	const struct token *t = &w->tokens[i];

	switch (t->op) {
	case BYTE:
		if (c == t->value)
			reach(w, next, i + 1);
		break;
	case SET:
		if (has(&w->sets[t->value], c))
			reach(w, next, i + 1);
		break;
	case STAR:
		if (c != '/')
			reach(w, next, i);
		break;
	case ALL:
		reach(w, next, i);
		break;
	case PARTS:
		/* A part may be empty: behind the fixed part of a pattern a path goes on with a slash. */
		reach(w, next, c == '/' ? i : i + 1);
		break;
	default:
		reach(w, next, c == '/' ? i - 1 : i);
		break;
	}
}

int wild_match(const struct wild *w, const uint8_t *text, size_t len)
{
	uint64_t a[WILD_TOKENS / 64 + 1], b[WILD_TOKENS / 64 + 1], *now = a, *next = b;
	size_t words = w->count / 64 + 1;

	memset(now, 0, words * sizeof *now);
	reach(w, now, 0);
	for (size_t at = 0; at < len; at++) {
		uint8_t c = w->fold ? lower(text[at]) : text[at];
		uint64_t any = 0;
		memset(next, 0, words * sizeof *next);
		for (size_t k = 0; k < words; k++) {
			for (uint64_t bits = now[k]; bits; bits &= bits - 1) {
				size_t i = k * 64 + (size_t)__builtin_ctzll(bits);
				if (i < w->count)
					follow(w, next, i, c);
			}
		}
		for (size_t k = 0; k < words; k++)
			any |= next[k];
		if (!any)
			return 0;
		uint64_t *t = now;
		now = next;
		next = t;
	}
	return (int)(now[w->count / 64] >> (w->count % 64) & 1);
}
