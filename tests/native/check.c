/* SPDX-License-Identifier: MIT */
#include "check.h"

#include "files.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined __SANITIZE_THREAD__
#define SLOWER 8
#elif defined __SANITIZE_ADDRESS__
#define SLOWER 4
#elif defined __has_feature
#if __has_feature(thread_sanitizer)
#define SLOWER 8
#elif __has_feature(address_sanitizer)
#define SLOWER 4
#endif
#endif
#ifndef SLOWER
#define SLOWER 1
#endif

enum { SECONDS_PER_TEST = 60, EXIT_FAILED = 1, EXIT_SKIPPED = 77 };

static const char *running;
static int failures;
static char folder[4096];

void check_test(const char *name, void (*fn)(void))
{
	const char *only = getenv("SUITE_TEST_ONLY");
	int status = 0;

	if (only && !strstr(name, only))
		return;
	check_folder();
	fflush(stdout);
	running = name;
	pid_t child = fork();
	if (child == 0) {
		const char *seconds = getenv("SUITE_TEST_SECONDS");
		alarm(seconds ? (unsigned)atoi(seconds) : SECONDS_PER_TEST * (SLOWER > 1 ? 4 : 1));
		fn();
		/* Through exit(), so that a leak checker has its say. */
		exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child) {
		perror("fork");
		exit(2);
	}
	running = NULL;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		printf("ok %s\n", name);
		return;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIPPED)
		return;
	failures++;
	/* The test has told what failed, unless it was cut short. */
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		printf("not ok %s: it does not end\n", name);
	else if (WIFSIGNALED(status))
		printf("not ok %s: killed by signal %d\n", name, WTERMSIG(status));
	else if (WEXITSTATUS(status) != EXIT_FAILED)
		printf("not ok %s: exit code %d\n", name, WEXITSTATUS(status));
}

int check_end(void)
{
	if (folder[0])
		files_remove(folder);
	return failures > 0;
}

/* Not through exit(): what a test leaves behind when it fails is no leak of the library's. */
static _Noreturn void leave(int code)
{
	putchar('\n');
	fflush(stdout);
	_exit(code);
}

void check_fail(const char *file, int line, const char *format, ...)
{
	const char *base = strrchr(file, '/');
	va_list args;

	printf("not ok %s: %s:%d ", running ? running : "fixture", base ? base + 1 : file, line);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	leave(EXIT_FAILED);
}

void check_skip(const char *format, ...)
{
	va_list args;

	printf("skip %s: ", running);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	leave(EXIT_SKIPPED);
}

void check_note(const char *format, ...)
{
	va_list args;

	fputs("# ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

unsigned check_rounds(unsigned full)
{
	const char *percent = getenv("SUITE_TEST_ROUNDS");
	unsigned long long n = full / SLOWER;

	if (percent)
		n = n * strtoull(percent, NULL, 10) / 100;
	return n > 0 ? (unsigned)n : 1;
}

const char *check_folder(void)
{
	if (!folder[0]) {
		const char *base = getenv("TMPDIR");
		snprintf(folder, sizeof folder, "%s/suite-native-XXXXXX", base && *base ? base : "/tmp");
		if (!mkdtemp(folder)) {
			perror("mkdtemp");
			exit(2);
		}
	}
	return folder;
}

const char *check_text(const char *format, ...)
{
	/* Kept in a list so that a leak checker still reaches it. */
	static struct text {
		struct text *next;
		char bytes[];
	} *texts;
	va_list args;

	va_start(args, format);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	struct text *t = malloc(sizeof *t + (size_t)len + 1);
	if (!t)
		abort();
	t->next = texts;
	texts = t;
	va_start(args, format);
	vsnprintf(t->bytes, (size_t)len + 1, format, args);
	va_end(args);
	return t->bytes;
}
