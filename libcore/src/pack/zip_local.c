/* SPDX-License-Identifier: MIT */
/*
 * A ZIP says everything twice: in its directory, and before and behind the
 * data. Programs that read a stream believe the one, those that seek the
 * other; where both do not agree there is no telling what is in it.
 */
#include "pack/zip_directory.h"
#include "pack/zip_record.h"

#include "base/alloc.h"

#include <string.h>

/* The Unicode name of a local header is not looked at: that of the directory was. */
static uint32_t compare_heads(const struct zip_entry *entry, const struct zip_head *h)
{
	uint32_t differs = 0;
	int behind = (h->bits & ZIP_DESCRIPTOR) != 0;

	if (h->method != entry->method)
		differs |= ZIP_DIFFERS_METHOD;
	if ((h->bits ^ entry->bits) & (ZIP_ENCRYPTED | ZIP_STRONG))
		differs |= ZIP_DIFFERS_FLAGS;
	/* Where they stand behind the data, zeros may be here, but nothing wrong. */
	if (h->crc != entry->crc && !(behind && h->crc == 0))
		differs |= ZIP_DIFFERS_CRC;
	if (h->size != entry->size && !(behind && h->size == 0))
		differs |= ZIP_DIFFERS_SIZE;
	if (h->packed != entry->packed && !(behind && h->packed == 0))
		differs |= ZIP_DIFFERS_SIZE;
	return differs;
}

/* Reads up to `len` bytes, none of them at or behind `end`. */
static int32_t read_some(const struct zip *z, uint64_t off, uint64_t end, uint8_t *buf, size_t len, size_t *got,
			 struct err *e)
{
	*got = 0;
	if (off >= end)
		return 0;
	return reader_at(z->from, off, buf, len < end - off ? len : (size_t)(end - off), got, e);
}

/* What stands behind the data, where the local header says that something does. */
static int32_t check_descriptor(const struct zip *z, struct zip_entry *entry, uint64_t end, uint64_t *span,
				struct err *e)
{
	uint8_t s[DESCRIPTOR_MOST];
	size_t got;

	int32_t rc = read_some(z, entry->data_off + entry->packed, end, s, sizeof s, &got, e);
	if (rc != 0)
		return rc;
	size_t n = zip_descriptor(s, got, entry->crc, entry->packed, entry->size);
	if (n == 0)
		entry->differs |= ZIP_DIFFERS_SIZE | ZIP_DIFFERS_CRC;
	*span += n;
	return 0;
}

static int32_t missing(struct zip_entry *entry)
{
	entry->differs |= ZIP_DIFFERS_MISSING;
	entry->data_off = UINT64_MAX;
	return 0;
}

int32_t zip_check_local(const struct zip *z, struct zip_entry *entry, uint64_t end, uint64_t *span,
			struct err *e)
{
	uint8_t few[LOCAL_LEN + 512], *s = few, *many = NULL;
	struct zip_head h;
	struct zip_extra extra;
	size_t got;

	*span = LOCAL_LEN;
	int32_t rc = read_some(z, entry->header_off, end, few, sizeof few, &got, e);
	if (rc != 0)
		return rc;
	if (got < LOCAL_LEN || !zip_read_local(few, &h))
		return missing(entry);
	size_t len = (size_t)LOCAL_LEN + h.name_len + h.extra_len;
	if (len > sizeof few) {
		s = many = mem_alloc(len);
		if (!many) {
			*e = err_of(CORE_EMEMORY, "read the archive", z->from->side, "out of memory");
			return e->code;
		}
		rc = read_some(z, entry->header_off, end, many, len, &got, e);
	}
	const uint8_t *name = s + LOCAL_LEN;
	if (rc == 0 && (got < len || !zip_read_extra(&h, 0, name + h.name_len, name, &extra))) {
		rc = missing(entry);
	} else if (rc == 0) {
		entry->differs |= compare_heads(entry, &h);
		if (h.name_len != entry->raw_len || memcmp(name, entry->raw, h.name_len) != 0)
			entry->differs |= ZIP_DIFFERS_NAME;
		/* Only local headers have the owner in full. */
		if (!entry->has_mtime && extra.has_mtime) {
			entry->has_mtime = 1;
			entry->mtime_ns = extra.mtime_ns;
		}
		if (!entry->has_owner && extra.has_owner) {
			entry->has_owner = 1;
			entry->uid = extra.uid;
			entry->gid = extra.gid;
		}
		entry->data_off = entry->header_off + len;
		if (entry->packed > end - entry->data_off) {
			rc = missing(entry);
		} else {
			*span = len + entry->packed;
			if (h.bits & ZIP_DESCRIPTOR)
				rc = check_descriptor(z, entry, end, span, e);
		}
	}
	mem_free(many);
	return rc;
}
