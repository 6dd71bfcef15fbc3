/* SPDX-License-Identifier: MIT */
/*
 * A library to preload: system calls of libcore that fail, come short, or
 * find the file changed, as SUITE_FAULT says. Rules are separated by ';':
 *
 *	CALL,PATH,WHEN,ACTION[,ARGUMENT]
 *
 * CALL is openat, pread, fstat, fstatat, readlinkat, getdents64, lseek, write,
 * fsync or renameat, whose path is that of the new name.
 * PATH is a part of the path the call is about. WHEN counts the calls that
 * fit: N is the N-th, N+ the N-th and all after it, N-M those between.
 * ACTION happens before the call:
 *
 *	errno,NUMBER   the call fails with it instead
 *	short,LENGTH   (pread, write) at most so many bytes are asked for
 *	truncate,SIZE  the file is cut or stretched to this size
 *	append,LENGTH  so many bytes are written to its end
 *	write,OFFSET   one byte of it is changed in place
 *	touch          its time is set
 *	replace        another file takes its name
 *	unlink         its name goes away
 *	linked         a symbolic link takes its name
 *	meet,MS        it waits at most so long for another call that fits, and
 *	               notes "together" when they are two at once
 *	kill           the process is killed (SIGKILL)
 *	note           nothing
 *
 * Each action taken is a line of the file SUITE_FAULT_LOG: call, path, count.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MAX_RULES = 8 };

struct rule {
	char call[16], path[128], action[16];
	long from, to, argument;
	_Atomic long count;
	/** Calls that wait for each other, and whether two have met. */
	_Atomic int waiting, together;
};

static struct rule rules[MAX_RULES];
static int rule_count;
static int log_fd = -1;

/* What a rule changes about a call. */
struct effect {
	int error;
	size_t limit;
};

static void die(const char *why)
{
	fprintf(stderr, "shim: %s\n", why);
	_exit(99);
}

static void read_when(struct rule *r, const char *when)
{
	char *end;

	r->from = strtol(when, &end, 10);
	r->to = *end == '+' ? LONG_MAX : *end == '-' ? strtol(end + 1, NULL, 10) : r->from;
	if (r->from < 1)
		die("WHEN counts from 1");
}

/* The next definition of a function: that of libc. */
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* Looked up once: the program calls it from places where nothing may wait. */
static long (*_Atomic libc_syscall)(long, ...);

#define real_syscall (*(libc_syscall ? libc_syscall : (libc_syscall = NEXT(syscall))))

__attribute__((constructor)) static void read_rules(void)
{
	const char *text = getenv("SUITE_FAULT"), *log = getenv("SUITE_FAULT_LOG");

	while (text && *text) {
		char when[32];
		if (rule_count == MAX_RULES)
			die("too many rules");
		struct rule *r = &rules[rule_count++];
		int n = sscanf(text, "%15[^,;],%127[^,;],%31[^,;],%15[^,;],%ld", r->call, r->path, when,
			       r->action, &r->argument);
		if (n < 4)
			die("a rule is CALL,PATH,WHEN,ACTION[,ARGUMENT]");
		read_when(r, when);
		text = strchr(text, ';');
		text = text ? text + 1 : NULL;
	}
	libc_syscall = NEXT(syscall);
	if (log)
		log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* ---------------------------------------------------------------- actions */

/* Everything below calls the system directly: our own calls are not to meet our rules. */

static int open_raw(const char *path, int how)
{
	return (int)real_syscall(SYS_openat, AT_FDCWD, path, how, 0600);
}

static ssize_t write_raw(int fd, const void *data, size_t len)
{
	return real_syscall(SYS_write, fd, data, len);
}

static void append(const char *path, long length)
{
	int fd = open_raw(path, O_WRONLY | O_APPEND);

	for (long i = 0; fd >= 0 && i < length; i++) {
		if (write_raw(fd, "+", 1) != 1)
			die("cannot append");
	}
	close(fd);
}

static void change_byte(const char *path, long offset)
{
	char byte = 0;
	int fd = open_raw(path, O_RDWR);

	if (real_syscall(SYS_pread64, fd, &byte, 1, offset) != 1)
		die("cannot read the byte to change");
	byte = (char)(byte ^ 1);
	if (pwrite(fd, &byte, 1, offset) != 1)
		die("cannot change a byte");
	close(fd);
}

static void touch(const char *path)
{
	const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

	if (utimensat(AT_FDCWD, path, times, 0) != 0)
		die("cannot touch");
}

static void replace(const char *path)
{
	char other[PATH_MAX + 8];

	snprintf(other, sizeof other, "%s.other", path);
	int fd = open_raw(other, O_WRONLY | O_CREAT | O_EXCL);
	if (fd < 0 || write_raw(fd, "other", 5) != 5 || rename(other, path) != 0)
		die("cannot replace");
	close(fd);
}

/* Another thread's call is the only one that can come while this one waits. */
static void meet(struct rule *r)
{
	const struct timespec moment = {.tv_nsec = 1000000};

	if (atomic_fetch_add(&r->waiting, 1) > 0 && atomic_exchange(&r->together, 1) == 0 && log_fd >= 0 &&
	    write_raw(log_fd, "together\n", 9) != 9)
		die("cannot log");
	for (long ms = 0; ms < r->argument && !r->together; ms++)
		nanosleep(&moment, NULL);
	atomic_fetch_sub(&r->waiting, 1);
}

static void act(struct rule *r, const char *path, struct effect *e)
{
	if (strcmp(r->action, "errno") == 0)
		e->error = (int)r->argument;
	else if (strcmp(r->action, "short") == 0)
		e->limit = (size_t)r->argument;
	else if (strcmp(r->action, "truncate") == 0 && truncate(path, r->argument) != 0)
		die("cannot truncate");
	else if (strcmp(r->action, "append") == 0)
		append(path, r->argument);
	else if (strcmp(r->action, "write") == 0)
		change_byte(path, r->argument);
	else if (strcmp(r->action, "touch") == 0)
		touch(path);
	else if (strcmp(r->action, "replace") == 0)
		replace(path);
	else if (strcmp(r->action, "meet") == 0)
		meet(r);
	else if (strcmp(r->action, "kill") == 0)
		kill(getpid(), SIGKILL);
	else if (strcmp(r->action, "unlink") == 0 || strcmp(r->action, "linked") == 0)
		unlink(path);
	if (strcmp(r->action, "linked") == 0 && symlink("elsewhere", path) != 0)
		die("cannot link");
}

static struct effect apply(const char *call, const char *path)
{
	struct effect e = {.limit = SIZE_MAX};

	for (int i = 0; i < rule_count; i++) {
		struct rule *r = &rules[i];
		if (strcmp(r->call, call) != 0 || !strstr(path, r->path))
			continue;
		long n = atomic_fetch_add(&r->count, 1) + 1;
		if (n < r->from || n > r->to)
			continue;
		char line[PATH_MAX + 64];
		int length = snprintf(line, sizeof line, "%s %s %ld\n", call, path, n);
		if (log_fd >= 0 && write_raw(log_fd, line, (size_t)length) != length)
			die("cannot log");
		act(r, path, &e);
	}
	return e;
}

static void path_of(int fd, char out[PATH_MAX])
{
	char link[64];

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	long n = real_syscall(SYS_readlinkat, AT_FDCWD, link, out, PATH_MAX - 1);
	out[n > 0 ? n : 0] = '\0';
}

static struct effect apply_at(const char *call, int dir, const char *name)
{
	char path[2 * PATH_MAX];

	if (rule_count == 0)
		return (struct effect){.limit = SIZE_MAX};
	path[0] = '\0';
	if (name[0] != '/') {
		path_of(dir == AT_FDCWD ? -1 : dir, path);
		if (dir == AT_FDCWD && !getcwd(path, PATH_MAX))
			path[0] = '\0';
		strncat(path, "/", sizeof path - strlen(path) - 1);
	}
	strncat(path, name, sizeof path - strlen(path) - 1);
	return apply(call, path);
}

static struct effect apply_fd(const char *call, int fd)
{
	char path[PATH_MAX];

	if (rule_count == 0)
		return (struct effect){.limit = SIZE_MAX};
	path_of(fd, path);
	return apply(call, path);
}

static int failed(struct effect e)
{
	if (e.error != 0)
		errno = e.error;
	return e.error != 0;
}

/* ------------------------------------------------------------------ calls */

int openat(int dir, const char *path, int how, ...)
{
	/* What takes no mode passes none. */
	if ((how & O_CREAT) || (how & O_TMPFILE) == O_TMPFILE) {
		va_list args;
		va_start(args, how);
		mode_t mode = va_arg(args, mode_t);
		va_end(args);
		return failed(apply_at("openat", dir, path)) ? -1 : (int)real_syscall(SYS_openat, dir, path, how, mode);
	}
	return failed(apply_at("openat", dir, path)) ? -1 : (int)real_syscall(SYS_openat, dir, path, how, 0);
}

ssize_t pread(int fd, void *buf, size_t len, off_t off)
{
	struct effect e = apply_fd("pread", fd);

	return failed(e) ? -1 : real_syscall(SYS_pread64, fd, buf, len < e.limit ? len : e.limit, off);
}

int fstat(int fd, struct stat *st)
{
	return failed(apply_fd("fstat", fd)) ? -1 : NEXT(fstat)(fd, st);
}

int fstatat(int dir, const char *restrict path, struct stat *restrict st, int flags)
{
	return failed(apply_at("fstatat", dir, path)) ? -1 : NEXT(fstatat)(dir, path, st, flags);
}

ssize_t readlinkat(int dir, const char *restrict path, char *restrict buf, size_t len)
{
	return failed(apply_at("readlinkat", dir, path)) ? -1 : real_syscall(SYS_readlinkat, dir, path, buf, len);
}

/* libcore has no wrapper of libc for getdents64. All others, also of the program, pass through. */
long syscall(long number, ...)
{
	long arg[6];
	va_list args;

	va_start(args, number);
	for (size_t i = 0; i < 6; i++)
		arg[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_getdents64 && failed(apply_fd("getdents64", (int)arg[0])))
		return -1;
	return real_syscall(number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
}

off_t lseek(int fd, off_t off, int whence)
{
	return failed(apply_fd("lseek", fd)) ? -1 : NEXT(lseek)(fd, off, whence);
}

ssize_t write(int fd, const void *data, size_t len)
{
	struct effect e = apply_fd("write", fd);

	return failed(e) ? -1 : write_raw(fd, data, len < e.limit ? len : e.limit);
}

int fsync(int fd)
{
	return failed(apply_fd("fsync", fd)) ? -1 : (int)real_syscall(SYS_fsync, fd);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	return failed(apply_at("renameat", to_dir, to)) ? -1 : (int)real_syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);
}
