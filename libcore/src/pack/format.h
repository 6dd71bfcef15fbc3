/* SPDX-License-Identifier: MIT */
/*
 * What a format implements, and what it finds ready: the input, the entry
 * being built, and bytes that stand in the archive as they are. For the files
 * of pack/ only.
 */
#ifndef PACK_FORMAT_H
#define PACK_FORMAT_H

#include "base/buf.h"
#include "pack/input.h"
#include "pack/pack.h"

/** Bytes on their way out. */
struct slice {
	const uint8_t *data;
	size_t len;
	/** Holds them, with one holder for this slice; NULL when they need none and do not change. */
	struct block *block;
};

struct format {
	/** In words: "tar". */
	const char *name;
	/** Reads what comes before the first entry; sets `p->impl`. */
	int32_t (*open)(struct pack *, struct err *);
	/** Passes the rest of the entry and builds the next one: 1, 0 at a proven end, or the code also in `*e`. */
	int32_t (*next)(struct pack *, struct err *);
	/** The next bytes, not more than PACK_BLOCK; none at the end. */
	int32_t (*data)(struct pack *, struct slice *, struct err *);
	/** Passes a bounded piece of what is left of the entry; `*more` 0 when `next` does the rest at no cost. 0 or a code. */
	int32_t (*pass)(struct pack *, int *more, struct err *);
	void (*close)(struct pack *);
};

extern const struct format format_tar, format_cpio, format_ar, format_zip, format_zip_stream, format_7z;

/** `detail` of the failure that no ZIP directory was found at all. */
extern const char zip_not_found[];

/** Where a piece of the entry stands in `text`, while it grows. */
struct piece {
	size_t off;
	uint32_t len;
	int set;
};

struct pack {
	const struct format *format;
	struct pack_limits limits;
	struct blocks *blocks;
	struct input in;
	/** The format's own. */
	void *impl;

	/* The entry that is being built, or was built last. */
	struct pack_entry entry;
	struct buf text;
	struct piece raw, path, target;
	/** Attributes: struct pack_attr whose pointers are offsets until entry_done(). */
	struct buf attrs;

	/** Bytes of the entry that stand in the input as they are, and those of no meaning behind them. */
	uint64_t left, padding;
	/** Entries begun; bytes given out of this one, of all of them, and those that are no holes. */
	uint64_t entries, entry_given, produced, decoded;
	/** The entry's bytes are at their end, or cannot be had (`entry_err`); the archive is. */
	int in_entry, data_over, ended;
	struct err entry_err, err;
	/** Given to the caller of pack_data(); and what a reader over the entry has left of it. */
	struct slice held, member;
	int own_blocks;
	int32_t side;
};

/** Starts on an entry without anything. */
void entry_begin(struct pack *p);
/**
 * The name as stored; its path follows from it and the kind, which is set
 * before.
 * @return 0, CORE_EARCHIVE_BOMB, CORE_EMEMORY
 */
int32_t entry_name(struct pack *p, const uint8_t *raw, size_t len, struct err *e);
/** The target of a symbolic link, or (`hard`) of a hard link. As entry_name(). */
int32_t entry_target(struct pack *p, const uint8_t *raw, size_t len, int hard, struct err *e);
/** An attribute: 0 or CORE_EMEMORY. One that is there already with the same value is not added. */
int32_t entry_attr(struct pack *p, const void *name, size_t name_len, const void *value, size_t len,
		   struct err *e);
/** Sets kind and permission bits by a Unix mode. */
void entry_mode(struct pack *p, uint32_t mode);
/** The kind that a Unix mode says; CORE_KIND_UNKNOWN when none. */
uint8_t kind_of_mode(uint32_t mode);
/** Seconds and nanoseconds as nanoseconds, at the ends of the range when outside. */
int64_t time_ns(int64_t seconds, int64_t nanoseconds);

/** `format.data` for bytes that stand in the input as they are: `left` of them. */
int32_t stored_data(struct pack *p, struct slice *out, struct err *e);
/** As stored_data(), at most `most` of them. */
int32_t stored_some(struct pack *p, uint64_t most, struct slice *out, struct err *e);
/** Passes what is left of them, and the padding. */
int32_t stored_skip(struct pack *p, struct err *e);
/** `format.pass` for them. */
int32_t stored_pass(struct pack *p, int *more, struct err *e);
/** `format.pass` where bytes can only be passed by decoding them. */
int32_t decode_pass(struct pack *p, int *more, struct err *e);
/** At most PACK_BLOCK zeros that always stand ready. */
const uint8_t *zero_bytes(void);

/** Fails since a limit is exceeded, as pack_fail(). */
int32_t pack_over(const struct pack *p, enum pack_limit which, struct err *e);
/** As input_fail() on the pack's input. */
int32_t pack_fail(const struct pack *p, int32_t code, const char *detail, struct err *e);

/** pack_data() for a consumer that keeps the bytes until it drops `out->block`. */
int32_t pack_take(struct pack *p, struct slice *out, struct err *e);
/** Passes a bounded piece of what is left of the entry: 1 when there may be more, 0 when not, or as pack_next(). */
int32_t pack_pass(struct pack *p, struct err *e);
/**
 * As pack_open(), with blocks and a stop flag of the caller's; both must
 * outlive the pack.
 */
int32_t pack_open_with(struct pack **out, struct reader *take, const struct pack_limits *limits,
		       struct blocks *blocks, const _Atomic uint32_t *stop, struct err *e);

/** The format that the first bytes are of, or NULL; a 7z or ZIP is told by its magic alone. */
const struct format *format_of(const uint8_t *data, size_t len);
/** Most that format_of() looks at. */
enum { FORMAT_HEAD = 512 };

#endif
