/* SPDX-License-Identifier: MIT */
/* Archives for tests: made by libarchive's writer or by hand, and read back as lines of text. */
#ifndef ARCHIVES_H
#define ARCHIVES_H

#include "base/buf.h"
#include "pack/pack.h"

#include <stddef.h>
#include <stdint.h>

/** One entry to be made. */
struct thing {
	const char *path;
	/** d directory, f file, s sparse file, l symbolic link, h hard link, p FIFO, c and b devices. */
	char kind;
	/** Of a link; or bytes. */
	const char *target;
	size_t size;
	/** How the bytes go: z zeros, t text, n noise, d those at `target`. */
	char bytes;
};

/** A tree with everything a format can hold, and a list of files and directories only. */
extern const struct thing things_all[], things_plain[];
extern const size_t things_all_count, things_plain_count;

/** The bytes of a file. Freed by the caller. */
uint8_t *thing_bytes(const struct thing *t);

/**
 * Makes an archive.
 * @param format   as archive_write_set_format_by_name() has it
 * @param filter   as archive_write_add_filter_by_name() has it, or "none"
 * @param options  as archive_write_set_options() has them, or NULL
 */
struct buf archive_make(const char *format, const char *filter, const char *options, const struct thing *things,
			size_t count);
/** Compresses bytes as they are. */
struct buf archive_compress(const char *filter, const void *data, size_t len);

/** What reading an archive gave. */
struct listing {
	/** A line for each entry, and at the end "end" or the name of the error. NUL-terminated. */
	char *text;
	size_t len, cap;
	/** 0 or the error it ended with. */
	struct err err;
	unsigned entries;
};

/** Reads a whole archive; takes the reader over. The text is freed by listing_free(). */
struct listing listing_of(struct reader *take, const struct pack_limits *limits);
/** Of bytes in memory. */
struct listing listing_of_bytes(const void *data, size_t len);
/** Of bytes behind a reader without offsets. */
struct listing listing_of_stream(const void *data, size_t len);
/** What an archive of these things has to give; `hard_as_files` where the format has no hard links. */
struct listing listing_expected(const struct thing *things, size_t count);
/** The lines in order of their text. */
void listing_sort(struct listing *l);
void listing_free(struct listing *l);
/** A line for an entry, with the hash of its data. */
void listing_add(struct listing *l, const struct pack_entry *entry, uint64_t size, uint64_t hash);
/** The last line. */
void listing_end(struct listing *l, int32_t rc, const struct err *e);

/** A reader over memory that has no offsets. */
void open_plain_stream(struct reader *r, const void *data, size_t len, int32_t side);

/** Puts a block of a tar together: type, name, size, and a right checksum over what `magic` says. */
void tar_block(struct buf *out, char type, const char *name, uint64_t size, const char *magic);
/** Sets the checksum of the 512 bytes at `block` right. */
void tar_seal(uint8_t *block);
/** Bytes, filled up with zeros to whole blocks. */
void tar_body(struct buf *out, const void *data, size_t len);
/** A pax header with these records, each "key=value", ended by NULL. */
void tar_pax(struct buf *out, char type, const char *const *records);
/** One pax record whose value may hold any bytes, as a body. */
void tar_pax_bytes(struct buf *out, const char *key, const void *value, size_t len);

/** Numbers as ZIP has them. */
void put16(struct buf *out, unsigned n);
void put32(struct buf *out, uint32_t n);
void put64(struct buf *out, uint64_t n);
/** Appends; fails the test when memory runs out. */
void put(struct buf *out, const void *data, size_t len);

#endif
