/* SPDX-License-Identifier: MIT */
#include "match/fold.h"

#include "core.h"

#include <utf8proc.h>

enum {
	/** More code points than one ever becomes; the longest of Unicode are four. */
	MOST_POINTS = 16,
	/** Bytes of a code point in UTF-8. */
	POINT_BYTES = 4,
};

static int32_t *points_of(const struct buf *b)
{
	return (int32_t *)(void *)b->data;
}

static size_t count_of(const struct buf *b)
{
	return b->len / sizeof(int32_t);
}

/* Appends what a code point decomposes or folds to. */
static int32_t put_point(struct buf *to, int32_t point, utf8proc_option_t options)
{
	int bound = 0;
	int32_t rc = buf_reserve(to, MOST_POINTS * sizeof(int32_t));

	if (rc != 0)
		return rc;
	int32_t *at = points_of(to) + count_of(to);
	utf8proc_ssize_t n = utf8proc_decompose_char(point, at, MOST_POINTS, options, &bound);
	/* Valid code points become between one and a few; the check is for a table that says otherwise. */
	if (n < 1 || n > MOST_POINTS) {
		*at = point;
		n = 1;
	}
	to->len += (size_t)n * sizeof(int32_t);
	return 0;
}

static int class_of(int32_t point)
{
	return utf8proc_get_property(point)->combining_class;
}

/* Puts marks that follow one letter into canonical order (Unicode, D109): stable, by class. */
static void order_marks(int32_t *point, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		int32_t x = point[i];
		int class = class_of(x);
		size_t k = i;
		for (; class != 0 && k > 0 && class_of(point[k - 1]) > class; k--)
			point[k] = point[k - 1];
		point[k] = x;
	}
}

/* Reads the code points of a run that holds neither ASCII nor what is no UTF-8: how many bytes these are. */
static int32_t read_run(struct fold *f, const uint8_t *name, size_t len, size_t *bytes)
{
	int normal = (f->how & FOLD_NORMAL) != 0;
	struct buf *to = &f->points[0];

	to->len = 0;
	*bytes = 0;
	while (*bytes < len && name[*bytes] >= 0x80) {
		int32_t point;
		utf8proc_ssize_t n = utf8proc_iterate(name + *bytes, (utf8proc_ssize_t)(len - *bytes), &point);
		if (n <= 0)
			break;
		int32_t rc = put_point(to, point, normal ? UTF8PROC_DECOMPOSE : 0);
		if (rc != 0)
			return rc;
		*bytes += (size_t)n;
	}
	if (normal)
		order_marks(points_of(to), count_of(to));
	return 0;
}

/*
 * Folds the run in points[0] into points[1]. What folding makes of a letter
 * is decomposed once more, and marks it made into letters end the order of
 * those around them: which is why they are ordered before and after.
 */
static int32_t fold_run(struct fold *f)
{
	int normal = (f->how & FOLD_NORMAL) != 0;
	struct buf *from = &f->points[0], *to = &f->points[1];

	to->len = 0;
	for (size_t i = 0; i < count_of(from); i++) {
		utf8proc_option_t options = UTF8PROC_CASEFOLD | (normal ? UTF8PROC_DECOMPOSE : 0);
		int32_t rc = put_point(to, points_of(from)[i], options);
		if (rc != 0)
			return rc;
	}
	if (normal)
		order_marks(points_of(to), count_of(to));
	return 0;
}

static int32_t encode_run(struct buf *out, const struct buf *from)
{
	int32_t rc = buf_reserve(out, count_of(from) * POINT_BYTES);

	for (size_t i = 0; i < count_of(from) && rc == 0; i++)
		out->len += (size_t)utf8proc_encode_char(points_of(from)[i], out->data + out->len);
	return rc;
}

int32_t fold_key(struct fold *f, struct buf *out, const uint8_t *name, size_t len)
{
	int lower = (f->how & FOLD_CASE) != 0;

	for (size_t i = 0; i < len;) {
		/* ASCII neither decomposes nor takes part in the order of marks, so runs can be cut there. */
		if (name[i] < 0x80) {
			int32_t rc = buf_reserve(out, len - i);
			if (rc != 0)
				return rc;
			for (; i < len && name[i] < 0x80; i++) {
				int upper = name[i] >= 'A' && name[i] <= 'Z';
				out->data[out->len++] = (uint8_t)(lower && upper ? name[i] + ('a' - 'A') : name[i]);
			}
			continue;
		}
		size_t bytes;
		int32_t rc = read_run(f, name + i, len - i, &bytes);
		if (rc == 0 && bytes == 0) {
			/* No code point begins here: a byte. What follows cannot complete it, since it did not before. */
			rc = buf_append(out, &name[i], 1);
			bytes = 1;
		} else {
			if (rc == 0 && lower)
				rc = fold_run(f);
			if (rc == 0)
				rc = encode_run(out, &f->points[lower]);
		}
		if (rc != 0)
			return rc;
		i += bytes;
	}
	return 0;
}

void fold_free(struct fold *f)
{
	buf_free(&f->points[0]);
	buf_free(&f->points[1]);
}
