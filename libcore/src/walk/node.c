/* SPDX-License-Identifier: MIT */
#include "walk/node.h"

#include "base/alloc.h"

#include <string.h>

struct node *node_new(enum node_kind kind, const uint8_t *name, size_t len)
{
	struct node *n = mem_alloc(sizeof *n + len + 1);

	if (!n)
		return NULL;
	*n = (struct node){.kind = (uint8_t)kind, .len = (uint32_t)len};
	if (len > 0)
		memcpy(n->name, name, len);
	n->name[len] = '\0';
	return n;
}

void node_free(struct node *n)
{
	place_unref(n->above);
	buf_free(&n->text);
	buf_free(&n->ends);
	mem_free(n);
}

size_t node_bytes(const struct node *n)
{
	return sizeof *n + n->len + n->text.cap + n->ends.cap;
}
