/* SPDX-License-Identifier: MIT */
/*
 * The test programs' harness. A program is a list of tests; each runs in a
 * process of its own, so that one that fails, crashes or hangs takes none with
 * it and the pool, the limits and the counters are as new. It prints one line,
 * `ok NAME`, `not ok NAME: why` or `skip NAME: why`, and stops at its first
 * failed check. Names hold no colon. SUITE_TEST_ONLY picks tests by a part of
 * their name, SUITE_TEST_SECONDS is how long each of them may take.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stddef.h>
#include <stdint.h>

/** Runs a test. */
void check_test(const char *name, void (*fn)(void));
/** The program's exit code. Removes the temporary folder. */
int check_end(void);
/** Ends the running test as failed; any thread. */
_Noreturn void check_fail(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/** Ends the running test as skipped. */
_Noreturn void check_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** Prints a line that is no verdict: how much was tried, with which seed. */
void check_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * How many rounds of a loop fit the time: `full` in a plain build, fewer under a
 * sanitizer. SUITE_TEST_ROUNDS, a percentage, scales all of them.
 */
unsigned check_rounds(unsigned full);
/** A folder that all tests of this program share, gone after check_end(). Ends in no slash. */
const char *check_folder(void);
/** As printf() into memory that lasts as long as the program. */
const char *check_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define TEST(name, fn) check_test(name, fn)
#define FAIL(...) check_fail(__FILE__, __LINE__, __VA_ARGS__)
#define CHECK(condition)                                     \
	do {                                                 \
		if (!(condition))                            \
			FAIL("%s", #condition);              \
	} while (0)
/** Two integers that must be equal; both are printed when they are not. */
#define CHECK_EQ(have, want)                                                                       \
	do {                                                                                       \
		const int64_t have_ = (int64_t)(have), want_ = (int64_t)(want);                    \
		if (have_ != want_)                                                                \
			FAIL("%s is %lld, not %lld", #have, (long long)have_, (long long)want_);   \
	} while (0)
#define CHECK_TEXT(have, want)                                               \
	do {                                                                 \
		const char *h_ = (have), *w_ = (want);                       \
		if (__builtin_strcmp(h_, w_) != 0)                           \
			FAIL("%s is \"%s\", not \"%s\"", #have, h_, w_);     \
	} while (0)

#endif
