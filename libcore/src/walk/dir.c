/* SPDX-License-Identifier: MIT */
#include "walk/dir.h"

#include "base/alloc.h"
#include "pool/pool.h"

#include <errno.h>
#include <string.h>

enum {
	LISTING_BYTES = 64 << 10,
	/** Path bytes that one open() takes, below the system's 4096. */
	OPEN_BYTES = 3800,
};

/* ------------------------------------------------------------------ list */

struct listing {
	struct dir_list *list;
	int fd, follow;
};

int32_t dir_add(struct dir_list *l, const char *name, size_t len, uint8_t kind, uint8_t below)
{
	if (l->count == l->cap) {
		uint32_t cap = l->cap ? l->cap * 2 : 32;
		if (cap < l->cap || cap > UINT32_MAX / sizeof *l->items)
			return CORE_ELIMIT;
		struct dir_item *items = mem_realloc(l->items, (size_t)cap * sizeof *items);
		if (!items)
			return CORE_EMEMORY;
		l->items = items;
		l->cap = cap;
	}
	size_t at = l->names.len;
	if (len + below > UINT16_MAX || at + len + 2 > UINT32_MAX)
		return CORE_ELIMIT;
	int32_t rc = buf_reserve(&l->names, len + 2);
	if (rc != 0)
		return rc;
	memcpy(l->names.data + at, name, len);
	if (below)
		l->names.data[at + len++] = '/';
	l->names.data[at + len] = '\0';
	l->names.len = at + len + 1;
	l->items[l->count++] = (struct dir_item){
		.name = (uint32_t)at, .len = (uint16_t)len, .kind = kind, .below = below};
	return 0;
}

static int on_name(void *ctx, const char *name, size_t len, uint8_t kind)
{
	struct listing *x = ctx;

	if (kind == CORE_KIND_UNKNOWN) {
		struct plat_stat st;
		/* A name that has vanished since stays of unknown kind: opening it will tell. */
		if (plat_stat_at(x->fd, name, 0, &st) == 0)
			kind = st.kind;
	}
	uint8_t link = 0;
	struct plat_stat target;
	/* A link that leads nowhere is data like any other. */
	if (x->follow && kind == CORE_KIND_SYMLINK && plat_stat_at(x->fd, name, 1, &target) == 0) {
		kind = target.kind;
		link = 1;
	}
	int32_t rc = dir_add(x->list, name, len, kind, 0);
	if (rc == 0)
		x->list->items[x->list->count - 1].link = link;
	if (rc == 0 && kind == CORE_KIND_DIR)
		rc = dir_add(x->list, name, len, kind, 1);
	return rc;
}

/* ------------------------------------------------------------------ sort */

static uint64_t key_at(const struct dir_list *l, const struct dir_item *i, size_t skip)
{
	const uint8_t *name = l->names.data + i->name;
	uint64_t key = 0;

	for (size_t k = 0; k < 8; k++)
		key = key << 8 | (skip + k < i->len ? name[skip + k] : 0);
	return key;
}

/* How many first bytes all names share. */
static size_t shared(const struct dir_list *l)
{
	const uint8_t *first = l->names.data + l->items[0].name;
	size_t n = l->items[0].len;

	for (uint32_t i = 1; i < l->count && n > 0; i++) {
		const uint8_t *name = l->names.data + l->items[i].name;
		size_t k = 0;
		if (n > l->items[i].len)
			n = l->items[i].len;
		while (k < n && name[k] == first[k])
			k++;
		n = k;
	}
	return n;
}

int dir_compare(const struct dir_list *a, const struct dir_item *x, const struct dir_list *b,
		const struct dir_item *y)
{
	size_t n = x->len < y->len ? x->len : y->len;
	int c = memcmp(a->names.data + x->name, b->names.data + y->name, n);

	return c != 0 ? c : (int)x->len - (int)y->len;
}

static int before(const struct dir_list *l, const struct dir_item *x, const struct dir_item *y)
{
	return x->key != y->key ? x->key < y->key : dir_compare(l, x, l, y) < 0;
}

static void swap(struct dir_item *x, struct dir_item *y)
{
	struct dir_item t = *x;
	*x = *y;
	*y = t;
}

static void sift(const struct dir_list *l, struct dir_item *v, size_t root, size_t n)
{
	for (size_t child; (child = 2 * root + 1) < n; root = child) {
		if (child + 1 < n && before(l, &v[child], &v[child + 1]))
			child++;
		if (!before(l, &v[root], &v[child]))
			return;
		swap(&v[root], &v[child]);
	}
}

static void heap_sort(const struct dir_list *l, struct dir_item *v, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sift(l, v, i, n);
	for (size_t i = n; i-- > 1;) {
		swap(&v[0], &v[i]);
		sift(l, v, 0, i);
	}
}

static void insertion_sort(const struct dir_list *l, struct dir_item *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct dir_item x = v[i];
		size_t k = i;
		for (; k > 0 && before(l, &x, &v[k - 1]); k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
}

/*
 * Introsort (Musser 1997): quicksort in place, heap sort where an order of
 * names made against it would take quadratic time. qsort() of the C library
 * copies the array, and its calls through a pointer cost more than the order.
 */
static void sort(const struct dir_list *l, struct dir_item *v, size_t n, unsigned depth)
{
	while (n > 16) {
		if (depth-- == 0) {
			heap_sort(l, v, n);
			return;
		}
		struct dir_item *mid = &v[n / 2], *last = &v[n - 1];
		if (before(l, mid, &v[0]))
			swap(mid, &v[0]);
		if (before(l, last, mid)) {
			swap(last, mid);
			if (before(l, mid, &v[0]))
				swap(mid, &v[0]);
		}
		struct dir_item pivot = *mid;
		size_t i = 0, k = n - 1;
		for (;;) {
			while (before(l, &v[i], &pivot))
				i++;
			while (before(l, &pivot, &v[k]))
				k--;
			if (i >= k)
				break;
			swap(&v[i++], &v[k--]);
		}
		/* v[0..k] <= pivot <= v[k+1..]: the shorter part by recursion. */
		size_t low = k + 1;
		if (low < n - low) {
			sort(l, v, low, depth);
			v += low;
			n -= low;
		} else {
			sort(l, v + low, n - low, depth);
			n = low;
		}
	}
	insertion_sort(l, v, n);
}

void dir_sort(struct dir_list *l)
{
	if (l->count < 2)
		return;
	size_t skip = shared(l);
	for (uint32_t i = 0; i < l->count; i++)
		l->items[i].key = key_at(l, &l->items[i], skip);
	unsigned depth = 2;
	for (uint32_t n = l->count; n > 1; n /= 2)
		depth += 2;
	sort(l, l->items, l->count, depth);
}

/* ---------------------------------------------------------------- public */

int dir_is(const struct dir_list *l, const struct dir_item *i, const char *name, size_t len)
{
	return i->len == len && memcmp(dir_name(l, i), name, len) == 0;
}

uint32_t dir_find(const struct dir_list *l, const char *name, size_t len)
{
	uint32_t low = 0, high = l->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		const struct dir_item *i = &l->items[mid];
		int c = memcmp(dir_name(l, i), name, i->len < len ? i->len : len);
		if (c < 0 || (c == 0 && i->len < len))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

int dir_open_path(int root, const uint8_t *path, size_t len, unsigned how)
{
	char piece[OPEN_BYTES + 1];
	int dir = root;

	while (len > 0) {
		size_t n = len;
		if (n > OPEN_BYTES) {
			n = OPEN_BYTES;
			while (n > 0 && path[n - 1] != '/')
				n--;
		}
		if (n == 0) {
			if (dir != root)
				plat_close(dir);
			return -ENAMETOOLONG;
		}
		/* Without the last slash: it would follow a link that took the directory's place. */
		memcpy(piece, path, n - 1);
		piece[n - 1] = '\0';
		int fd = plat_open_at(dir, piece, how);
		if (dir != root)
			plat_close(dir);
		if (fd < 0)
			return fd;
		dir = fd;
		path += n;
		len -= n;
	}
	return dir;
}

int32_t dir_read(struct dir_list *l, int fd, int follow, int32_t side, struct err *e)
{
	struct listing x = {.list = l, .fd = fd, .follow = follow};
	void *scratch = pool_scratch(LISTING_BYTES);
	int rc = CORE_EMEMORY;

	*l = (struct dir_list){0};
	if (scratch)
		rc = plat_list(fd, scratch, LISTING_BYTES, on_name, &x);
	if (rc == 0) {
		dir_sort(l);
		return 0;
	}
	dir_list_free(l);
	/* No system error has the number of one of our two. */
	if (rc == CORE_EMEMORY)
		*e = err_of(CORE_EMEMORY, "list directory", side, "out of memory");
	else if (rc == CORE_ELIMIT)
		*e = err_of(CORE_ELIMIT, "list directory", side, "too many names");
	else
		*e = err_sys(-rc, "list directory", side);
	return e->code;
}

/* Whether a part of a path is `..`. */
static int leads_up(const char *path, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++) {
		if (path[i] == '.' && path[i + 1] == '.' && (i == 0 || path[i - 1] == '/') &&
		    (i + 2 == len || path[i + 2] == '/'))
			return 1;
	}
	return 0;
}

static int32_t add_path(struct dir_list *l, const char *path, size_t len)
{
	size_t given = len;

	/* What tools that list files write: ./a, a/, ./ */
	while (len >= 2 && path[0] == '.' && path[1] == '/') {
		path += 2;
		len -= 2;
		while (len > 0 && path[0] == '/') {
			path++;
			len--;
		}
	}
	while (len > 1 && path[len - 1] == '/')
		len--;
	if (len == 0 && given > 0) {
		path = ".";
		len = 1;
	}
	if (len == 0 || path[0] == '/' || leads_up(path, len))
		return CORE_EUSAGE;
	return dir_add(l, path, len, CORE_KIND_UNKNOWN, 0);
}

int32_t dir_of_paths(struct dir_list *l, const uint8_t *data, size_t len, struct err *e)
{
	int32_t rc = 0;

	*l = (struct dir_list){0};
	for (size_t at = 0; at < len && rc == 0;) {
		const char *path = (const char *)data + at;
		size_t n = strnlen(path, len - at);
		rc = n == len - at ? CORE_EUSAGE : add_path(l, path, n);
		at += n + 1;
	}
	if (rc != 0) {
		dir_list_free(l);
		*e = err_of(rc, "list of paths", -1,
			    rc == CORE_EUSAGE ? "a path is empty, absolute or leads up with .."
			    : rc == CORE_ELIMIT ? "too many paths, or one too long"
						: "out of memory");
		return rc;
	}
	dir_sort(l);
	uint32_t kept = 0;
	for (uint32_t i = 0; i < l->count; i++) {
		if (kept == 0 || dir_compare(l, &l->items[kept - 1], l, &l->items[i]) != 0)
			l->items[kept++] = l->items[i];
	}
	l->count = kept;
	return 0;
}

void dir_list_free(struct dir_list *l)
{
	buf_free(&l->names);
	mem_free(l->items);
	*l = (struct dir_list){0};
}
