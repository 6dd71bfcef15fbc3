/* SPDX-License-Identifier: MIT */
#include "files.h"

#include "base/rng.h"
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void must(int good, const char *what, const char *path)
{
	if (!good)
		FAIL("cannot %s %.200s: %s", what, path, strerror(errno));
}

static void write_all(int fd, const void *data, size_t len, off_t off, const char *path)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pwrite(fd, (const char *)data + done, len - done, off + (off_t)done);
		must(n > 0, "write", path);
		done += (size_t)n;
	}
}

void files_write(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(fd >= 0, "create", path);
	write_all(fd, data, len, 0, path);
	close(fd);
}

void files_write_text(const char *path, const char *text)
{
	files_write(path, text, strlen(text));
}

void files_patch(const char *path, uint64_t off, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	must(fd >= 0, "open", path);
	write_all(fd, data, len, (off_t)off, path);
	close(fd);
}

void files_resize(const char *path, uint64_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	must(fd >= 0, "open", path);
	must(ftruncate(fd, (off_t)size) == 0, "resize", path);
	close(fd);
}

void files_mkdir(const char *path)
{
	must(mkdir(path, 0700) == 0, "make folder", path);
}

void files_link(const char *target, const char *path)
{
	must(symlink(target, path) == 0, "link", path);
}

/* Empties an open directory. Deep trees are flattened: a subdirectory is moved up before it is emptied. */
static void empty(int root, int fd, unsigned *moved)
{
	DIR *d = fdopendir(fd);

	if (!d) {
		close(fd);
		return;
	}
	for (struct dirent *x; (x = readdir(d));) {
		if (strcmp(x->d_name, ".") == 0 || strcmp(x->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd(d), x->d_name, 0) == 0 || unlinkat(dirfd(d), x->d_name, AT_REMOVEDIR) == 0)
			continue;
		char name[32];
		snprintf(name, sizeof name, "to-empty-%u", (*moved)++);
		renameat(dirfd(d), x->d_name, root, name);
	}
	closedir(d);
}

void files_remove(const char *path)
{
	unsigned moved = 0;

	if (unlink(path) == 0)
		return;
	int root = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (root < 0)
		return;
	for (int round = 0; round < 100000; round++) {
		/* Through the root again and again: what is moved there is met in a later round. */
		int again = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), left = 0;
		DIR *d = again < 0 ? NULL : fdopendir(again);
		if (!d)
			break;
		for (struct dirent *x; (x = readdir(d));) {
			if (strcmp(x->d_name, ".") == 0 || strcmp(x->d_name, "..") == 0)
				continue;
			if (unlinkat(root, x->d_name, 0) == 0 || unlinkat(root, x->d_name, AT_REMOVEDIR) == 0)
				continue;
			int fd = openat(root, x->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			if (fd >= 0)
				empty(root, fd, &moved);
			left = 1;
		}
		closedir(d);
		if (!left)
			break;
	}
	close(root);
	rmdir(path);
}

uint8_t *files_noise(uint64_t seed, size_t len)
{
	uint8_t *p = malloc(len + 8);

	if (!p)
		abort();
	for (size_t i = 0; i < len; i += 8) {
		uint64_t x = rng_next(&seed);
		memcpy(p + i, &x, 8);
	}
	return p;
}
