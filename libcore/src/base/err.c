/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

size_t err_text(const struct err *e, char *out, size_t cap)
{
	static const char *const sides[] = {"left side", "right side"};
	char sys[128] = "";
	const char *why = e->detail;
	int n;

	if (!why && e->sys) {
		/* Thread-safe for the known numbers in glibc and musl: both return constant strings. */
		snprintf(sys, sizeof sys, "%s", strerror(e->sys));
		why = sys;
	}
	if (!why)
		why = "failed";
	const char *side = e->side == 0 || e->side == 1 ? sides[e->side] : "";
	const char *space = *side ? " " : "";
	if (e->at > 0)
		n = snprintf(out, cap, "%s%s%s at byte %" PRIu64 ": %s", e->op, space, side, e->at - 1, why);
	else
		n = snprintf(out, cap, "%s%s%s: %s", e->op, space, side, why);
	if (n < 0)
		return 0;
	return (size_t)n < cap ? (size_t)n : cap - 1;
}
