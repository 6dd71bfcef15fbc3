/* SPDX-License-Identifier: MIT */
#include "compare/listed.h"

#include "base/alloc.h"
#include "compare/trees.h"
#include "manifest/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	/** Lines read in one step. */
	STEP_LINES = 4096,
	/** As in a walk of directories: what a record carries. */
	PATH_BYTES = 16 << 10,
	/** Entries where the caller sets no limit, as of archives. */
	DEFAULT_ENTRIES = 10000000,
	SHA256 = 1 << DIGEST_SHA256,
	BLAKE3 = 1 << DIGEST_BLAKE3,
};

/* ------------------------------------------------------------------ lines */

int32_t listed_open(struct tree *t, struct err *e)
{
	uint32_t format = t->from.manifest == CORE_MANIFEST_ANY ? 0 : t->from.manifest;
	uint32_t digests = SHA256 | BLAKE3;

	if (format == CORE_MANIFEST_SHA256SUM || format == CORE_MANIFEST_HASHDEEP)
		digests = SHA256;
	else if (format == CORE_MANIFEST_B3SUM)
		digests = BLAKE3;
	t->manifest = mem_alloc(sizeof *t->manifest);
	if (!t->manifest) {
		*e = err_of(CORE_EMEMORY, "read manifest", t->side, "out of memory");
		return e->code;
	}
	manifest_source_begin(t->manifest, &t->from.once, format, digests);
	/* By which it is known where it lies in the other tree. */
	t->id = t->from.once.before;
	t->from.once.ops = NULL;
	return 0;
}

void listed_close(struct tree *t)
{
	if (!t->manifest)
		return;
	manifest_source_end(t->manifest);
	mem_free(t->manifest);
	t->manifest = NULL;
}

/* Why nothing can be said of what a line lists; NULL when there is no such reason. */
static const char *lack_of(const struct manifest_entry *m)
{
	switch (m->kind) {
	case CORE_KIND_FILE:
		return m->known & MANIFEST_CONTENT ? NULL : "the manifest has no digest of it";
	case CORE_KIND_SYMLINK:
		return m->target ? NULL : "the manifest does not say where the link leads";
	case CORE_KIND_BLOCK:
	case CORE_KIND_CHAR:
		return m->known & MANIFEST_DEVICE ? NULL : "the manifest does not say which device it is";
	default:
		return NULL;
	}
}

/* What is wrong with a line that is one: code 0 for nothing. */
static struct err flaw_of(const struct tree *t, const struct manifest_entry *m, size_t len)
{
	const char *lack = lack_of(m);

	if (m->flaws & PACK_FLAW_ABSOLUTE)
		return err_of(CORE_EMANIFEST, "read manifest", t->side, "the name is an absolute path, not one below a root");
	if (m->flaws & PACK_FLAW_DOTDOT)
		return err_of(CORE_EMANIFEST, "read manifest", t->side, "the name leads out of the tree, so it is not looked at");
	if (m->flaws & PACK_FLAW_NUL)
		return err_of(CORE_EMANIFEST, "read manifest", t->side, "the name holds a NUL byte, so no file can have it");
	if (len > PATH_BYTES)
		return err_of(CORE_ELIMIT, "compare", t->side, "the path is longer than 16 KiB");
	if (m->error != 0)
		return err_of(m->error, "read manifest", t->side, "it could not be read when the manifest was made");
	return lack ? err_of(CORE_EMANIFEST, "read manifest", t->side, lack) : (struct err){0};
}

static int32_t add(struct tree *t, const struct manifest_entry *m)
{
	struct entry e = {
		.kind = m->kind,
		.size = m->kind == CORE_KIND_FILE && (m->known & MANIFEST_SIZE) ? m->size : UINT64_MAX,
		.rdev = m->rdev,
		.meta = {.mtime_ns = m->mtime_ns, .known = m->known & MANIFEST_MTIME ? CORE_METADATA_MTIME : 0u},
	};
	struct err err = flaw_of(t, m, m->path_len);
	uint32_t index;

	if (m->flaws & (PACK_FLAW_ABSOLUTE | PACK_FLAW_DOTDOT | PACK_FLAW_NUL))
		e.flags |= ENTRY_UNSAFE;
	if (m->kind == CORE_KIND_FILE && (m->known & MANIFEST_CONTENT)) {
		e.flags |= ENTRY_DIGEST;
		e.digests = m->digests;
		t->digests |= m->digests;
		memcpy(e.digest, m->digest, sizeof e.digest);
	}
	if (!tree_keeps(t, m->path, m->path_len, m->kind))
		return 0;
	int32_t rc = catalogue_add(&t->list, &e, m->path, m->path_len, m->target, m->target_len, &index);
	if (rc < 0)
		return rc;
	return err.code != 0 && t->list.entries[index].error == 0 ? catalogue_fail(&t->list, index, &err) : 0;
}

int32_t listed_go_on(struct tree *t, struct task *task)
{
	const uint64_t most = t->config->max_entries ? t->config->max_entries : DEFAULT_ENTRIES;
	struct manifest_entry m;
	struct err e;
	int32_t rc = 0;

	if (!t->manifest)
		return 0;
	for (int i = 0; i < STEP_LINES; i++) {
		rc = manifest_next(t->manifest, task, &m, &e);
		if (rc == MANIFEST_WAIT)
			return TREE_WAIT;
		if (rc != 1)
			break;
		if (t->listed++ == most) {
			e = err_of(CORE_ELIMIT, "read manifest", t->side, "it lists more than {n} entries, which --max-entries may raise");
			e.n = most;
			rc = e.code;
			break;
		}
		rc = add(t, &m);
		if (rc != 0)
			return rc;
		rc = 1;
	}
	if (rc == 1 || rc == CORE_EMEMORY)
		return rc;
	if (rc < 0)
		t->broken = e;
	listed_close(t);
	return 0;
}

/* --------------------------------------------------------------- promises */

static struct err broken_promise(const struct item *it, int side)
{
	const struct outcome *o = &it->out;
	struct err e = err_of(CORE_EVERIFY, "verify", -1, "it is not what the manifest promises");

	if (o->reasons & CORE_REASON_MISSING) {
		e.detail = "the manifest lists it, and it is not there";
	} else if (o->reasons & CORE_REASON_TYPE_MISMATCH) {
		e.detail = "it is not of the kind that the manifest promises";
	} else if (o->reasons & CORE_REASON_LINK_TARGET) {
		e.detail = "the link does not lead where the manifest promises";
	} else if (o->reasons & CORE_REASON_SIZE_MISMATCH) {
		e.detail = "expected {n} bytes, found {m}";
		e.n = o->size[side];
		e.m = o->size[!side];
	} else if (o->reasons & CORE_REASON_CONTENT_MISMATCH) {
		e.detail = "the content is not what the manifest promises";
	} else if (o->reasons & CORE_REASON_MTIME) {
		e.detail = "it was changed at another time than the manifest promises";
	}
	return e;
}

void listed_judge(struct item *it, int side)
{
	const uint8_t gone = side == 0 ? CORE_STATUS_ONLY_LEFT : CORE_STATUS_ONLY_RIGHT;

	if (it->out.err.code != 0 || (it->out.status != CORE_STATUS_DIFFERENT && it->out.status != gone))
		return;
	/* A path that is on one side only is missing on the other, however it was settled. */
	if (it->out.status == gone)
		it->out.reasons |= CORE_REASON_MISSING;
	it->out.err = broken_promise(it, side);
}

static const uint8_t *expected_of(const struct item *it)
{
	for (int s = 0; s < 2 && it->trees; s++) {
		if (it->entry[s] && it->trees->tree[s].from.manifest != 0 && (it->entry[s]->flags & ENTRY_DIGEST))
			return it->entry[s]->digest;
	}
	return NULL;
}

static void put_hex(char out[2 * ENTRY_DIGEST_BYTES + 1], const uint8_t *digest)
{
	for (size_t i = 0; i < ENTRY_DIGEST_BYTES; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

size_t listed_text(const struct item *it, char *out, size_t cap)
{
	const struct outcome *o = &it->out;
	const uint8_t *expected = o->err.code == CORE_EVERIFY && o->made != 0 ? expected_of(it) : NULL;
	char hex[2 * ENTRY_DIGEST_BYTES + 1];
	static const char *const name[] = {"sha256", "blake3"};

	if (!expected)
		return err_text(&o->err, out, cap);
	put_hex(hex, expected);
	int n = snprintf(out, cap, "verify: expected %s", hex);
	const char *before = ", found";
	for (unsigned i = 0; i < 2; i++) {
		if (!(o->made & (i == 0 ? SHA256 : BLAKE3)) || n < 0 || (size_t)n >= cap)
			continue;
		put_hex(hex, o->found[i]);
		n += snprintf(out + n, cap - (size_t)n, "%s %s %s", before, name[i], hex);
		before = " or";
	}
	return n < 0 ? 0 : (size_t)n < cap ? (size_t)n : cap - 1;
}
