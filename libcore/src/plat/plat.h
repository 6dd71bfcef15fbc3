/* SPDX-License-Identifier: MIT */
/*
 * The operating system, and the only place that knows which one it is.
 * Calls that fail return a negative errno, so that no state is shared
 * between threads; EINTR never leaves this layer. Every descriptor opened
 * here is counted until plat_close().
 */
#ifndef PLAT_PLAT_H
#define PLAT_PLAT_H

#include <stddef.h>
#include <stdint.h>

/** What an open file or a name is. Times are nanoseconds since 1970. */
struct plat_stat {
	uint64_t dev;
	uint64_t ino;
	uint64_t size;
	/** Bytes that take room on the device. */
	uint64_t allocated;
	/** Device number of a device node. */
	uint64_t rdev;
	int64_t mtime_ns;
	int64_t ctime_ns;
	/** Permission bits. */
	uint32_t mode;
	uint32_t uid, gid;
	/** One of core_kind. */
	uint8_t kind;
};

/** Relative to the working directory, for plat_*_at(). */
#define PLAT_CWD (-100)

enum plat_open_flag {
	PLAT_DIR = 1,
	/** Fail with ELOOP on a symbolic link. */
	PLAT_NOFOLLOW = 2,
};

/** Opens for reading, never blocking on a FIFO: a descriptor or -errno. */
int plat_open_at(int dir, const char *path, unsigned flags);
void plat_close(int fd);
/** Descriptors opened here and not yet closed. */
uint64_t plat_descriptors(void);
/** How many descriptors the process may have open. */
uint64_t plat_descriptor_limit(void);

int plat_fstat(int fd, struct plat_stat *out);
/** About the name itself (`follow` 0) or what it leads to (1). */
int plat_stat_at(int dir, const char *path, int follow, struct plat_stat *out);
/** Target bytes of a link, without NUL: their number (`cap` when cut) or -errno. */
int64_t plat_readlink_at(int dir, const char *path, uint8_t *out, size_t cap);

/**
 * Names of the extended attributes of a name below a directory, each ended by
 * a NUL: their bytes, or -errno. -ERANGE when `cap` is too small; 0 where the
 * file system has none.
 */
int64_t plat_xattr_list(int dir, const char *name, int follow, char *out, size_t cap);
/** The value of one of them: its bytes, or -errno. */
int64_t plat_xattr_get(int dir, const char *name, int follow, const char *attr, void *out, size_t cap);

enum plat_create_flag {
	/** Fail with EEXIST on a file that is there. */
	PLAT_EXCLUSIVE = 1,
	/** Without what is in a file that is there. */
	PLAT_TRUNCATE = 2,
};

/** Opens a file for writing, and makes it where it is missing: a descriptor or -errno. */
int plat_create_at(int dir, const char *path, unsigned flags);
/** Bytes written at the descriptor's position, or -errno: -EAGAIN where it does not wait and is full. May be short. */
int64_t plat_write(int fd, const void *buf, size_t len);
/** Takes all bytes out of a file that is open for writing: 0 or -errno. */
int plat_truncate(int fd);
/** Waits until what was written lies on the device: 0 or -errno. */
int plat_sync(int fd);
/** Gives a file another name, in place of what has it: 0 or -errno. */
int plat_rename_at(int dir, const char *from, const char *to);
/** Takes a name away: 0 or -errno. */
int plat_unlink_at(int dir, const char *path);
/** Locks a file for whoever opened this descriptor, until it is closed: 0, or -EWOULDBLOCK when somebody else has it. */
int plat_lock(int fd);

/** Bytes read at an offset, 0 at the end, or -errno. May be short. */
int64_t plat_pread(int fd, void *buf, size_t len, uint64_t off);
/** Bytes read at the descriptor's position, 0 at the end, or -errno. May be short. */
int64_t plat_read(int fd, void *buf, size_t len);
/** Size of a block device, or -errno. Moves the descriptor's position. */
int64_t plat_device_size(int fd);
/**
 * Where data next stands at or after an offset (`hole` 0), or a hole (1):
 * -ENXIO when the file ends before. Moves the descriptor's position.
 */
int64_t plat_seek(int fd, uint64_t off, int hole);
/**
 * 1 when two files of one device are the same blocks from start to end, as
 * file systems that share blocks say it; 0 when they are not, or it is not
 * sure: anything inline, compressed, encrypted, unwritten or not yet placed.
 */
int plat_same_extents(int a, int b);
/** 1 when the file system makes its files up while they are read, so that their size says nothing. */
int plat_is_pseudo(int fd);

/** The number of a device by its two parts, as in plat_stat.rdev. */
uint64_t plat_device(uint32_t major, uint32_t minor);

/** One name in a directory; `kind` is CORE_KIND_UNKNOWN where the listing does not tell. */
typedef int (*plat_name_fn)(void *ctx, const char *name, size_t len, uint8_t kind);
/**
 * Calls `fn` for each name but "." and "..", in the system's order; `fn`
 * ends the listing with a value other than 0, which is returned.
 * @param scratch  memory for the system's listing, 8-byte aligned
 * @return 0, -errno, or what `fn` said
 */
int plat_list(int fd, void *scratch, size_t scratch_len, plat_name_fn fn, void *ctx);

/** Whether an open directory has names besides "." and "..": 1, 0 or -errno. `scratch` as for plat_list(). */
int plat_has_names(int fd, void *scratch, size_t scratch_len);
/** The absolute path of a name without symbolic links, and no NUL: its bytes, at most `cap`, or -errno. */
int64_t plat_real_path(const char *path, uint8_t *out, size_t cap);

/** Waits until a descriptor takes bytes, or so many milliseconds: 1, 0 or -errno. */
int plat_wait_writable(int fd, unsigned ms);

/** A pair of connected stream sockets that never block, or -errno. */
int plat_socket_pair(int fds[2]);
/** Another descriptor of the same file, not counted: for somebody else to close. Or -errno. */
int plat_duplicate(int fd);
/** A socket for a connection, not counted: for somebody else to close. Or -errno. */
int plat_socket(int family, int type, int protocol);
/** The bytes of a socket address, IPv4 as ::ffff:a.b.c.d: 1, or 0 when it is of neither family. */
int plat_address(const void *address, size_t len, uint8_t out[16]);
/** Sends one byte to the other end; it does not matter if that is full or gone. */
void plat_wake(int fd);

unsigned plat_cpus(void);
/** Nanoseconds that never run backwards. */
uint64_t plat_now(void);
/** Nanoseconds since 1970. */
int64_t plat_time(void);
/** Names the calling thread, at most 15 bytes. */
void plat_name_thread(const char *name);

#endif
