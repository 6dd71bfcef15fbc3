/* SPDX-License-Identifier: MIT */
/* Any bytes as a name: its key is its own key, and that of its normal forms; what is no text is left as it is. */
#include "match/fold.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct buf key_of(struct fold *f, const uint8_t *name, size_t len)
{
	struct buf key = {0};

	if (fold_key(f, &key, name, len) != 0)
		abort();
	return key;
}

static void must_be(const struct buf *key, struct fold *f, const uint8_t *name, size_t len)
{
	struct buf other = key_of(f, name, len);

	if (key->len != other.len || (key->len > 0 && memcmp(key->data, other.data, key->len) != 0))
		abort();
	buf_free(&other);
}

static void normal_form(const struct buf *key, struct fold *f, const uint8_t *name, size_t len, utf8proc_option_t form)
{
	utf8proc_uint8_t *text;
	utf8proc_ssize_t n = utf8proc_map(name, (utf8proc_ssize_t)len, &text, form);

	/* Only text has normal forms. */
	if (n < 0)
		return;
	must_be(key, f, text, (size_t)n);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	for (unsigned how = 0; how <= (FOLD_CASE | FOLD_NORMAL); how++) {
		struct fold f = {.how = how};
		struct buf key = key_of(&f, data, len);
		must_be(&key, &f, key.data, key.len);
		if (how == 0 && (key.len != len || (len > 0 && memcmp(key.data, data, len) != 0)))
			abort();
		if (how & FOLD_NORMAL) {
			normal_form(&key, &f, data, len, UTF8PROC_COMPOSE);
			normal_form(&key, &f, data, len, UTF8PROC_DECOMPOSE);
		}
		/* Bytes that no text holds are never folded: as many as before. */
		size_t before = 0, after = 0;
		for (size_t i = 0; i < len; i++)
			before += data[i] >= 0xf8;
		for (size_t i = 0; i < key.len; i++)
			after += key.data[i] >= 0xf8;
		if (before != after)
			abort();
		buf_free(&key);
		fold_free(&f);
	}
	return 0;
}
