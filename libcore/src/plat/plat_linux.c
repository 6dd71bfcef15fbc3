/* SPDX-License-Identifier: MIT */
/* Linux, with any C library. */
#include "core.h"
#include "plat/plat.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

_Static_assert(PLAT_CWD == AT_FDCWD, "PLAT_CWD is AT_FDCWD");
_Static_assert(sizeof(off_t) == 8, "large files");

static _Atomic uint64_t descriptors;

static int opened(int fd)
{
	if (fd < 0)
		return -errno;
	atomic_fetch_add_explicit(&descriptors, 1, memory_order_relaxed);
	return fd;
}

int plat_open_at(int dir, const char *path, unsigned flags)
{
	int how = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int fd;

	if (flags & PLAT_DIR)
		how |= O_DIRECTORY;
	if (flags & PLAT_NOFOLLOW)
		how |= O_NOFOLLOW;
	do
		fd = openat(dir, path, how);
	while (fd < 0 && errno == EINTR);
	return opened(fd);
}

void plat_close(int fd)
{
	/* Linux releases the descriptor even when close() is interrupted. */
	close(fd);
	atomic_fetch_sub_explicit(&descriptors, 1, memory_order_relaxed);
}

uint64_t plat_descriptors(void)
{
	return atomic_load_explicit(&descriptors, memory_order_relaxed);
}

uint64_t plat_descriptor_limit(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) != 0)
		return 256;
	return lim.rlim_cur;
}

static uint8_t kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return CORE_KIND_FILE;
	case S_IFDIR:
		return CORE_KIND_DIR;
	case S_IFLNK:
		return CORE_KIND_SYMLINK;
	case S_IFIFO:
		return CORE_KIND_FIFO;
	case S_IFSOCK:
		return CORE_KIND_SOCKET;
	case S_IFBLK:
		return CORE_KIND_BLOCK;
	case S_IFCHR:
		return CORE_KIND_CHAR;
	default:
		return CORE_KIND_UNKNOWN;
	}
}

static int64_t ns_of(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void fill(struct plat_stat *out, const struct stat *st)
{
	*out = (struct plat_stat){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.allocated = (uint64_t)st->st_blocks * 512,
		.rdev = st->st_rdev,
		.mtime_ns = ns_of(st->st_mtim),
		.ctime_ns = ns_of(st->st_ctim),
		.mode = st->st_mode & 07777,
		.uid = st->st_uid,
		.gid = st->st_gid,
		.kind = kind_of(st->st_mode),
	};
}

int plat_fstat(int fd, struct plat_stat *out)
{
	struct stat st;
	int rc;

	do
		rc = fstat(fd, &st);
	while (rc != 0 && errno == EINTR);
	if (rc != 0)
		return -errno;
	fill(out, &st);
	return 0;
}

int plat_stat_at(int dir, const char *path, int follow, struct plat_stat *out)
{
	struct stat st;
	int rc;

	do
		rc = fstatat(dir, path, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW);
	while (rc != 0 && errno == EINTR);
	if (rc != 0)
		return -errno;
	fill(out, &st);
	return 0;
}

int64_t plat_readlink_at(int dir, const char *path, uint8_t *out, size_t cap)
{
	ssize_t n;

	do
		n = readlinkat(dir, path, (char *)out, cap);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/*
 * The calls for attributes take no directory: the path goes through the
 * descriptor's name below /proc, which is followed like any other directory.
 */
static int attr_path(char *out, size_t cap, int dir, const char *name)
{
	int n = dir == PLAT_CWD ? snprintf(out, cap, "%s", name)
				: snprintf(out, cap, "/proc/self/fd/%d/%s", dir, name);

	return n < 0 || (size_t)n >= cap ? -ENAMETOOLONG : 0;
}

int64_t plat_xattr_list(int dir, const char *name, int follow, char *out, size_t cap)
{
	char path[4096];
	int rc = attr_path(path, sizeof path, dir, name);

	if (rc != 0)
		return rc;
	ssize_t n = follow ? listxattr(path, out, cap) : llistxattr(path, out, cap);
	return n >= 0 ? n : errno == ENOTSUP ? 0 : -errno;
}

int64_t plat_xattr_get(int dir, const char *name, int follow, const char *attr, void *out, size_t cap)
{
	char path[4096];
	int rc = attr_path(path, sizeof path, dir, name);

	if (rc != 0)
		return rc;
	ssize_t n = follow ? getxattr(path, attr, out, cap) : lgetxattr(path, attr, out, cap);
	return n >= 0 ? n : -errno;
}

int plat_create_at(int dir, const char *path, unsigned flags)
{
	int how = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW;
	int fd;

	if (flags & PLAT_EXCLUSIVE)
		how |= O_EXCL;
	if (flags & PLAT_TRUNCATE)
		how |= O_TRUNC;
	do
		fd = openat(dir, path, how, 0666);
	while (fd < 0 && errno == EINTR);
	return opened(fd);
}

int64_t plat_write(int fd, const void *buf, size_t len)
{
	ssize_t n;

	do
		n = write(fd, buf, len);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int plat_truncate(int fd)
{
	int rc;

	do
		rc = ftruncate(fd, 0);
	while (rc != 0 && errno == EINTR);
	return rc != 0 ? -errno : 0;
}

int plat_sync(int fd)
{
	int rc;

	do
		rc = fsync(fd);
	while (rc != 0 && errno == EINTR);
	return rc != 0 ? -errno : 0;
}

int plat_rename_at(int dir, const char *from, const char *to)
{
	return renameat(dir, from, dir, to) != 0 ? -errno : 0;
}

int plat_unlink_at(int dir, const char *path)
{
	return unlinkat(dir, path, 0) != 0 ? -errno : 0;
}

int plat_lock(int fd)
{
	int rc;

	do
		rc = flock(fd, LOCK_EX | LOCK_NB);
	while (rc != 0 && errno == EINTR);
	return rc != 0 ? -errno : 0;
}

int64_t plat_pread(int fd, void *buf, size_t len, uint64_t off)
{
	ssize_t n;

	do
		n = pread(fd, buf, len, (off_t)off);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int64_t plat_read(int fd, void *buf, size_t len)
{
	ssize_t n;

	do
		n = read(fd, buf, len);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int64_t plat_device_size(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END);

	return end < 0 ? -errno : end;
}

int64_t plat_seek(int fd, uint64_t off, int hole)
{
	off_t at;

	do
		at = lseek(fd, (off_t)off, hole ? SEEK_HOLE : SEEK_DATA);
	while (at < 0 && errno == EINTR);
	return at < 0 ? -errno : at;
}

int plat_is_pseudo(int fd)
{
	/* From linux/magic.h, which not every C library installs. */
	static const uint32_t made_up[] = {
		0x9fa0,     /* proc */
		0x62656572, /* sysfs */
		0x64626720, /* debugfs */
		0x74726163, /* tracefs */
		0x27e0eb,   /* cgroup */
		0x63677270, /* cgroup2 */
		0x73636673, /* securityfs */
		0xf97cff8c, /* selinuxfs */
		0x62656570, /* configfs */
		0xde5e81e4, /* efivarfs */
	};
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		return 0;
	for (size_t i = 0; i < sizeof made_up / sizeof made_up[0]; i++) {
		if ((uint32_t)fs.f_type == made_up[i])
			return 1;
	}
	return 0;
}

static uint8_t kind_of_dirent(unsigned char type)
{
	switch (type) {
	case DT_REG:
		return CORE_KIND_FILE;
	case DT_DIR:
		return CORE_KIND_DIR;
	case DT_LNK:
		return CORE_KIND_SYMLINK;
	case DT_FIFO:
		return CORE_KIND_FIFO;
	case DT_SOCK:
		return CORE_KIND_SOCKET;
	case DT_BLK:
		return CORE_KIND_BLOCK;
	case DT_CHR:
		return CORE_KIND_CHAR;
	default:
		return CORE_KIND_UNKNOWN;
	}
}

/* What the kernel writes, see getdents64(2). Each begins at a multiple of eight. */
struct entry {
	uint64_t inode;
	int64_t next;
	uint16_t length;
	uint8_t type;
	char name[];
};

/* A wrapper of libc is not to be had everywhere: glibc has it since 2.30, and musl under another name. */
static ssize_t read_entries(int fd, void *buf, size_t len)
{
	return syscall(SYS_getdents64, fd, buf, len);
}

int plat_list(int fd, void *scratch, size_t scratch_len, plat_name_fn fn, void *ctx)
{
	for (;;) {
		ssize_t n = read_entries(fd, scratch, scratch_len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		for (ssize_t at = 0; at < n;) {
			const struct entry *e = (const void *)((char *)scratch + at);
			const char *name = e->name;
			at += e->length;
			if (name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0')))
				continue;
			int rc = fn(ctx, name, strlen(name), kind_of_dirent(e->type));
			if (rc != 0)
				return rc;
		}
	}
}

static int found_name(void *ctx, const char *name, size_t len, uint8_t kind)
{
	(void)ctx;
	(void)name;
	(void)len;
	(void)kind;
	return 1;
}

int plat_has_names(int fd, void *scratch, size_t scratch_len)
{
	return plat_list(fd, scratch, scratch_len, found_name, NULL);
}

int64_t plat_real_path(const char *path, uint8_t *out, size_t cap)
{
	char *real = realpath(path, NULL);

	if (!real)
		return -errno;
	size_t len = strlen(real);
	if (len <= cap)
		memcpy(out, real, len);
	free(real);
	return len <= cap ? (int64_t)len : -ENAMETOOLONG;
}

int plat_wait_writable(int fd, unsigned ms)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int n = poll(&p, 1, (int)ms);

	return n < 0 && errno != EINTR ? -errno : n > 0;
}

uint64_t plat_device(uint32_t major_part, uint32_t minor_part)
{
	return makedev(major_part, minor_part);
}

int plat_socket_pair(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0)
		return -errno;
	atomic_fetch_add_explicit(&descriptors, 2, memory_order_relaxed);
	return 0;
}

int plat_duplicate(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	return copy < 0 ? -errno : copy;
}

int plat_socket(int family, int type, int protocol)
{
	int fd = socket(family, type | SOCK_CLOEXEC, protocol);

	return fd < 0 ? -errno : fd;
}

int plat_address(const void *address, size_t len, uint8_t out[16])
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	sa_family_t family;

	if (len < sizeof family)
		return 0;
	memcpy(&family, (const char *)address + offsetof(struct sockaddr, sa_family), sizeof family);
	if (family == AF_INET && len >= sizeof v4) {
		memcpy(&v4, address, sizeof v4);
		memset(out, 0, 10);
		out[10] = out[11] = 0xff;
		memcpy(out + 12, &v4.sin_addr, 4);
		return 1;
	}
	if (family == AF_INET6 && len >= sizeof v6) {
		memcpy(&v6, address, sizeof v6);
		memcpy(out, &v6.sin6_addr, 16);
		return 1;
	}
	return 0;
}

void plat_wake(int fd)
{
	const char one = 1;
	ssize_t n;

	do
		n = send(fd, &one, 1, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
}

unsigned plat_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set) == 0) {
		int n = CPU_COUNT(&set);
		if (n > 0)
			return (unsigned)n;
	}
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	return n > 0 ? (unsigned)n : 1;
}

uint64_t plat_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)ns_of(t);
}

int64_t plat_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return ns_of(t);
}

void plat_name_thread(const char *name)
{
	prctl(PR_SET_NAME, name);
}
