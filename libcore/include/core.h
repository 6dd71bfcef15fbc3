/* SPDX-License-Identifier: MIT */
/*
 * core.h: everything that crosses between libcore and its callers.
 *
 * This file is the single source: `bun scripts/gen-bindings.ts` reads it and
 * writes the FFI symbols, the struct layouts, the record decoders, the JSON
 * Schema, the error table and docs/errors.md. The tags it reads in the doc
 * comments are listed in docs/architecture.md ("The header is the source").
 *
 * Conventions, true for every function below unless it says otherwise:
 *  - The result is 0 or a negative `CORE_E…` code; counts and handles leave
 *    through out-parameters, which are written only on success.
 *  - Bytes are a pointer and a length; paths are bytes without a NUL and are
 *    never converted. Memory passed in is read during the call and copied if
 *    needed later; a function that keeps a pointer says so.
 *  - A handle belongs to the thread that made it and is used only there. The
 *    work itself runs on libcore's own threads; nothing is ever called back.
 *  - `core_x_del(NULL)` does nothing. No other function takes a NULL handle.
 */
#ifndef CORE_H
#define CORE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined __GNUC__
#define CORE_API __attribute__((visibility("default")))
#else
#define CORE_API
#endif

/** Raised whenever a function, struct or enumerator below changes. */
#define CORE_ABI_VERSION 6

/* ---------------------------------------------------------------- errors */

/**
 * What went wrong. Families: -1xx usage, -2xx input and output, -3xx data,
 * -4xx network, -5xx cryptography, -9xx fatal.
 * @errors
 */
enum core_error {
	/** An argument is out of range or does not fit the others. @exit 2 @class UsageError */
	CORE_EUSAGE = -101,
	/** A configuration value is wrong. @exit 2 @class ConfigError */
	CORE_ECONFIG = -102,
	/** The handle or run was closed before this call. @exit 4 @class ClosedError */
	CORE_ECLOSED = -103,
	/** The operand is of a kind that cannot be read as a file or a tree. @exit 4 @class UnsupportedError */
	CORE_EUNSUPPORTED = -104,
	/** The path does not exist. @exit 4 @class SourceNotFoundError */
	CORE_ENOT_FOUND = -201,
	/** The system refused access to the path. @exit 4 @class SourceReadError */
	CORE_EPERMISSION = -202,
	/** Reading failed. @exit 4 @class SourceReadError */
	CORE_EREAD = -203,
	/** Writing the output failed. @exit 4 @class WriteError */
	CORE_EWRITE = -204,
	/** The file changed while it was read, so no verdict about it holds. @exit 4 @class SourceReadError */
	CORE_ECHANGED = -205,
	/** A limit of the system or of libcore was reached: open files, path length. @exit 4 @class LimitError */
	CORE_ELIMIT = -206,
	/** A name of a tree could not be listed, looked at or read. @exit 3 @class SearchError */
	CORE_ESEARCH = -208,
	/** An ignore file cannot be read or is none. @exit 3 @class SearchError */
	CORE_EIGNORE = -209,
	/** Symbolic links lead back to themselves. @exit 4 @class SourceReadError */
	CORE_ELOOP = -207,
	/** The server answered with a status that is no success. @exit 4 @class SourceReadError */
	CORE_EHTTP_STATUS = -401,
	/** The server could not be reached, or what it sent is not to be relied on. @exit 4 @class SourceReadError */
	CORE_ENETWORK = -402,
	/** The server could not prove who it is. @exit 4 @class SourceReadError */
	CORE_ETLS = -403,
	/** The time allowed for a source is up. @exit 4 @class ComparisonTimeoutError */
	CORE_ETIMEOUT = -404,
	/** Not an archive of a kind that is read, or a damaged one. @exit 3 @class ArchiveError */
	CORE_EARCHIVE = -301,
	/** An archive goes beyond a limit that ordinary ones do not reach: its size, ratio, entries, names, memory. @exit 3 @class ArchiveBombError */
	CORE_EARCHIVE_BOMB = -302,
	/** What is in the archive is encrypted. @exit 3 @class ArchiveError */
	CORE_EARCHIVE_ENCRYPTED = -303,
	/** Several names of one directory are one name where case or normal form does not count: which is meant is not known. @exit 3 @class NameCollisionError */
	CORE_ENAME_COLLISION = -304,
	/** Not a manifest of a kind that is read, or a damaged one. @exit 3 @class ManifestError */
	CORE_EMANIFEST = -305,
	/** The content is not what a manifest promises. @exit 5 @class VerifyError */
	CORE_EVERIFY = -306,
	/** Memory ran out. @exit 4 @class MemoryError */
	CORE_EMEMORY = -901,
	/** The run was cancelled. @exit 130 @class CancelledError */
	CORE_ECANCELLED = -902,
	/** The native library is missing, broken or of another version. @exit 4 @class NativeError */
	CORE_ENATIVE = -903,
};

/* ------------------------------------------------------ words in records */

/** What an entry is. @enum */
enum core_kind {
	/** Nothing there. */
	CORE_KIND_NONE = 0,
	CORE_KIND_FILE = 1,
	CORE_KIND_DIR = 2,
	CORE_KIND_SYMLINK = 3,
	CORE_KIND_FIFO = 4,
	CORE_KIND_SOCKET = 5,
	CORE_KIND_BLOCK = 6,
	CORE_KIND_CHAR = 7,
	/** There, but its kind could not be found out. */
	CORE_KIND_UNKNOWN = 8,
};

/** What is known about one name of two trees. @enum */
enum core_status {
	CORE_STATUS_EQUAL = 1,
	CORE_STATUS_DIFFERENT = 2,
	CORE_STATUS_ONLY_LEFT = 3,
	CORE_STATUS_ONLY_RIGHT = 4,
	/** Unread, refused or changed while read: neither equal nor different is proven. */
	CORE_STATUS_UNKNOWN = 5,
};

/** What is known about two sides as a whole. @enum */
enum core_verdict {
	CORE_VERDICT_EQUAL = 1,
	CORE_VERDICT_DIFFERENT = 2,
	CORE_VERDICT_UNKNOWN = 3,
};

/** How equality was proven. @enum */
enum core_proof {
	CORE_PROOF_NONE = 0,
	/** Every byte of both sides was read and compared. */
	CORE_PROOF_BYTES = 1,
	/** Both names are the same inode of the same device. */
	CORE_PROOF_SAME_INODE = 2,
	/** Ranges that are holes on both sides were taken as zeros, the rest was read. */
	CORE_PROOF_HOLES = 3,
	/** Both symbolic links hold the same target string. */
	CORE_PROOF_TARGET = 4,
	/** Entries without content (directory, FIFO, socket, device) of the same kind and number. */
	CORE_PROOF_KIND = 5,
	/** Both files are the same blocks of the device (reflinks on btrfs, xfs, bcachefs). */
	CORE_PROOF_SAME_EXTENTS = 6,
	/** The digest that a server gave, which was to be trusted, or that two manifests give, is the same. */
	CORE_PROOF_DIGEST = 7,
	/** Size and BLAKE3 digest of both contents, where they could not be read side by side; of a manifest, what it says. @word hash:blake3 */
	CORE_PROOF_HASH_BLAKE3 = 8,
	/** The same with SHA-256. @word hash:sha256 */
	CORE_PROOF_HASH_SHA256 = 9,
};

/** Why two entries are not proven equal. @flags */
enum core_reason {
	CORE_REASON_CONTENT_MISMATCH = 1,
	CORE_REASON_SIZE_MISMATCH = 2,
	CORE_REASON_MISSING = 4,
	CORE_REASON_TYPE_MISMATCH = 8,
	CORE_REASON_LINK_TARGET = 16,
	CORE_REASON_READ_ERROR = 32,
	CORE_REASON_MODE = 64,
	CORE_REASON_OWNER = 128,
	CORE_REASON_MTIME = 256,
	CORE_REASON_XATTR = 512,
	CORE_REASON_ACL = 1024,
	/** The name stands several times in an archive or a manifest, so which content it has depends on the reader. */
	CORE_REASON_DUPLICATE = 4096,
	/** Parts of an archive contradict each other about the entry. */
	CORE_REASON_PARSER_DIFFERENTIAL = 8192,
	/** The name leads out of the tree, or is none: on one side only, or in a manifest. */
	CORE_REASON_UNSAFE_NAME = 16384,
	/** The content is encrypted. */
	CORE_REASON_ENCRYPTED = 32768,
	/** Another name beside it is the same one where case or normal form does not count. */
	CORE_REASON_NAME_COLLISION = 2048,
};

/** Lists of what is in a tree (docs/manifests.md). @enum */
enum core_manifest_format {
	/** JSON Lines that say all: every entry, kinds, sizes, times, targets, digests. */
	CORE_MANIFEST_SUITE = 1,
	/** Files alone, as `sha256sum` lists them. */
	CORE_MANIFEST_SHA256SUM = 2,
	/** Files alone, as `b3sum` lists them. */
	CORE_MANIFEST_B3SUM = 3,
	/** Files alone with their sizes, as `hashdeep -c sha256` lists them. */
	CORE_MANIFEST_HASHDEEP = 4,
	/** For reading: what sha256sum or b3sum has written, whichever it was. */
	CORE_MANIFEST_SUMS = 5,
	/** For reading: any of these, as its first line says. */
	CORE_MANIFEST_ANY = 6,
};

/** How much a log record matters. @enum */
enum core_level {
	CORE_LEVEL_WARN = 1,
	CORE_LEVEL_INFO = 2,
};

/* --------------------------------------------------------------- records */

/** Bytes inside a record, at this offset from the record's first byte. @bytes */
struct core_str {
	uint32_t off;
	uint32_t len;
};

/** What record this is. @enum */
enum core_rec_type {
	CORE_REC_ENTRY = 1,
	CORE_REC_LOG = 2,
	CORE_REC_RANGE = 3,
	CORE_REC_GROUP_PART = 4,
	CORE_REC_DIGEST = 5,
	CORE_REC_RENAME = 6,
	CORE_REC_FOUND = 7,
	CORE_REC_ERROR = 8,
};

/**
 * The head of every record. Records are 8-byte aligned and little-endian;
 * the next one begins `bytes` after this one.
 */
struct core_rec {
	/** Length of the whole record with its strings and padding. */
	uint32_t bytes;
	/** One of core_rec_type. */
	uint32_t type;
};

/**
 * One name of the two sides and what is known about it.
 * @record entry 1
 */
struct core_rec_entry {
	struct core_rec head;
	/** Path below the two roots as it is on the left, where it is there; or the left operand for a pair. @json path */
	struct core_str path;
	/** The path as it is on the right, where that is another spelling. @json path_right? */
	struct core_str path_right;
	/** @json status @of core_status */
	uint8_t status;
	/** Kind on the left. @json kind[0] @of core_kind */
	uint8_t kind_left;
	/** Kind on the right. @json kind[1] @of core_kind */
	uint8_t kind_right;
	/** How equality was proven; absent unless equal. @json proof? @of core_proof @absent 0 */
	uint8_t proof;
	/** @json reasons @of core_reason */
	uint32_t reasons;
	/** Size in bytes on the left, null where it is not known. @json size[0] @absent 18446744073709551615 */
	uint64_t size_left;
	/** Size in bytes on the right, null where it is not known. @json size[1] @absent 18446744073709551615 */
	uint64_t size_right;
	/** Offset of the first byte that differs, from 0; absent where it was not looked for. @json offset? @absent 18446744073709551615 */
	uint64_t offset;
	/** Line that holds that byte, from 1; absent where it was not looked for. @json line? @absent 0 */
	uint64_t line;
	/** Names below a one-sided directory that this record stands for. @json below? @absent 18446744073709551615 */
	uint64_t below;
	/** Why it could not be decided, where the status is unknown; E_VERIFY where a manifest promises otherwise. @json error.code? @of core_error @absent 0 */
	int32_t error;
	/** The system's error number behind it, absent where there is none. @json error.errno? @absent 0 */
	int32_t sys;
	/** What failed, on which side, in words. @json error.message? */
	struct core_str message;
};

/**
 * Something worth knowing that is no result. Sent only when asked for.
 * @record log 1
 */
struct core_rec_log {
	struct core_rec head;
	/** @json level @of core_level */
	uint32_t level;
	/** The system's error number, absent where there is none. @json errno? @absent 0 */
	int32_t sys;
	/** What happened, in words. @json message */
	struct core_str message;
	/** The path it is about, absent where there is none. @json path? */
	struct core_str path;
};

/**
 * Neighbouring bytes of two files that differ. Ranges come in order; where
 * bytes are sent along, one range may come in several records.
 * @record range 1
 */
struct core_rec_range {
	struct core_rec head;
	/** Offset of the first byte, from 0. @json offset */
	uint64_t offset;
	/** How many bytes. @json length */
	uint64_t length;
	/** The bytes on the left; absent unless asked for. @json left? */
	struct core_str left;
	/** The bytes on the right; absent unless asked for. @json right? */
	struct core_str right;
};

/**
 * A file that is on the left only and one that is on the right only, of the
 * same content: it was moved, or has another name. Both are entries too. Each
 * is in one such record at most; which belong together where several could is
 * told by the last part of their paths, then by their order.
 * @record rename 1
 */
struct core_rec_rename {
	struct core_rec head;
	/** Path on the left. @json from */
	struct core_str from;
	/** Path on the right. @json to */
	struct core_str to;
	/** Bytes of the content. @json size */
	uint64_t size;
	/** How it was proven that the contents are the same. @json proof @of core_proof */
	uint32_t proof;
	/** Files of this content that are on the left only. @json candidates[0] */
	uint32_t candidates_left;
	/** Files of this content that are on the right only. @json candidates[1] */
	uint32_t candidates_right;
	uint32_t reserved;
};

/**
 * Some or all of the sources that are equal to one another, or one whose
 * content is not known. A group of many comes in several records with the same
 * number, one behind the other.
 * @record group_part 1
 * @internal
 */
struct core_rec_group_part {
	struct core_rec head;
	/** Number of the group, from 0, in the order of their first sources. @json id */
	uint32_t id;
	/** 1 when more of the group follows in the next record. @json more */
	uint32_t more;
	/** How they were proven equal; absent where there is one source only. @json proof? @of core_proof @absent 0 */
	uint32_t proof;
	/** Why the content of the source is not known; absent where it is. @json error.code? @of core_error @absent 0 */
	int32_t error;
	/** The system's error number behind it, absent where there is none. @json error.errno? @absent 0 */
	int32_t sys;
	uint32_t reserved;
	/** What failed, in words. @json error.message? */
	struct core_str message;
	/** The places of the sources among all, from 0, in order. @json members @numbers */
	struct core_str members;
};

/**
 * Entries that were found: many to a record, since one each would cost more
 * than finding them.
 * @record found 1
 * @internal
 */
struct core_rec_found {
	struct core_rec head;
	/**
	 * The entries one behind the other, unaligned and little-endian: u16
	 * bytes of the path, u8 kind, u8 whether it is a link that was followed,
	 * u16 depth, u16 number of the root, then the path below the root.
	 * @json entries
	 */
	struct core_str entries;
};

/**
 * What could not be listed, looked at or read.
 * @record error 1
 */
struct core_rec_error {
	struct core_rec head;
	/** As the root was named, and the path below it. @json path */
	struct core_str path;
	/** @json code @of core_error */
	int32_t code;
	/** The system's error number behind it, absent where there is none. @json errno? @absent 0 */
	int32_t sys;
	/** What failed, in words. @json message */
	struct core_str message;
};

/**
 * One name of a tree, and the digest of its content.
 * @record digest 1
 */
struct core_rec_digest {
	struct core_rec head;
	/** Path below the root. @json path */
	struct core_str path;
	/** @json kind @of core_kind */
	uint32_t kind;
	/** Why its content is not known; absent where it is. @json error.code? @of core_error @absent 0 */
	int32_t error;
	/** The system's error number behind it, absent where there is none. @json error.errno? @absent 0 */
	int32_t sys;
	uint32_t reserved;
	/** What failed, in words. @json error.message? */
	struct core_str message;
	/** Size of a file in bytes. @json size? @absent 18446744073709551615 */
	uint64_t size;
	/** When its content was changed last. @json mtime? @time */
	int64_t mtime_ns;
	/** What a symbolic link says; absent where it is none. @json target? */
	struct core_str target;
	/** The digest of a file's content. @json digest? @hex */
	struct core_str digest;
};

/* --------------------------------------------------------- the library */

/**
 * The ABI version the library was built with, to be compared with
 * CORE_ABI_VERSION of the caller's header. Any thread.
 */
CORE_API uint32_t core_abi_version(void);

/**
 * The sizes of all structs of this header, in the order of the header, for a
 * second check after core_abi_version().
 * @param sizes  room for `cap` numbers
 * @param cap    how many of them to write at most
 * @return how many structs there are
 */
CORE_API uint32_t core_struct_sizes(uint32_t *sizes, uint32_t cap);

/**
 * Version and build of the library as `key=value` lines.
 * @param buf     room for `cap` bytes; the text is cut there
 * @param cap     its size
 * @param needed  the length of the whole text
 * @return 0
 */
CORE_API int32_t core_build_info(uint8_t *buf, uint64_t cap, uint64_t *needed);

/** The live objects of the process. */
struct core_counters {
	/** Runs that are not yet deleted or whose work has not ended. */
	uint64_t runs;
	/** Rings in memory. */
	uint64_t rings;
	uint64_t feeds;
	uint64_t pumps;
	/** Descriptors that libcore holds. */
	uint64_t descriptors;
	/** Tasks queued, running or parked. */
	uint64_t tasks;
	/** Bytes allocated. */
	uint64_t bytes;
	/** Pool threads, which stay until the process ends. */
	uint64_t threads;
	/** Steps that pool threads have run since the start. */
	uint64_t steps;
	/** URLs that are asked for or read. */
	uint64_t transfers;
};

/** Fills `*out`; each number is exact, but they are not read at one instant. Any thread. */
CORE_API int32_t core_counters_get(struct core_counters *out);

/**
 * For tests: make the n-th allocation from now fail, once. 0 turns it off.
 * @param nth  1 is the next one
 */
CORE_API int32_t core_test_fail_alloc(uint64_t nth);

/* ------------------------------------------------------------------ pump */

/**
 * A pump tells one thread which of its runs want attention. When the thread
 * that made it ends, its runs are cancelled and everything is released.
 */
typedef struct core_pump core_pump;

/**
 * Makes the pump of the calling thread.
 * @return CORE_EMEMORY, CORE_ELIMIT (no descriptor or thread key left),
 *         CORE_EUSAGE when this thread has one already
 */
CORE_API int32_t core_pump_new(core_pump **out);

/**
 * A new descriptor, the caller's own to close: the end of a stream socket
 * that becomes readable when a run wants attention. Its bytes mean nothing;
 * whoever watches it reads them away.
 * @return the descriptor, or CORE_ELIMIT
 */
CORE_API int32_t core_pump_fd(core_pump *pump);

/**
 * Takes the tokens of the runs that want attention, oldest first.
 * @param tokens  room for `cap` tokens
 * @param count   how many were written; call again while it equals `cap`
 */
CORE_API int32_t core_pump_ready(core_pump *pump, uint64_t *tokens, uint32_t cap, uint32_t *count);

/**
 * Blocks the calling thread until a run wants attention. For synchronous
 * callers; an event loop watches core_pump_fd() instead.
 * @param timeout_ms  how long at most
 * @return 1 when a run wants attention, 0 when the time is up
 */
CORE_API int32_t core_pump_wait(core_pump *pump, uint32_t timeout_ms);

/** Cancels and closes all runs of the pump and releases it. */
CORE_API void core_pump_del(core_pump *pump);

/* ------------------------------------------------------------------ runs */

/**
 * One long operation. It works from the moment it is made, sends records
 * through a ring of 64 KiB and stops by itself while the ring is full.
 * Its pump is told (1) when records or the end arrive after core_run_drain()
 * found nothing, (2) when the ring is full, (3) when it ends.
 */
typedef struct core_run core_run;

/** State bits of a run. @flags */
enum core_run_state {
	/** The work is over; its result can be read. */
	CORE_RUN_ENDED = 1,
	/** Records wait in the ring. */
	CORE_RUN_RECORDS = 2,
	/** The ring is full and the work stands still. */
	CORE_RUN_FULL = 4,
};

/**
 * Copies waiting records out of the ring, whole records only. When it copies
 * none and the run has ended, no records are to come.
 * @param buf    room for `cap` bytes, 8-byte aligned
 * @param cap    at least 65536, so that any record fits
 * @param used   bytes written
 * @param state  state bits after the copy
 * @return CORE_EUSAGE when `cap` is too small
 */
CORE_API int32_t core_run_drain(core_run *run, uint8_t *buf, uint64_t cap, uint64_t *used, uint32_t *state);

/** Drops what is in the ring and all records to come. They are counted all the same. */
CORE_API int32_t core_run_discard(core_run *run);

/** Asks the run to stop soon. It still ends by itself, with CORE_ECANCELLED. */
CORE_API int32_t core_run_cancel(core_run *run);

/** How far a run is. */
struct core_progress {
	/** State bits, as in core_run_drain(). */
	uint32_t state;
	/** 1 once bytes_total is that of all there is, and grows no more. Never for streams. */
	uint32_t total_known;
	/** Names looked at so far whose result is known. */
	uint64_t entries;
	/** All names there are; 0 while more may be found. */
	uint64_t entries_total;
	uint64_t bytes_read;
	/** Bytes that a proof made it needless to read. */
	uint64_t bytes_avoided;
	/** Bytes of all files found so far, both sides. */
	uint64_t bytes_total;
	uint64_t elapsed_ns;
};

/** Fills `*out` at any time of the run's life. */
CORE_API int32_t core_run_progress(core_run *run, struct core_progress *out);

/**
 * Why a run failed, in words.
 * @param buf     room for `cap` bytes; the text is cut there
 * @param needed  the length of the whole text
 * @param path    as `buf`, for the path bytes it is about
 * @param sys     the system's error number, or 0
 * @return the code the run ended with, 0 while it has not failed
 */
CORE_API int32_t core_run_error(core_run *run, uint8_t *buf, uint64_t cap, uint64_t *needed,
				uint8_t *path, uint64_t path_cap, uint64_t *path_needed, int32_t *sys);

/** Closes a run: cancels it if it still works, and gives its memory back when it has stopped. */
CORE_API void core_run_del(core_run *run);

/* ------------------------------------------------------------------ feed */

/**
 * A bounded buffer that one thread fills and a run reads as one of its
 * sources: how streams of the caller reach the library.
 */
typedef struct core_feed core_feed;

/**
 * Makes an empty feed.
 * @param token     what core_pump_ready() reports for it
 * @param capacity  bytes held at most, 4096 to 16 MiB
 * @return CORE_EUSAGE, CORE_EMEMORY
 */
CORE_API int32_t core_feed_new(core_feed **out, core_pump *pump, uint64_t token, uint32_t capacity);

/**
 * Hands bytes over. Takes what fits; when that is less than `len`, the pump
 * reports the feed's token once there is room again.
 * @param taken  bytes taken, 0 when the buffer is full
 * @return CORE_ECLOSED after the end, or when the reading run has ended
 */
CORE_API int32_t core_feed_write(core_feed *feed, const uint8_t *data, uint64_t len, uint64_t *taken);

/** No bytes follow: the reader sees the end after those it has. */
CORE_API int32_t core_feed_end(core_feed *feed);

/** The stream broke: the reader fails with CORE_EREAD after the bytes it has. */
CORE_API int32_t core_feed_abort(core_feed *feed);

/** Ends the feed as core_feed_abort() unless it was ended, and lets it go. */
CORE_API void core_feed_del(core_feed *feed);

/* ---------------------------------------------------------------- filter */

/**
 * Which names of a tree count: rules, each a glob (docs/filters.md). A name
 * that an exclude rule matches does not exist for the operation, nor does
 * what is below it. Where there are include rules, anything but a directory
 * must also match one of them.
 */
typedef struct core_filter core_filter;

/**
 * Makes a filter without rules, which keeps every name.
 * @return CORE_EMEMORY
 */
CORE_API int32_t core_filter_new(core_filter **out);

/** What a rule of a filter is. @flags */
enum core_filter_flag {
	/** An include rule; without it, an exclude rule. */
	CORE_FILTER_INCLUDE = 1,
	/** Letters match in either case (simple case folding of Unicode). */
	CORE_FILTER_FOLD = 2,
};

/**
 * Adds a rule. Not after the filter was given to a run.
 * @param flags    core_filter_flag bits
 * @param pattern  the glob: without a slash about the name, with one about
 *                 the path from the root, ending in one about directories
 * @return CORE_EUSAGE for a glob that does not compile, CORE_ELIMIT after 10,000 rules, CORE_EMEMORY
 */
CORE_API int32_t core_filter_add(core_filter *filter, uint32_t flags, const uint8_t *pattern, uint64_t len);

/** Lets the filter go. Runs that use it keep it. */
CORE_API void core_filter_del(core_filter *filter);

/* ------------------------------------------------------------------ URLs */

/**
 * How URLs are asked for: headers, times, trust, proxies. It may serve any
 * number of sources; nothing of it is sent for a source that has another.
 */
typedef struct core_remote core_remote;

/** Switches of a core_remote. @flags */
enum core_remote_flag {
	/** A redirect is not followed: it is a status that is no success. */
	CORE_REMOTE_NO_REDIRECTS = 1,
	/** Whoever answers over TLS is believed. */
	CORE_REMOTE_INSECURE = 2,
	/** A redirect may lead from a public to a private address. */
	CORE_REMOTE_PRIVATE_REDIRECTS = 4,
	/** A digest that the server gives is a proof. */
	CORE_REMOTE_TRUST_DIGEST = 8,
};

/** How to ask. */
struct core_remote_opts {
	/** sizeof(struct core_remote_opts). */
	uint32_t size;
	/** core_remote_flag bits. */
	uint32_t flags;
	/**
	 * Header lines `Name: value`, each ended by a NUL. They are sent to the
	 * origin of the URL, and to no other that a redirect leads to.
	 */
	const uint8_t *headers;
	uint64_t headers_len;
	/** URL of the proxy for http:// (`proxy`) and https:// (`proxy_tls`); none where its length is 0. */
	const uint8_t *proxy;
	uint64_t proxy_len;
	const uint8_t *proxy_tls;
	uint64_t proxy_tls_len;
	/** Hosts that no proxy is asked for: names or addresses with commas between them. */
	const uint8_t *no_proxy;
	uint64_t no_proxy_len;
	/** A file of certificates in PEM that alone are trusted; those of the system where its length is 0. */
	const uint8_t *ca_file;
	uint64_t ca_file_len;
	/** Milliseconds from the first request to the last byte; 0 for no limit. */
	uint64_t timeout_ms;
	/** Milliseconds to a connection, 0 for 30,000. */
	uint32_t connect_timeout_ms;
	/** Milliseconds without a byte while some are wanted, 0 for 60,000. */
	uint32_t idle_timeout_ms;
	/** Redirects followed one after the other, 0 for 10. */
	uint32_t redirects;
	/** How often a request that failed for the moment is sent anew, 0 for 3, UINT32_MAX for never. */
	uint32_t retries;
};

/**
 * Copies the options. Any thread.
 * @return CORE_EUSAGE for unknown flags, text with a NUL, or a header that is
 *         none or that frames the message; CORE_EMEMORY
 */
CORE_API int32_t core_remote_new(core_remote **out, const struct core_remote_opts *opts);

/** Lets it go. Runs that use it keep it. */
CORE_API void core_remote_del(core_remote *remote);

/** A tree whose files are URLs: their paths, and where each is. */
typedef struct core_map core_map;

/**
 * Makes an empty map.
 * @return CORE_EMEMORY
 */
CORE_API int32_t core_map_new(core_map **out);

/**
 * Adds a file. Not after the map was given to a run.
 * @param path    below the root of the tree: no slash at its ends, no empty part, none that is `.` or `..`
 * @param url     http:// or https://
 * @param remote  how it is asked for, kept; NULL for the defaults
 * @return CORE_EUSAGE for a path or URL that is none, CORE_ELIMIT after a million files,
 *         CORE_EUNSUPPORTED when the library was built without HTTP, CORE_EMEMORY
 */
CORE_API int32_t core_map_add(core_map *map, const uint8_t *path, uint64_t path_len, const uint8_t *url,
			      uint64_t url_len, core_remote *remote);

/** Lets it go. Runs that use it keep it. */
CORE_API void core_map_del(core_map *map);

/* --------------------------------------------------------------- compare */

/** Where one side's bytes come from. @enum */
enum core_source_kind {
	/** A file or directory of this machine, named by `data`. Symbolic links are followed. */
	CORE_SOURCE_PATH = 1,
	/** The `len` bytes at `data`, which the caller keeps unchanged until the run ends. */
	CORE_SOURCE_MEMORY = 2,
	/** The bytes of `feed`, used by one run only. */
	CORE_SOURCE_FEED = 3,
	/** What the http:// or https:// URL at `data` leads to, asked for as `remote` says. */
	CORE_SOURCE_URL = 4,
	/** The tree `map`, to be compared with a directory or another one. */
	CORE_SOURCE_MAP = 5,
};

/** One side. */
struct core_source {
	/** sizeof(struct core_source). */
	uint32_t size;
	/** One of core_source_kind. */
	uint32_t kind;
	const uint8_t *data;
	uint64_t len;
	core_feed *feed;
	/** For a URL; NULL for the defaults. */
	core_remote *remote;
	core_map *map;
	/** 1 when the bytes are those of an archive whose entries are meant. */
	uint32_t archive;
	/**
	 * The core_manifest_format of bytes that are a manifest, whose entries are meant; 0 for any others. Not with
	 * `archive`, nor CORE_SOURCE_MAP.
	 */
	uint32_t manifest;
	/** With `archive`: the path inside it that is meant, without slashes at its ends. NULL for all of it. */
	const uint8_t *inner;
	uint64_t inner_len;
};

/** Switches of a comparison. @flags */
enum core_compare_flag {
	/** Find the first byte that differs and its line: no size check or sampling first. Pairs only. */
	CORE_COMPARE_LOCATE = 1,
	/** Stop at the first proven difference. */
	CORE_COMPARE_FIRST = 2,
	/** Send a record for equal entries too. */
	CORE_COMPARE_ALL_ENTRIES = 4,
	/** One record for a one-sided directory, with the number of names below it. */
	CORE_COMPARE_COLLAPSE = 8,
	/** Read files even if their sizes differ. */
	CORE_COMPARE_NO_SIZE_PRECHECK = 16,
	/** Do not look at a few places of a large file first. */
	CORE_COMPARE_NO_QUICK_CHECK = 32,
	/** Send log records. */
	CORE_COMPARE_LOG = 64,
	/** Follow symbolic links in trees; one that leads to a directory it is below is compared as a link. */
	CORE_COMPARE_FOLLOW = 128,
	/** Accept no proof of equality but the bytes. */
	CORE_COMPARE_PROVE_BYTES = 256,
	/** Names that are only on the right do not exist. */
	CORE_COMPARE_ONE_WAY = 512,
	/** Directories are no entries, only what is in them. */
	CORE_COMPARE_SKIP_EMPTY_DIRS = 1024,
	/** Do not go into directories of another file system than the root's. */
	CORE_COMPARE_ONE_FILE_SYSTEM = 2048,
	/** Find all bytes that differ and send them as ranges. Pairs only. */
	CORE_COMPARE_RANGES = 4096,
	/** Send the bytes of the ranges along. */
	CORE_COMPARE_RANGE_BYTES = 8192,
	/** Look inside files that are archives, and compare them as trees. A directory against a file does so unasked. */
	CORE_COMPARE_ARCHIVE = 65536,
	/** Compare what is in archives by digests alone, also where it could be read side by side. */
	CORE_COMPARE_HASH = 131072,
	/**
	 * Find files that are on one side only and on the other under another name: core_rec_rename behind all entries.
	 * Files without content are left out. Not with CORE_COMPARE_COLLAPSE, CORE_COMPARE_ONE_WAY or CORE_COMPARE_PROVE_BYTES.
	 */
	CORE_COMPARE_RENAMES = 262144,
	/** Names of trees that differ in letter case alone are one name. */
	CORE_COMPARE_IGNORE_CASE_NAMES = 16384,
	/** Names of trees that are canonically equivalent in Unicode (é in one character or in two) are one name. */
	CORE_COMPARE_NORMALIZE_NAMES = 32768,
};

/** What of the metadata of two entries is compared. @flags */
enum core_metadata {
	/** Permission bits, not of symbolic links. */
	CORE_METADATA_MODE = 1,
	/** User and group, as numbers. */
	CORE_METADATA_OWNER = 2,
	CORE_METADATA_MTIME = 4,
	/** Extended attributes, except access control lists. */
	CORE_METADATA_XATTR = 8,
	/** Access control lists. */
	CORE_METADATA_ACL = 16,
};

/** How to compare. */
struct core_compare_opts {
	/** sizeof(struct core_compare_opts). */
	uint32_t size;
	/** core_compare_flag bits. */
	uint32_t flags;
	/** Threads at most, 0 for min(CPUs, 8). */
	uint32_t jobs;
	/** Bytes read at a time, 4096 to 4 MiB; 0 for the default, 256 KiB. */
	uint32_t chunk_bytes;
	/** core_metadata bits: what is compared besides the content. */
	uint32_t metadata;
	/** Which names of two trees count; NULL for all. */
	core_filter *filter;
	/** Times that are no further apart than this, in nanoseconds, are the same. */
	uint64_t modify_window_ns;
	/** Bytes of each side that are passed over first. Pairs only. */
	uint64_t skip_left;
	uint64_t skip_right;
	/** Bytes compared at most, 0 for all. Pairs only. */
	uint64_t limit_bytes;
	/** Entries or ranges sent at most, 0 for all; the rest is counted all the same. */
	uint64_t limit_records;
	/** Paths below the roots, each ended by a NUL: only these are compared. NULL for whole trees. */
	const uint8_t *paths;
	/** Bytes at `paths`. */
	uint64_t paths_len;
	/** Leading parts of the paths in an archive that do not count. */
	uint32_t strip_components;
	/** Bytes that an archive may unpack to, 0 for 1 TiB. */
	uint64_t max_bytes;
	/** Times its own size that an archive may unpack to, once that is above 1 GiB; 0 for 2000. */
	uint64_t max_ratio;
	/** Entries that an archive may have, 0 for 10 million. */
	uint64_t max_entries;
	/** Bytes that the name of an entry may have, 0 for 64 KiB. */
	uint32_t max_name;
	/** Archives inside each other that are looked into in trees, at most 8: their entries are named `outer.tar!/inner`. */
	uint32_t nested;
	/** Files on one side only that are looked at for renames, 0 for 400,000. */
	uint32_t rename_limit;
};

/**
 * Starts to compare two sides: two files by their bytes, two directories as
 * trees. A manifest is a tree whose files are their digests: what it lists of
 * a directory, an archive or a map of URLs is a promise, and an entry that
 * breaks it has the error CORE_EVERIFY. Records: core_rec_entry in the order
 * of `LC_ALL=C sort` on whole paths, then core_rec_rename in the order of
 * their left paths, and core_rec_log where asked for.
 *
 * With CORE_COMPARE_IGNORE_CASE_NAMES or CORE_COMPARE_NORMALIZE_NAMES two
 * names of a directory are one where their spelling differs in that alone.
 * Names of the same bytes go together first; where a side then has several
 * spellings of one name, those left over are of status unknown with
 * CORE_ENAME_COLLISION, and what is below them is not compared.
 * @param token  what core_pump_ready() reports for this run
 * @param opts   NULL for the defaults
 * @return CORE_EUSAGE for options or sources that do not fit, CORE_EMEMORY.
 *         What goes wrong later ends the run with CORE_ENOT_FOUND,
 *         CORE_EPERMISSION, CORE_EREAD, CORE_ECHANGED, CORE_ELIMIT,
 *         CORE_ELOOP, CORE_EUNSUPPORTED, CORE_EMEMORY or CORE_ECANCELLED,
 *         of a URL with CORE_EHTTP_STATUS, CORE_ENETWORK, CORE_ETLS or CORE_ETIMEOUT;
 *         inside a tree it becomes an entry of status unknown instead.
 */
CORE_API int32_t core_compare_new(core_run **out, core_pump *pump, uint64_t token,
				  const struct core_source *left, const struct core_source *right,
				  const struct core_compare_opts *opts);

/** The outcome of a comparison. */
struct core_compare_summary {
	/** One of core_verdict. */
	uint32_t verdict;
	/** 1 when the two sides are trees, 0 for a pair. */
	uint32_t tree;
	/** Why the run could not finish, 0 if it did. */
	int32_t error;
	/** Pair: the reasons of its entry. */
	uint32_t reasons;
	/** Pair: how equality was proven. */
	uint32_t proof;
	/** Pair: 1 when the shorter side ends exactly at a line end. */
	uint32_t line_start;
	/** Pair: offset of the first byte that differs, UINT64_MAX where not known. @absent 18446744073709551615 */
	uint64_t offset;
	/** Pair: line of that byte, 0 where not known. */
	uint64_t line;
	/** Pair: size of the left, UINT64_MAX where not known. @absent 18446744073709551615 */
	uint64_t size_left;
	/** Pair: size of the right, UINT64_MAX where not known. @absent 18446744073709551615 */
	uint64_t size_right;
	/** Pair: bytes that differ, with CORE_COMPARE_RANGES. */
	uint64_t differing;
	/** Entries by status. */
	uint64_t equal;
	uint64_t different;
	uint64_t only_left;
	uint64_t only_right;
	uint64_t unknown;
	uint64_t bytes_read;
	uint64_t bytes_avoided;
	/** Equal entries by proof. */
	uint64_t proof_bytes;
	uint64_t proof_same_inode;
	uint64_t proof_holes;
	uint64_t proof_target;
	uint64_t proof_kind;
	uint64_t proof_same_extents;
	uint64_t proof_digest;
	uint64_t proof_hash_blake3;
	uint64_t proof_hash_sha256;
	/** Entries that are not as the manifest on one side promises; they are among the different and one-sided ones. */
	uint64_t broken;
	/** With CORE_COMPARE_RENAMES: pairs of names, and one-sided files that could not be looked at or were too many. */
	uint64_t renamed;
	uint64_t renames_skipped;
	uint64_t elapsed_ns;
};

/**
 * The outcome of a run made by core_compare_new().
 * @return CORE_EUSAGE while the run has not ended
 */
CORE_API int32_t core_compare_result(core_run *run, struct core_compare_summary *out);

/** How to compare many sources. */
struct core_groups_opts {
	/** sizeof(struct core_groups_opts). */
	uint32_t size;
	/**
	 * core_compare_flag bits: CORE_COMPARE_FIRST, CORE_COMPARE_NO_SIZE_PRECHECK,
	 * CORE_COMPARE_NO_QUICK_CHECK, CORE_COMPARE_PROVE_BYTES, CORE_COMPARE_LOG.
	 */
	uint32_t flags;
	/** Threads at most, 0 for min(CPUs, 8). */
	uint32_t jobs;
	/** Bytes read at a time, 4096 to 4 MiB; 0 for the default, 256 KiB. */
	uint32_t chunk_bytes;
};

/**
 * Starts to find out which of many sources are equal. All are read together,
 * each at most once: what differs from all others is read no further. Records:
 * core_rec_group_part in the order of the groups' first sources, and
 * core_rec_log where asked for. With CORE_COMPARE_FIRST the run stops at the
 * first difference, and sends only the sources whose content is not known.
 * @param token    what core_pump_ready() reports for this run
 * @param sources  `count` of them: paths of files, memory, feeds
 * @param count    1 to 16,777,216
 * @param opts     NULL for the defaults
 * @return CORE_EUSAGE for options or sources that do not fit, CORE_EMEMORY. A
 *         source that cannot be opened or read, or that changes, is a group of
 *         its own with that error. The run ends with CORE_EMEMORY or
 *         CORE_ECANCELLED.
 */
CORE_API int32_t core_groups_new(core_run **out, core_pump *pump, uint64_t token, const struct core_source *sources,
				 uint32_t count, const struct core_groups_opts *opts);

/** The outcome of a comparison of many sources. */
struct core_groups_summary {
	/** One of core_verdict: different when two sources are proven so, equal when all are proven equal. */
	uint32_t verdict;
	/** Why the run could not finish, 0 if it did. */
	int32_t error;
	/** Groups of sources whose content is known, those of one source too. */
	uint32_t groups;
	/** Two sources that are proven different, with CORE_COMPARE_FIRST; the same one where there are none. */
	uint32_t left;
	uint32_t right;
	/** How they differ: core_reason bits. */
	uint32_t reasons;
	/** Sources that are equal to another one. */
	uint64_t equal;
	/** Sources that are proven different from all others. */
	uint64_t different;
	/** Sources whose content is not known. */
	uint64_t unknown;
	/** Those of them that could not be read at all. */
	uint64_t unreadable;
	uint64_t bytes_read;
	uint64_t bytes_avoided;
	/** Equal sources by proof. */
	uint64_t proof_bytes;
	uint64_t proof_same_inode;
	uint64_t proof_holes;
	uint64_t proof_same_extents;
	uint64_t elapsed_ns;
};

/**
 * The outcome of a run made by core_groups_new().
 * @return CORE_EUSAGE while the run has not ended
 */
CORE_API int32_t core_groups_result(core_run *run, struct core_groups_summary *out);

/* ---------------------------------------------------------------- digest */

/** How a content becomes a digest. @enum */
enum core_digest_algorithm {
	CORE_DIGEST_BLAKE3 = 1,
	/** As FIPS 180-4 has it. */
	CORE_DIGEST_SHA256 = 2,
};

/** How to list a tree with digests. */
struct core_digest_opts {
	/** sizeof(struct core_digest_opts). */
	uint32_t size;
	/** core_compare_flag bits: CORE_COMPARE_FOLLOW, CORE_COMPARE_ONE_FILE_SYSTEM, CORE_COMPARE_SKIP_EMPTY_DIRS. */
	uint32_t flags;
	/** Threads at most, 0 for min(CPUs, 8). */
	uint32_t jobs;
	/** Bytes read at a time, 4096 to 4 MiB; 0 for the default, 256 KiB. */
	uint32_t chunk_bytes;
	/** One of core_digest_algorithm; 0 is CORE_DIGEST_BLAKE3. */
	uint32_t algorithm;
	/** The manifest that is to be written: one of core_manifest_format but CORE_MANIFEST_SUMS. With `output` only. */
	uint32_t format;
	/** Which names count; NULL for all. */
	core_filter *filter;
	/** Paths below the root, each ended by a NUL: only these are listed. NULL for the whole tree. */
	const uint8_t *paths;
	/** Bytes at `paths`. */
	uint64_t paths_len;
	/** The path where the manifest is to appear; NULL for none. */
	const uint8_t *output;
	uint64_t output_len;
	/** 1 to go on where an interrupted run stopped: what it left beside `output` is used for files that did not change. */
	uint32_t resume;
	uint32_t reserved;
};

/**
 * Starts to list a directory with the digest of each file. Records:
 * core_rec_digest in the order of `LC_ALL=C sort` on whole paths. With
 * `output` the list is also written to a file, which appears whole or not at
 * all; until then it is beside it, with `.partial` behind its name, and stays
 * there when the run fails.
 * @param token  what core_pump_ready() reports for this run
 * @param root   the directory; symbolic links are followed
 * @param opts   NULL for the defaults
 * @return CORE_EUSAGE for options that do not fit, CORE_EMEMORY. What goes
 *         wrong later ends the run with CORE_ENOT_FOUND, CORE_EPERMISSION,
 *         CORE_EREAD, CORE_ELIMIT, CORE_ELOOP, CORE_EUNSUPPORTED for what is
 *         no directory or a name that the format cannot hold, CORE_EWRITE,
 *         CORE_EUSAGE when what is to be resumed has another digest,
 *         CORE_EMEMORY or CORE_ECANCELLED; about one entry it is that entry's error.
 */
CORE_API int32_t core_digest_new(core_run **out, core_pump *pump, uint64_t token, const uint8_t *root, uint64_t root_len,
				 const struct core_digest_opts *opts);

/** What came of it. */
struct core_digest_summary {
	/** Why the run could not finish, 0 if it did. */
	int32_t error;
	uint32_t reserved;
	uint64_t entries;
	/** Those of them that are files. */
	uint64_t files;
	/** Entries whose content is not known. */
	uint64_t unknown;
	/** Files whose digest an earlier run had made. */
	uint64_t reused;
	uint64_t bytes_read;
	/** Bytes of files whose digest an earlier run had made. */
	uint64_t bytes_avoided;
	uint64_t elapsed_ns;
};

/**
 * The outcome of a run made by core_digest_new().
 * @return CORE_EUSAGE while the run has not ended
 */
CORE_API int32_t core_digest_result(core_run *run, struct core_digest_summary *out);

#ifdef __cplusplus
}
#endif

/* ---------------------------------------------------------------- find */

/** How to walk and what to write. @flags */
enum core_find_flag {
	/** Names that begin with a dot count too. */
	CORE_FIND_HIDDEN = 1,
	/** Symbolic links are what they lead to; one that leads back to a directory above it is not gone into. */
	CORE_FIND_FOLLOW = 2,
	/** Directories on other file systems than the root's are not gone into. */
	CORE_FIND_ONE_FILE_SYSTEM = 4,
	/** Entries come as they are found, not in the order of paths. */
	CORE_FIND_UNORDERED = 8,
	/** `.gitignore`, `info/exclude` and `excludes_file` are not asked. */
	CORE_FIND_NO_GIT = 16,
	/** `.ignore` is not asked. */
	CORE_FIND_NO_IGNORE = 32,
	/** Rules of ignore files match ASCII letters in either case (core.ignoreCase). */
	CORE_FIND_FOLD_RULES = 64,
	/** With `output`: paths end with a NUL, not a line feed. */
	CORE_FIND_NUL = 128,
	/** With `output`: paths are those below the root. */
	CORE_FIND_RELATIVE = 256,
};

/** Kinds beside 1 << core_kind. @flags */
enum core_find_kind {
	/** Files that somebody may execute. */
	CORE_FIND_KIND_EXECUTABLE = 65536,
	/** Files without bytes and directories without names. */
	CORE_FIND_KIND_EMPTY = 131072,
};

/** What to find, and how. */
struct core_find_opts {
	/** sizeof(struct core_find_opts). */
	uint32_t size;
	/** core_find_flag bits. */
	uint32_t flags;
	/** Threads at most, 0 for as many as the pool has. */
	uint32_t jobs;
	/** Bits of 1 << core_kind, and core_find_kind; 0 for all kinds. */
	uint32_t kinds;
	/** Names in a root have depth 1. */
	uint32_t min_depth;
	/** 0 for no limit. */
	uint32_t max_depth;
	/** A descriptor that paths are written to; -1 to have them as records. Must stay open until the run has ended. */
	int32_t output;
	uint32_t reserved;
	/** Ends after so many entries; 0 for all. */
	uint64_t max_results;
	/** Bytes of files. */
	uint64_t min_size;
	/** 2^53 - 1 and more for no limit. */
	uint64_t max_size;
	/** When content was changed last, in seconds since 1970, inclusive; -(2^53 - 1) for no limit. */
	int64_t changed_after;
	/** 2^53 - 1 for no limit. */
	int64_t changed_before;
	/** The nanoseconds of both. */
	uint32_t changed_after_ns;
	uint32_t changed_before_ns;
	/** Names that count; NULL for all. Its include rules select, and do not keep the walk out of directories. */
	core_filter *match;
	/** Names that do not exist for the walk, nor what is below them; NULL for none. */
	core_filter *exclude;
	/** Further ignore files, each path ended by a NUL, asked last; their patterns begin at each root. */
	const uint8_t *ignore_files;
	uint64_t ignore_files_len;
	/** core.excludesFile of git; NULL for none. It need not exist, nor be readable. */
	const uint8_t *excludes_file;
	uint64_t excludes_file_len;
};

/**
 * Starts to walk trees. Records: core_rec_found unless there is an `output`,
 * and core_rec_error for what could not be looked at; the walk goes on.
 * Roots are walked in their order, each in the order of `LC_ALL=C sort` on
 * whole paths.
 * @param token  what core_pump_ready() reports for this run
 * @param roots  paths of directories, each ended by a NUL; an empty one is
 *               the working directory, without a name before its paths
 * @param opts   NULL for the defaults
 * @return CORE_EUSAGE for options that do not fit, CORE_EIGNORE for a named
 *         ignore file that cannot be read, CORE_EMEMORY. What goes wrong later
 *         ends the run with CORE_EWRITE, CORE_EMEMORY or CORE_ECANCELLED.
 */
CORE_API int32_t core_find_new(core_run **out, core_pump *pump, uint64_t token, const uint8_t *roots, uint64_t roots_len,
			       const struct core_find_opts *opts);

/** What came of it. */
struct core_find_summary {
	/** Why the run could not finish, 0 if it did. */
	int32_t error;
	/** 1 when `max_results` ended it. */
	uint32_t truncated;
	/** Entries that were found. */
	uint64_t results;
	/** Entries that were looked at. */
	uint64_t entries;
	/** Directories that were listed. */
	uint64_t dirs;
	/** Names passed over, with what is below them: hidden, ignored, excluded. */
	uint64_t hidden;
	uint64_t ignored;
	uint64_t excluded;
	/** Failures that were told. */
	uint64_t errors;
	/** Roots that could not be listed. */
	uint32_t roots_failed;
	uint32_t reserved;
	uint64_t elapsed_ns;
};

/**
 * What came of a run of core_find_new().
 * @return CORE_EUSAGE before its end
 */
CORE_API int32_t core_find_result(core_run *run, struct core_find_summary *out);

#endif
