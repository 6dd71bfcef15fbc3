/* SPDX-License-Identifier: MIT */
#include "compare/content.h"

#include "base/alloc.h"

#include <errno.h>
#include <string.h>

enum { TARGET_BYTES = 64 << 10 };

static int32_t settle(struct item *it, uint8_t status, uint8_t proof, uint32_t reasons)
{
	it->out.status = status;
	it->out.proof = proof;
	it->out.reasons = reasons;
	return 1;
}

static int32_t fail(struct item *it, const struct err *e)
{
	outcome_fail(&it->out, e);
	return 1;
}

/* A system error about one side's name. */
static int32_t fail_sys(struct item *it, int sys, const char *op, int side)
{
	struct err e = err_sys(sys, op, side);

	if (sys == ENOENT || sys == ENOTDIR)
		e = err_of(CORE_ECHANGED, "compare", side, "the name vanished while the trees were read");
	return fail(it, &e);
}

/* ------------------------------------------------------------------ links */

/* Target of a symbolic link, from the catalogue or the directory: its length or -errno. */
static int64_t target_of(const struct tree *t, const struct entry *e, uint8_t *out)
{
	char piece[TREE_PIECE];

	if (!tree_is_on_disk(t, e)) {
		if (e->target_len > TARGET_BYTES)
			return -ENAMETOOLONG;
		memcpy(out, entry_target(&t->list, e), e->target_len);
		return e->target_len;
	}
	int dir = tree_locate(t, e, piece);
	if (dir < 0)
		return dir;
	int64_t n = plat_readlink_at(dir, piece, out, TARGET_BYTES);
	if (dir != t->fd)
		plat_close(dir);
	return n;
}

static int32_t links(struct item *it, const struct tree tree[2], const struct entry *const entry[2])
{
	uint8_t *target[2];
	int64_t len[2];

	target[0] = pool_scratch((size_t)TARGET_BYTES * 2);
	if (!target[0])
		return CORE_EMEMORY;
	target[1] = target[0] + TARGET_BYTES;
	for (int s = 0; s < 2; s++) {
		len[s] = target_of(&tree[s], entry[s], target[s]);
		if (len[s] < 0)
			return fail_sys(it, (int)-len[s], "read link", s);
	}
	if (len[0] == len[1] && memcmp(target[0], target[1], (size_t)len[0]) == 0)
		return settle(it, CORE_STATUS_EQUAL, CORE_PROOF_TARGET, 0);
	return settle(it, CORE_STATUS_DIFFERENT, CORE_PROOF_NONE, CORE_REASON_LINK_TARGET);
}

static int32_t devices(struct item *it, const struct tree tree[2], const struct entry *const entry[2])
{
	uint64_t rdev[2];

	for (int s = 0; s < 2; s++) {
		struct plat_stat st;
		rdev[s] = entry[s]->rdev;
		if (!tree_is_on_disk(&tree[s], entry[s]))
			continue;
		int rc = tree_stat(&tree[s], entry[s], &st);
		if (rc != 0)
			return fail_sys(it, -rc, "stat", s);
		rdev[s] = st.rdev;
	}
	if (rdev[0] == rdev[1])
		return settle(it, CORE_STATUS_EQUAL, CORE_PROOF_KIND, 0);
	return settle(it, CORE_STATUS_DIFFERENT, CORE_PROOF_NONE, CORE_REASON_CONTENT_MISMATCH);
}

/* -------------------------------------------------------------- metadata */

static int meta_of(const struct tree *t, const struct entry *e, struct entry_meta *out)
{
	struct plat_stat st;

	*out = e->meta;
	if (!tree_is_on_disk(t, e))
		return 0;
	int rc = tree_stat(t, e, &st);
	if (rc == 0)
		*out = (struct entry_meta){.mtime_ns = st.mtime_ns, .mode = st.mode, .uid = st.uid, .gid = st.gid,
					   .known = CORE_METADATA_MODE | CORE_METADATA_OWNER | CORE_METADATA_MTIME};
	return rc;
}

static uint64_t distance(int64_t a, int64_t b)
{
	return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

/* Adds what of the metadata differs to `it->meta`: 0, or 1 when that failed the item. */
static int compare_meta(struct item *it, const struct tree tree[2], const struct entry *const entry[2],
			const struct config *c)
{
	uint32_t wanted = c->metadata;
	struct entry_meta meta[2];

	/* The bits of a link mean nothing. */
	if (it->kind[0] == CORE_KIND_SYMLINK)
		wanted &= ~(uint32_t)CORE_METADATA_MODE;
	for (int s = 0; s < 2; s++) {
		int rc = meta_of(&tree[s], entry[s], &meta[s]);
		if (rc != 0)
			return fail_sys(it, -rc, "stat", s);
		if (wanted & ~meta[s].known) {
			struct err e = err_of(CORE_EUNSUPPORTED, "compare", s, "this side does not say all of the metadata");
			return fail(it, &e);
		}
	}
	if ((wanted & CORE_METADATA_MODE) && meta[0].mode != meta[1].mode)
		it->meta |= CORE_REASON_MODE;
	if ((wanted & CORE_METADATA_OWNER) && (meta[0].uid != meta[1].uid || meta[0].gid != meta[1].gid))
		it->meta |= CORE_REASON_OWNER;
	if ((wanted & CORE_METADATA_MTIME) && distance(meta[0].mtime_ns, meta[1].mtime_ns) > c->modify_window_ns)
		it->meta |= CORE_REASON_MTIME;
	return 0;
}

/* ----------------------------------------------------------------- files */

/*
 * Whether two members of ZIP files are stored as the same bytes by the same
 * method, which are then the same content.
 */
static int is_stored_alike(const struct tree tree[2], const struct entry *const content[2], core_run *run, uint32_t chunk)
{
	const struct zip_entry *z[2] = {zip_at(tree[0].zip, content[0]->place), zip_at(tree[1].zip, content[1]->place)};
	struct reader r[2] = {{0}, {0}};
	uint8_t *buf = pool_scratch((size_t)chunk * 2);
	struct err e;
	int alike = z[0]->method == z[1]->method && z[0]->packed == z[1]->packed && z[0]->size == z[1]->size &&
		    z[0]->crc == z[1]->crc && buf;

	for (int s = 0; s < 2 && alike; s++)
		alike = reader_open_zip_raw(&r[s], tree[s].zip, content[s]->place, s, &e) == 0;
	for (uint64_t at = 0; alike && at < z[0]->packed;) {
		size_t want = z[0]->packed - at < chunk ? (size_t)(z[0]->packed - at) : chunk, got[2] = {0, 0};
		alike = !run_cancelled(run);
		for (int s = 0; s < 2 && alike; s++)
			alike = reader_at(&r[s], at, buf + (size_t)s * chunk, want, &got[s], &e) == 0 && got[s] == want;
		alike = alike && memcmp(buf, buf + chunk, want) == 0;
		at += want;
		atomic_fetch_add_explicit(&run->bytes_read, got[0] + got[1], memory_order_relaxed);
	}
	for (int s = 0; s < 2 && alike; s++)
		alike = reader_check(&r[s], &e) == 0;
	reader_close(&r[0]);
	reader_close(&r[1]);
	return alike;
}

/* What two ZIP directories say settles much: 1 when it did. */
static int32_t members(struct item *it, const struct tree tree[2], const struct entry *const content[2],
		       core_run *run, const struct config *c)
{
	const struct zip_entry *z[2] = {zip_at(tree[0].zip, content[0]->place), zip_at(tree[1].zip, content[1]->place)};

	if (!(c->flags & CORE_COMPARE_NO_SIZE_PRECHECK) && z[0]->size != z[1]->size)
		return settle(it, CORE_STATUS_DIFFERENT, 0, CORE_REASON_SIZE_MISMATCH);
	if (!(c->flags & CORE_COMPARE_NO_QUICK_CHECK) && z[0]->crc != z[1]->crc)
		return settle(it, CORE_STATUS_DIFFERENT, 0, CORE_REASON_CONTENT_MISMATCH);
	if (is_stored_alike(tree, content, run, c->chunk))
		return settle(it, CORE_STATUS_EQUAL, CORE_PROOF_BYTES, 0);
	return 0;
}

/* Begins to compare what is open, and leaves the rest to all workers. */
static int32_t begin(struct item *it, struct pair *p, int final)
{
	if (final) {
		it->out = p->out;
		pair_close(p);
		return 1;
	}
	it->pair = mem_alloc(sizeof *p);
	if (!it->pair) {
		pair_close(p);
		return CORE_EMEMORY;
	}
	*it->pair = *p;
	return 0;
}

static int32_t unproven(struct item *it, const char *why)
{
	struct err e = err_of(CORE_EUNSUPPORTED, "compare", -1, why);

	return fail(it, &e);
}

/* Two digests, where no side can be read again. */
static int32_t digests(struct item *it, const struct entry *const content[2], const struct config *c)
{
	const uint32_t kinds[2] = {content[0]->digests, content[1]->digests}, common = kinds[0] & kinds[1];
	int same = memcmp(content[0]->digest, content[1]->digest, ENTRY_DIGEST_BYTES) == 0;

	if (content[0]->size != content[1]->size && content[0]->size != UINT64_MAX && content[1]->size != UINT64_MAX)
		return settle(it, CORE_STATUS_DIFFERENT, 0, CORE_REASON_SIZE_MISMATCH);
	if (common == 0)
		return unproven(it, "the digests of the two sides are of different kinds");
	/* Of the same bits they are of the same kind, whichever that is; of others perhaps not. */
	if (!same && (kinds[0] != kinds[1] || (common & (common - 1))))
		return unproven(it, "the digests are not the same, and it is not said of which kind they are: SHA-256 or BLAKE3");
	if (!same)
		return settle(it, CORE_STATUS_DIFFERENT, 0, CORE_REASON_CONTENT_MISMATCH);
	if (c->flags & CORE_COMPARE_PROVE_BYTES)
		return unproven(it, "the digests are the same; the archives' order does not let their bytes be compared");
	return settle(it, CORE_STATUS_EQUAL,
		      common == 1u << DIGEST_BLAKE3   ? CORE_PROOF_HASH_BLAKE3
		      : common == 1u << DIGEST_SHA256 ? CORE_PROOF_HASH_SHA256
						      : CORE_PROOF_DIGEST,
		      0);
}

static int32_t open_failed(struct item *it, struct pair *p, int side, const struct err *e)
{
	pair_close(p);
	if (e->sys == EMFILE || e->sys == ENFILE) {
		it->out.err = *e;
		return CORE_ELIMIT;
	}
	if (e->sys == ELOOP) {
		struct err changed = err_of(CORE_ECHANGED, "compare", side, "the kind changed while the trees were read");
		return fail(it, &changed);
	}
	return e->sys ? fail_sys(it, e->sys, e->op, side) : fail(it, e);
}

/* One side is a digest, the other can be read. */
static int32_t digest_beside(struct item *it, struct pair *p, int side, const struct entry *promised)
{
	struct segment s;

	int final = pair_begin_digest(p, side, promised->digests, promised->digest, promised->size);
	/* What one read takes need not be shared out. */
	while (!final && !p->side[side].waits && p->side[side].size <= p->chunk && pair_claim(p, &s)) {
		pair_work(p, &s, NULL);
		final = pair_complete(p, &s);
	}
	return begin(it, p, final);
}

static int32_t files(struct item *it, const struct tree tree[2], const struct entry *const content[2],
		     core_run *run, const struct config *c)
{
	struct pair p = {.run = run,
			 .flags = c->flags & ~(uint32_t)(CORE_COMPARE_LOCATE | CORE_COMPARE_RANGES),
			 .chunk = c->chunk};
	int streams[2] = {tree_is_streamed(&tree[0], content[0]), tree_is_streamed(&tree[1], content[1])};
	int read[2] = {!streams[0] && !tree_is_manifest(&tree[0]), !streams[1] && !tree_is_manifest(&tree[1])};
	struct err e;

	/* Nobody waits for a server here. */
	it->away = tree[0].from.map || tree[1].from.map;
	if (it->away)
		return 1;
	if (tree[0].zip && tree[1].zip && !streams[0] && !streams[1] && members(it, tree, content, run, c))
		return 1;
	for (int s = 0; s < 2; s++) {
		if (streams[s] && !(content[s]->flags & ENTRY_DIGEST))
			return unproven(it, "its content was not read");
	}
	if (!read[0] && !read[1])
		return digests(it, content, c);
	for (int s = 0; s < 2; s++) {
		if (read[s] && tree_read(&tree[s], content[s], &p.side[s], &e) != 0)
			return open_failed(it, &p, s, &e);
	}
	if (read[0] && read[1]) {
		p.chunk = pair_chunk(c->chunk, p.side[0].size, p.side[1].size);
		return begin(it, &p, pair_begin(&p));
	}
	if (c->flags & CORE_COMPARE_PROVE_BYTES) {
		pair_close(&p);
		return unproven(it, "what is linked in an archive, or in an archive in it, is compared by its digest only");
	}
	int from = read[1];
	return digest_beside(it, &p, from, content[!from]);
}

static int32_t compare_files(struct item *it, const struct tree tree[2], const struct entry *const entry[2],
			     core_run *run, const struct config *c)
{
	const struct entry *content[2];

	for (int s = 0; s < 2; s++) {
		content[s] = tree_content(&tree[s], entry[s]);
		if (!content[s]) {
			struct err e = err_of(CORE_EARCHIVE, "read archive", s, "a hard link leads to a name that is not there");
			return fail(it, &e);
		}
		if (content[s]->error != 0)
			return fail(it, &tree[s].list.errors[content[s]->error - 1]);
		if (content[s]->flags & ENTRY_DUPLICATE) {
			struct err e = err_of(CORE_EARCHIVE, "read archive", s, "a hard link leads to a name that is there more than once");
			return fail(it, &e);
		}
		if (content[s]->kind != CORE_KIND_FILE)
			return unproven(it, "a hard link leads to what is no file");
		it->out.size[s] = content[s]->size;
	}
	if (content[0]->flags & ENTRY_PAIRED &&
	    path_compare(entry_path(&tree[0].list, content[0]), content[0]->path_len,
			 entry_path(&tree[1].list, content[1]), content[1]->path_len) == 0)
		return settle(it, content[0]->status, content[0]->proof, content[0]->reasons);
	return files(it, tree, content, run, c);
}

/* ---------------------------------------------------------------- public */

static int32_t by_kind(struct item *it, const struct tree tree[2], const struct entry *const entry[2],
		       core_run *run, const struct config *c)
{
	switch (it->kind[0]) {
	case CORE_KIND_FILE:
		return compare_files(it, tree, entry, run, c);
	case CORE_KIND_SYMLINK:
		return links(it, tree, entry);
	case CORE_KIND_BLOCK:
	case CORE_KIND_CHAR:
		return devices(it, tree, entry);
	case CORE_KIND_UNKNOWN:
		return unproven(it, "of no kind that is known");
	default:
		return settle(it, CORE_STATUS_EQUAL, CORE_PROOF_KIND, 0);
	}
}

int32_t content_compare(struct item *it, const struct tree tree[2], const struct entry *const entry[2],
			core_run *run, const struct config *c)
{
	it->out = (struct outcome){.size = {UINT64_MAX, UINT64_MAX}, .offset = UINT64_MAX};
	for (int s = 0; s < 2; s++) {
		if (!entry[s])
			continue;
		struct plat_stat st;
		it->out.size[s] = entry[s]->kind == CORE_KIND_FILE ? entry[s]->size : UINT64_MAX;
		if (it->kind[s] != CORE_KIND_FILE || !tree_is_on_disk(&tree[s], entry[s]) || (it->kind[!s] == it->kind[s]))
			continue;
		/* What is not opened still has a size. */
		int rc = tree_stat(&tree[s], entry[s], &st);
		if (rc != 0)
			return fail_sys(it, -rc, "stat", s);
		it->out.size[s] = st.size;
	}
	if (!entry[0] || !entry[1])
		return settle(it, entry[0] ? CORE_STATUS_ONLY_LEFT : CORE_STATUS_ONLY_RIGHT, 0, CORE_REASON_MISSING);
	if (it->kind[0] != it->kind[1])
		return settle(it, CORE_STATUS_DIFFERENT, 0, CORE_REASON_TYPE_MISMATCH);
	if (c->metadata != 0 && compare_meta(it, tree, entry, c))
		return 1;
	int32_t rc = by_kind(it, tree, entry, run, c);
	if (rc == 1)
		item_add_meta(it);
	return rc;
}
