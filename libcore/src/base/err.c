/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Of what a failure was about, as much as is told. */
enum { ABOUT_BYTES = 120 };

int32_t err_code(int sys)
{
	switch (sys) {
	case ENOENT:
	case ENOTDIR:
		return CORE_ENOT_FOUND;
	case EACCES:
	case EPERM:
		return CORE_EPERMISSION;
	case EMFILE:
	case ENFILE:
	case ENAMETOOLONG:
		return CORE_ELIMIT;
	case ELOOP:
		return CORE_ELOOP;
	case ENOMEM:
		return CORE_EMEMORY;
	default:
		return CORE_EREAD;
	}
}

struct err err_sys(int sys, const char *op, int32_t side)
{
	return (struct err){.code = err_code(sys), .sys = sys, .op = op, .side = side};
}

struct err err_of(int32_t code, const char *op, int32_t side, const char *detail)
{
	return (struct err){.code = code, .op = op, .side = side, .detail = detail};
}

/* Milliseconds in seconds, without zeros at the end: 1500 is 1.5. */
static int put_seconds(char *out, size_t cap, uint64_t ms)
{
	if (ms % 1000 == 0)
		return snprintf(out, cap, "%" PRIu64, ms / 1000);
	unsigned digits = 3, part = (unsigned)(ms % 1000);
	for (; part % 10 == 0; part /= 10)
		digits--;
	return snprintf(out, cap, "%" PRIu64 ".%0*u", ms / 1000, (int)digits, part);
}

/* Writes a detail with its numbers, NUL-terminated, cut at `cap`. */
static void put_detail(const struct err *e, char *out, size_t cap)
{
	size_t at = 0;

	for (const char *d = e->detail; *d && at + 1 < cap;) {
		int n = 0;
		if (strncmp(d, "{n}", 3) == 0)
			n = snprintf(out + at, cap - at, "%" PRIu64, e->n);
		else if (strncmp(d, "{m}", 3) == 0)
			n = snprintf(out + at, cap - at, "%" PRIu64, e->m);
		else if (strncmp(d, "{s}", 3) == 0)
			n = put_seconds(out + at, cap - at, e->n);
		else
			out[at++] = *d;
		d += n > 0 ? 3 : 1;
		at += n > 0 ? (size_t)n : 0;
	}
	out[at < cap ? at : cap - 1] = '\0';
}

size_t err_text(const struct err *e, char *out, size_t cap)
{
	static const char *const sides[] = {"left side", "right side"};
	char why[224];
	int n;

	if (e->detail)
		put_detail(e, why, sizeof why);
	else if (e->sys)
		/* Thread-safe for the known numbers in glibc and musl: both return constant strings. */
		snprintf(why, sizeof why, "%s", strerror(e->sys));
	else
		snprintf(why, sizeof why, "failed");
	const char *side = e->side == 0 || e->side == 1 ? sides[e->side] : "";
	const char *space = *side ? " " : "";
	/* A long name must not leave the reason without room. */
	char about[ABOUT_BYTES + 6] = "";
	if (e->about)
		snprintf(about, sizeof about, "%.*s%s: ", ABOUT_BYTES, e->about, strlen(e->about) > ABOUT_BYTES ? "..." : "");
	if (e->at > 0)
		n = snprintf(out, cap, "%s%s%s at byte %" PRIu64 ": %s%s", e->op, space, side, e->at - 1, about, why);
	else
		n = snprintf(out, cap, "%s%s%s: %s%s", e->op, space, side, about, why);
	if (n < 0)
		return 0;
	return (size_t)n < cap ? (size_t)n : cap - 1;
}
