/* SPDX-License-Identifier: MIT */
/* What of tar is told by its bytes alone. */
#ifndef PACK_TAR_H
#define PACK_TAR_H

#include <stddef.h>
#include <stdint.h>

enum { TAR_BLOCK = 512 };

/** 1 when the block is a header: its checksum, which all tars have, is right. */
int tar_is_header(const uint8_t *block, size_t len);

/**
 * A number as headers store it: octal digits, or the high bit and the number
 * itself with the high byte first (GNU, star). An empty field is 0.
 * @return 1, or 0 when it is none or too large
 */
int tar_number(const uint8_t *field, size_t len, int64_t *out);

/** What the extended headers of pax say of entries. */
struct tar_pax {
	/** Bits of tar_pax_has. */
	uint32_t has;
	/** Some attribute could not be made out. */
	int unclear;
	int64_t size, uid, gid, mtime_ns;
	/** GNU's sparse files: versions 0.0, 0.1 and 1.0 of their description. */
	int64_t sparse_major, sparse_minor, sparse_size;
	/** Offset and length by turns; what of 0.0 stands in attributes of its own. */
	uint64_t *map;
	size_t map_len, map_cap;
};

enum tar_pax_has {
	TAR_PAX_PATH = 1,
	TAR_PAX_LINK = 2,
	TAR_PAX_SIZE = 4,
	TAR_PAX_UID = 8,
	TAR_PAX_GID = 16,
	TAR_PAX_MTIME = 32,
	/** The name of a sparse file, which goes before `path`. */
	TAR_PAX_SPARSE_PATH = 64,
	TAR_PAX_SPARSE_SIZE = 128,
	TAR_PAX_SPARSE_MAP = 256,
	TAR_PAX_SPARSE_MAJOR = 512,
	TAR_PAX_SPARSE = 1024,
};

/** Where tar_pax_read() leaves what has no place in struct tar_pax. */
struct tar_pax_sink {
	void *ctx;
	/** A path or link target: TAR_PAX_PATH, TAR_PAX_LINK or TAR_PAX_SPARSE_PATH. 0 or a code. */
	int32_t (*name)(void *ctx, uint32_t what, const uint8_t *value, size_t len);
	/** An extended attribute. 0 or a code. */
	int32_t (*attr)(void *ctx, const uint8_t *name, size_t name_len, const uint8_t *value, size_t len);
};

/**
 * Reads the records of one extended header (POSIX.1-2017, pax), each
 * "LENGTH KEY=VALUE\n"; later ones go before earlier ones.
 * @param why  on failure what is wrong, a static string
 * @return 0, CORE_EARCHIVE, CORE_EMEMORY or what the sink said
 */
int32_t tar_pax_read(struct tar_pax *pax, const uint8_t *body, size_t len, const struct tar_pax_sink *sink,
		     const char **why);
/** Adds to the map: 0 or CORE_EMEMORY. */
int32_t tar_pax_map(struct tar_pax *pax, uint64_t value);
/** Forgets everything. */
void tar_pax_free(struct tar_pax *pax);

/** Decimal digits, all of them: 1, or 0 when there are none, something else, or too many. */
int tar_decimal(const uint8_t *s, size_t len, int64_t *out);

#endif
