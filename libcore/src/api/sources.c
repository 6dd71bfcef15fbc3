/* SPDX-License-Identifier: MIT */
#include "api/sources.h"

#include "base/alloc.h"
#include "io/feed.h"
#if CORE_NET
#include "http/reader_http.h"
#endif

#include <string.h>

enum { PATH_LIMIT = 4096 };

/* Copies the path inside an archive. */
static int32_t take_inner(struct side *to, const struct core_source *from)
{
	to->archive = from->archive != 0;
	if (from->inner_len == 0)
		return 0;
	if (!from->archive || from->inner_len > PATH_LIMIT || memchr(from->inner, 0, from->inner_len))
		return CORE_EUSAGE;
	to->inner = mem_alloc(from->inner_len);
	if (!to->inner)
		return CORE_EMEMORY;
	memcpy(to->inner, from->inner, from->inner_len);
	to->inner_len = from->inner_len;
	return 0;
}

static int32_t take_url(struct side *to, const struct core_source *from)
{
#if CORE_NET
	char *shown;
	int32_t rc = http_opener_new(&to->opener, from->data, from->len, from->remote, &shown);

	if (rc == 0) {
		to->data = (uint8_t *)shown;
		to->len = strlen(shown);
	}
	return rc;
#else
	/* The run says so: whoever asked learns of which side. */
	(void)to;
	(void)from;
	return 0;
#endif
}

int32_t source_take(struct side *to, const struct core_source *from)
{
	int32_t rc = 0;

	*to = (struct side){0};
	if (!from || from->size != sizeof *from)
		return CORE_EUSAGE;
	switch (from->kind) {
	case CORE_SOURCE_PATH:
		if (from->len == 0 || from->len > PATH_LIMIT || memchr(from->data, 0, from->len))
			return CORE_EUSAGE;
		to->data = mem_alloc(from->len + 1);
		if (!to->data)
			return CORE_EMEMORY;
		memcpy(to->data, from->data, from->len);
		to->data[from->len] = '\0';
		to->len = from->len;
		break;
	case CORE_SOURCE_MEMORY:
		/* Read only, in spite of the type that a side shares with owned paths. */
		to->data = (uint8_t *)(uintptr_t)from->data;
		to->len = from->len;
		break;
	case CORE_SOURCE_FEED:
		if (!from->feed || !feed_take(from->feed))
			return CORE_EUSAGE;
		to->feed = from->feed;
		break;
	case CORE_SOURCE_URL:
		rc = take_url(to, from);
		break;
	case CORE_SOURCE_MAP:
		if (!from->map)
			return CORE_EUSAGE;
		map_ref(from->map);
		to->map = from->map;
		break;
	default:
		return CORE_EUSAGE;
	}
	to->kind = from->kind;
	to->manifest = from->manifest;
	if (from->manifest > CORE_MANIFEST_ANY || (from->manifest != 0 && (from->archive || from->kind == CORE_SOURCE_MAP)))
		rc = CORE_EUSAGE;
	if (rc == 0)
		rc = take_inner(to, from);
	if (rc != 0)
		side_free(to);
	return rc;
}
