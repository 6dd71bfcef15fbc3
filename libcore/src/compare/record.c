/* SPDX-License-Identifier: MIT */
#include "compare/record.h"

#include "compare/listed.h"
#include "compare/merge.h"
#include "manifest/manifest.h"

#include <string.h>

/* Appends bytes behind the fixed part and says where they stand. */
static struct core_str append(uint8_t *rec, uint32_t *at, const void *data, size_t len)
{
	struct core_str s = {.off = *at, .len = (uint32_t)len};

	if (len > 0)
		memcpy(rec + *at, data, len);
	*at += (uint32_t)len;
	return s;
}

int32_t record_entry(core_run *run, struct task *t, const struct item *it, const uint8_t *path, uint64_t path_len)
{
	const struct outcome *o = &it->out;
	char text[320];
	size_t text_len = o->err.code != 0 ? listed_text(it, text, sizeof text) : 0;
	size_t dir_len = it->dir ? it->dir->path.len : 0;
	size_t name_len = it->name ? it->len : path_len;
	/* How it is spelled on the right, if it is there. */
	const struct buf *right_dir = NULL;
	size_t right_len = 0;
	if (it->dir && it->kind[1] != CORE_KIND_NONE && (it->dir->right.len > 0 || it->name_right)) {
		right_dir = dir_pair_path(it->dir, 1);
		right_len = strlen(item_name(it, 1));
	}
	size_t right_bytes = right_dir ? right_dir->len + right_len : 0;
	size_t bytes = (sizeof(struct core_rec_entry) + dir_len + name_len + right_bytes + text_len + 7) & ~(size_t)7;
	uint8_t *rec;

	int32_t rc = run_reserve(run, t, (uint32_t)bytes, &rec);
	if (rc != 1 || !rec)
		return rc;
	struct core_rec_entry r = {
		.head = {.bytes = (uint32_t)bytes, .type = CORE_REC_ENTRY},
		.status = o->status,
		.kind_left = it->kind[0],
		.kind_right = it->kind[1],
		.proof = o->proof,
		.reasons = o->reasons,
		.size_left = o->size[0],
		.size_right = o->size[1],
		.offset = o->offset,
		.line = o->line,
		.below = it->below,
		.error = o->err.code,
		.sys = o->err.sys,
	};
	uint32_t at = sizeof r;
	if (it->dir) {
		r.path = append(rec, &at, it->dir->path.data, dir_len);
		r.path.len += append(rec, &at, it->name, name_len).len;
	} else {
		r.path = append(rec, &at, it->name ? (const uint8_t *)it->name : path, name_len);
	}
	if (right_dir) {
		r.path_right = append(rec, &at, right_dir->data, right_dir->len);
		r.path_right.len += append(rec, &at, item_name(it, 1), right_len).len;
	}
	r.message = append(rec, &at, text, text_len);
	memset(rec + at, 0, bytes - at);
	memcpy(rec, &r, sizeof r);
	run_commit(run, (uint32_t)bytes);
	return 1;
}

void record_log(core_run *run, enum core_level level, int32_t sys, const char *message)
{
	size_t len = strlen(message);
	size_t bytes = (sizeof(struct core_rec_log) + len + 7) & ~(size_t)7;
	uint8_t *rec;

	if (run_reserve(run, NULL, (uint32_t)bytes, &rec) != 1 || !rec)
		return;
	struct core_rec_log r = {
		.head = {.bytes = (uint32_t)bytes, .type = CORE_REC_LOG},
		.level = (uint32_t)level,
		.sys = sys,
	};
	uint32_t at = sizeof r;
	r.message = append(rec, &at, message, len);
	memset(rec + at, 0, bytes - at);
	memcpy(rec, &r, sizeof r);
	run_commit(run, (uint32_t)bytes);
}

int32_t record_range(core_run *run, struct task *t, uint64_t off, uint64_t len, const uint8_t *a,
		     const uint8_t *b)
{
	size_t text = a ? (size_t)len : 0;
	size_t bytes = (sizeof(struct core_rec_range) + 2 * text + 7) & ~(size_t)7;
	uint8_t *rec;

	int32_t rc = run_reserve(run, t, (uint32_t)bytes, &rec);
	if (rc != 1 || !rec)
		return rc;
	struct core_rec_range r = {
		.head = {.bytes = (uint32_t)bytes, .type = CORE_REC_RANGE},
		.offset = off,
		.length = len,
	};
	uint32_t at = sizeof r;
	r.left = append(rec, &at, a, text);
	r.right = append(rec, &at, b, text);
	memset(rec + at, 0, bytes - at);
	memcpy(rec, &r, sizeof r);
	run_commit(run, (uint32_t)bytes);
	return 1;
}

int32_t record_rename(core_run *run, struct task *t, const struct rename_pair *p)
{
	size_t bytes = (sizeof(struct core_rec_rename) + p->from_len + p->to_len + 7) & ~(size_t)7;
	uint8_t *rec;

	int32_t rc = run_reserve(run, t, (uint32_t)bytes, &rec);
	if (rc != 1 || !rec)
		return rc;
	struct core_rec_rename r = {
		.head = {.bytes = (uint32_t)bytes, .type = CORE_REC_RENAME},
		.size = p->size,
		.proof = CORE_PROOF_HASH_BLAKE3,
		.candidates_left = p->candidates[0],
		.candidates_right = p->candidates[1],
	};
	uint32_t at = sizeof r;
	r.from = append(rec, &at, p->from, p->from_len);
	r.to = append(rec, &at, p->to, p->to_len);
	memset(rec + at, 0, bytes - at);
	memcpy(rec, &r, sizeof r);
	run_commit(run, (uint32_t)bytes);
	return 1;
}

int32_t record_group(core_run *run, struct task *t, const struct group_part *g)
{
	char text[256];
	size_t text_len = g->err->code != 0 ? err_text(g->err, text, sizeof text) : 0;
	size_t members = (size_t)g->n * sizeof *g->member;
	size_t bytes = (sizeof(struct core_rec_group_part) + members + text_len + 7) & ~(size_t)7;
	uint8_t *rec;

	int32_t rc = run_reserve(run, t, (uint32_t)bytes, &rec);
	if (rc != 1 || !rec)
		return rc;
	struct core_rec_group_part r = {
		.head = {.bytes = (uint32_t)bytes, .type = CORE_REC_GROUP_PART},
		.id = g->id,
		.more = g->more,
		.proof = g->proof,
		.error = g->err->code,
		.sys = g->err->sys,
	};
	uint32_t at = sizeof r;
	/* The numbers first: they are aligned there. */
	r.members = append(rec, &at, g->member, members);
	r.message = append(rec, &at, text, text_len);
	memset(rec + at, 0, bytes - at);
	memcpy(rec, &r, sizeof r);
	run_commit(run, (uint32_t)bytes);
	return 1;
}

int32_t record_digest(core_run *run, struct task *t, const struct manifest_entry *entry, const struct err *err)
{
	char text[256];
	size_t text_len = err->code != 0 ? err_text(err, text, sizeof text) : 0;
	size_t digest_len = entry->known & MANIFEST_CONTENT ? MANIFEST_DIGEST : 0;
	size_t bytes = (sizeof(struct core_rec_digest) + entry->path_len + entry->target_len + digest_len + text_len + 7) &
		       ~(size_t)7;
	uint8_t *rec;

	int32_t rc = run_reserve(run, t, (uint32_t)bytes, &rec);
	if (rc != 1 || !rec)
		return rc;
	struct core_rec_digest r = {
		.head = {.bytes = (uint32_t)bytes, .type = CORE_REC_DIGEST},
		.kind = entry->kind,
		.error = err->code,
		.sys = err->sys,
		.size = entry->known & MANIFEST_SIZE ? entry->size : UINT64_MAX,
		.mtime_ns = entry->known & MANIFEST_MTIME ? entry->mtime_ns : INT64_MIN,
	};
	uint32_t at = sizeof r;
	r.path = append(rec, &at, entry->path, entry->path_len);
	r.target = append(rec, &at, entry->target, entry->target_len);
	r.digest = append(rec, &at, entry->digest, digest_len);
	r.message = append(rec, &at, text, text_len);
	memset(rec + at, 0, bytes - at);
	memcpy(rec, &r, sizeof r);
	run_commit(run, (uint32_t)bytes);
	return 1;
}
