/* SPDX-License-Identifier: MIT */
#include "compare/item.h"

#include "base/alloc.h"
#include "compare/merge.h"
#include "compare/meta.h"
#include "compare/trees.h"

#include <errno.h>
#include <string.h>

enum { TARGET_BYTES = 4096 };

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

/* A name that was listed and is gone, or is something else now. */
static int32_t vanished(struct item *it, int side, const char *how)
{
	struct err e = err_of(CORE_ECHANGED, "compare", side, how);

	return fail(it, &e);
}

/* A system error about one side's name. */
static int32_t fail_sys(struct item *it, int sys, const char *op, int side)
{
	if (sys == ENOENT || sys == ENOTDIR)
		return vanished(it, side, "the name vanished while the trees were read");
	struct err e = err_sys(sys, op, side);
	return fail(it, &e);
}

/* Looks at the name on one side: 0, or 1 when that failed the item. */
static int stat_side(struct item *it, int side, const struct config *c, struct plat_stat *st)
{
	/* What was followed to be listed is followed again; a link that stayed one is not. */
	int follow = (c->flags & CORE_COMPARE_FOLLOW) && it->kind[side] != CORE_KIND_SYMLINK;
	int rc = plat_stat_at(it->dir->fd[side], item_name(it, side), follow, st);

	if (rc != 0)
		return fail_sys(it, -rc, "stat", side);
	if (it->kind[side] == CORE_KIND_UNKNOWN)
		it->kind[side] = st->kind;
	else if (it->kind[side] != st->kind)
		return vanished(it, side, "the kind changed while the trees were read");
	if (st->kind == CORE_KIND_FILE)
		it->out.size[side] = st->size;
	return 0;
}

static int32_t one_sided(struct item *it, const struct config *c)
{
	int side = it->kind[0] == CORE_KIND_NONE;
	struct plat_stat st;

	/* Never opened: what is only there need not be readable. */
	if ((it->kind[side] == CORE_KIND_FILE || it->kind[side] == CORE_KIND_UNKNOWN) &&
	    stat_side(it, side, c, &st))
		return 1;
	return settle(it, side ? CORE_STATUS_ONLY_RIGHT : CORE_STATUS_ONLY_LEFT, CORE_PROOF_NONE,
		      CORE_REASON_MISSING | (it->spelled ? CORE_REASON_NAME_COLLISION : 0));
}

static int32_t links(struct item *it)
{
	/* One byte more than any target, so that a longer one is seen. */
	uint8_t target[2][TARGET_BYTES + 1];
	int64_t len[2];

	for (int s = 0; s < 2; s++) {
		len[s] = plat_readlink_at(it->dir->fd[s], item_name(it, s), target[s], sizeof target[s]);
		if (len[s] == -EINVAL)
			return vanished(it, s, "the kind changed while the trees were read");
		if (len[s] < 0)
			return fail_sys(it, (int)-len[s], "read link", s);
		if (len[s] > TARGET_BYTES)
			return fail_sys(it, ENAMETOOLONG, "read link", s);
	}
	if (len[0] == len[1] && memcmp(target[0], target[1], (size_t)len[0]) == 0)
		return settle(it, CORE_STATUS_EQUAL, CORE_PROOF_TARGET, 0);
	return settle(it, CORE_STATUS_DIFFERENT, CORE_PROOF_NONE, CORE_REASON_LINK_TARGET);
}

/* A device is what its number says. */
static int32_t devices(struct item *it, const struct config *c)
{
	struct plat_stat st[2];

	for (int s = 0; s < 2; s++) {
		if (stat_side(it, s, c, &st[s]))
			return 1;
	}
	if (st[0].rdev == st[1].rdev)
		return settle(it, CORE_STATUS_EQUAL, CORE_PROOF_KIND, 0);
	return settle(it, CORE_STATUS_DIFFERENT, CORE_PROOF_NONE, CORE_REASON_CONTENT_MISMATCH);
}

static int32_t files(struct item *it, core_run *run, const struct config *c)
{
	/* The place of a difference in a tree is told only where it is found anyway. */
	struct pair p = {.run = run, .flags = c->flags & ~(uint32_t)CORE_COMPARE_LOCATE, .chunk = c->chunk};
	unsigned how = c->flags & CORE_COMPARE_FOLLOW ? 0 : PLAT_NOFOLLOW;
	struct err e;

	for (int s = 0; s < 2; s++) {
		int32_t rc = reader_open_file(&p.side[s], it->dir->fd[s], item_name(it, s), how, s, &e);
		if (rc != 0) {
			pair_close(&p);
			if (e.sys == EMFILE || e.sys == ENFILE) {
				it->out.err = e;
				return CORE_ELIMIT;
			}
			if (e.sys == ELOOP)
				return vanished(it, s, "the kind changed while the trees were read");
			return fail_sys(it, e.sys, e.op, s);
		}
		if (p.side[s].before.kind != CORE_KIND_FILE) {
			pair_close(&p);
			return vanished(it, s, "the kind changed while the trees were read");
		}
	}
	if (pair_begin(&p)) {
		it->out = p.out;
		pair_close(&p);
		return 1;
	}
	it->pair = mem_alloc(sizeof p);
	if (!it->pair) {
		pair_close(&p);
		return CORE_EMEMORY;
	}
	*it->pair = p;
	return 0;
}

static int32_t compare_content(struct item *it, core_run *run, const struct config *c)
{
	struct plat_stat st;

	it->out = (struct outcome){.size = {UINT64_MAX, UINT64_MAX}, .offset = UINT64_MAX};
	if (it->dir->lost.code != 0)
		return fail(it, &it->dir->lost);
	if (it->kind[0] == CORE_KIND_NONE || it->kind[1] == CORE_KIND_NONE)
		return one_sided(it, c);
	for (int s = 0; s < 2; s++) {
		if (it->kind[s] != CORE_KIND_UNKNOWN)
			continue;
		if (stat_side(it, s, c, &st))
			return 1;
		/* It could not be seen when the names were listed, so nothing below it was. */
		if (st.kind == CORE_KIND_DIR)
			return vanished(it, s, "the name became a directory while the trees were read");
	}
	if (it->kind[0] != it->kind[1]) {
		for (int s = 0; s < 2; s++) {
			if (it->kind[s] == CORE_KIND_FILE && stat_side(it, s, c, &st))
				return 1;
		}
		return settle(it, CORE_STATUS_DIFFERENT, CORE_PROOF_NONE, CORE_REASON_TYPE_MISMATCH);
	}
	switch (it->kind[0]) {
	case CORE_KIND_FILE:
		return files(it, run, c);
	case CORE_KIND_SYMLINK:
		return links(it);
	case CORE_KIND_BLOCK:
	case CORE_KIND_CHAR:
		return devices(it, c);
	case CORE_KIND_UNKNOWN: {
		struct err e = err_of(CORE_EUNSUPPORTED, "compare", -1, "of no kind that is known");
		return fail(it, &e);
	}
	default:
		return settle(it, CORE_STATUS_EQUAL, CORE_PROOF_KIND, 0);
	}
}

void item_add_meta(struct item *it)
{
	if (it->meta == 0 || (it->out.status != CORE_STATUS_EQUAL && it->out.status != CORE_STATUS_DIFFERENT))
		return;
	it->out.status = CORE_STATUS_DIFFERENT;
	it->out.proof = CORE_PROOF_NONE;
	it->out.reasons |= it->meta;
}

/* Finds out what a given path is on both sides: 0, or 1 when that settled the item. */
static int find_kinds(struct item *it, const struct config *c)
{
	struct plat_stat st;

	for (int s = 0; s < 2; s++) {
		/* Found missing already, by a look at the directory. */
		if (it->kind[s] == CORE_KIND_NONE)
			continue;
		int rc = plat_stat_at(it->dir->fd[s], item_name(it, s), 0, &st);
		if (rc == 0 && st.kind == CORE_KIND_SYMLINK && (c->flags & CORE_COMPARE_FOLLOW)) {
			struct plat_stat target;
			if (plat_stat_at(it->dir->fd[s], item_name(it, s), 1, &target) == 0)
				st = target;
		}
		if (rc != 0 && rc != -ENOENT && rc != -ENOTDIR)
			return fail_sys(it, -rc, "stat", s);
		it->kind[s] = rc == 0 ? st.kind : CORE_KIND_NONE;
	}
	if (it->kind[0] == CORE_KIND_NONE && it->kind[1] == CORE_KIND_NONE) {
		struct err e = err_of(CORE_ENOT_FOUND, "compare", -1, "it is on neither side");
		return fail(it, &e);
	}
	if (it->kind[0] == CORE_KIND_NONE && (c->flags & CORE_COMPARE_ONE_WAY)) {
		it->uncounted = 1;
		return settle(it, CORE_STATUS_EQUAL, CORE_PROOF_NONE, 0);
	}
	return 0;
}

int32_t item_compare(struct item *it, core_run *run, const struct config *c)
{
	if (it->trees)
		return trees_compare(it->trees, it);
	if (it->named && find_kinds(it, c))
		return 1;
	if (c->metadata != 0 && it->kind[0] == it->kind[1] && it->dir->lost.code == 0) {
		struct err e;
		const char *const name[2] = {item_name(it, 0), item_name(it, 1)};
		if (meta_compare(c, it->dir->fd, name, it->kind[0], &it->meta, &e) != 0)
			return e.sys ? fail_sys(it, e.sys, e.op, e.side) : fail(it, &e);
	}
	int32_t rc = compare_content(it, run, c);
	if (rc == 1)
		item_add_meta(it);
	return rc;
}
