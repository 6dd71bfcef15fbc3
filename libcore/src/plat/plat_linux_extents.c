/* SPDX-License-Identifier: MIT */
/* Whether two files share all their blocks: Linux, Documentation/filesystems/fiemap.rst. */
#include "plat/plat.h"

#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { BATCH = 64 };

/* Where physical addresses are no addresses of readable, private data. */
static const uint32_t unsure = FIEMAP_EXTENT_UNKNOWN | FIEMAP_EXTENT_DELALLOC | FIEMAP_EXTENT_ENCODED |
			       FIEMAP_EXTENT_DATA_ENCRYPTED | FIEMAP_EXTENT_NOT_ALIGNED |
			       FIEMAP_EXTENT_DATA_INLINE | FIEMAP_EXTENT_DATA_TAIL |
			       FIEMAP_EXTENT_UNWRITTEN;

/* The head with room for its extents. */
union map {
	struct fiemap head;
	uint8_t room[sizeof(struct fiemap) + BATCH * sizeof(struct fiemap_extent)];
};

/* The requests are unsigned long to glibc and to the kernel, and int to musl, whose own macros do not fit into one. */
static int answers(int fd, unsigned long request, void *to)
{
	return syscall(SYS_ioctl, fd, request, to) == 0;
}

/* Only where blocks can be shared at all: elsewhere the question costs a write-back for nothing. */
static int shares_blocks(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		return 0;
	switch ((uint32_t)fs.f_type) {
	case 0x9123683e: /* btrfs */
	case 0xca451a4e: /* bcachefs */
		return 1;
	case 0x58465342: { /* xfs, but for files on its second, realtime device */
		struct fsxattr attr;
		return answers(fd, FS_IOC_FSGETXATTR, &attr) && !(attr.fsx_xflags & FS_XFLAG_REALTIME);
	}
	default:
		return 0;
	}
}

static int next_extents(int fd, uint64_t from, union map *m)
{
	memset(m, 0, sizeof *m);
	m->head.fm_start = from;
	m->head.fm_length = FIEMAP_MAX_OFFSET - from;
	m->head.fm_flags = FIEMAP_FLAG_SYNC;
	m->head.fm_extent_count = BATCH;
	return answers(fd, FS_IOC_FIEMAP, m);
}

int plat_same_extents(int a, int b)
{
	union map x, y;
	uint64_t from = 0;

	if (!shares_blocks(a) || !shares_blocks(b))
		return 0;
	for (;;) {
		if (!next_extents(a, from, &x) || !next_extents(b, from, &y))
			return 0;
		uint32_t n = x.head.fm_mapped_extents;
		/* A file without extents is all hole; that is told elsewhere. */
		if (n == 0 || n != y.head.fm_mapped_extents)
			return 0;
		for (uint32_t i = 0; i < n; i++) {
			const struct fiemap_extent *p = &x.head.fm_extents[i], *q = &y.head.fm_extents[i];
			if (((p->fe_flags | q->fe_flags) & unsure) || p->fe_logical != q->fe_logical ||
			    p->fe_physical != q->fe_physical || p->fe_length != q->fe_length)
				return 0;
		}
		int last = (x.head.fm_extents[n - 1].fe_flags & FIEMAP_EXTENT_LAST) != 0;
		if (last != ((y.head.fm_extents[n - 1].fe_flags & FIEMAP_EXTENT_LAST) != 0))
			return 0;
		if (last)
			return 1;
		from = x.head.fm_extents[n - 1].fe_logical + x.head.fm_extents[n - 1].fe_length;
	}
}
