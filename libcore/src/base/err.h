/* SPDX-License-Identifier: MIT */
/* A failure with what is known about it, small enough to be copied around. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "core.h"

#include <stddef.h>
#include <stdint.h>

struct err {
	/** CORE_E…, 0 for none. */
	int32_t code;
	/** The system's error number, 0 for none. */
	int32_t sys;
	/** What was being done, a static string: "open", "read". */
	const char *op;
	/** Which side it was about: -1 neither, 0 left, 1 right. */
	int32_t side;
	/**
	 * One more fact, a static string, or NULL. In it `{n}` and `{m}` stand
	 * for the numbers below, `{s}` for the first one, milliseconds, in seconds.
	 */
	const char *detail;
	uint64_t n, m;
	/** What it was about, in words that live as long as the run, where its path does not say it; or NULL. */
	const char *about;
	/** Byte it happened at plus 1, 0 where that means nothing. */
	uint64_t at;
};

/** The code that stands for a system error number met while reading. */
int32_t err_code(int sys);
/** An error made from a system error number. */
struct err err_sys(int sys, const char *op, int32_t side);
/** An error of our own. */
struct err err_of(int32_t code, const char *op, int32_t side, const char *detail);
/** Writes the error in words, NUL-terminated, cut at `cap`: the length without the NUL. */
size_t err_text(const struct err *e, char *out, size_t cap);

#endif
