/* SPDX-License-Identifier: MIT */
/* A ZIP with offsets as a pack: the entries of its directory, in its order. */
#include "base/alloc.h"
#include "pack/format.h"
#include "pack/zip_directory.h"
#include "pack/zip_member.h"

struct listing {
	struct zip *zip;
	uint64_t next;
	/** The entry that is read, once something of it was asked for. */
	struct zip_member *member;
	uint64_t index;
};

static int32_t zip_pack_open(struct pack *p, struct err *e)
{
	struct listing *l = p->impl = mem_zalloc(1, sizeof *l);

	if (!l)
		return pack_fail(p, CORE_EMEMORY, "out of memory", e);
	return zip_open_with(&l->zip, &p->in.from, &p->limits, p->in.stop, e);
}

/* A symbolic link's target is its data; read now, since that is where others have it. */
static int32_t read_target(struct pack *p, const struct zip_entry *z, struct err *e)
{
	struct listing *l = p->impl;
	struct zip_member *m;
	size_t got = 0, n = 1;

	if (!zip_is_readable(z) || z->data_off == UINT64_MAX)
		/* It stays what it is, and whoever asks for its data is told why there is none. */
		return 0;
	if (z->size > p->limits.name)
		return pack_over(p, PACK_LIMIT_NAME, e);
	if (z->size > PACK_BLOCK)
		return pack_fail(p, CORE_EARCHIVE_BOMB, "a link target is longer than it may be", e);
	uint8_t *target = mem_alloc((size_t)z->size + 1);
	if (!target)
		return pack_fail(p, CORE_EMEMORY, "out of memory", e);
	int32_t rc = zip_member_open(&m, l->zip, l->index, p->side, e);
	if (rc == 0) {
		/* The byte more than there should be is what finds the end. */
		while (rc == 0 && n > 0) {
			rc = zip_member_read(m, target + got, (size_t)z->size + 1 - got, &n, e);
			got += n;
		}
		zip_member_close(m);
	}
	if (rc == 0)
		rc = entry_target(p, target, got, 0, e);
	if (rc == CORE_EARCHIVE) {
		/* Only this entry is damaged. */
		p->entry_err = *e;
		rc = 0;
	} else if (rc == 0) {
		p->entry.size = 0;
		p->data_over = 1;
	}
	mem_free(target);
	return rc;
}

static int32_t zip_pack_next(struct pack *p, struct err *e)
{
	struct listing *l = p->impl;

	zip_member_close(l->member);
	l->member = NULL;
	if (l->next == zip_count(l->zip))
		return 0;
	if (p->in.stop && atomic_load_explicit(p->in.stop, memory_order_relaxed))
		return pack_fail(p, CORE_ECANCELLED, "cancelled", e);
	l->index = l->next++;
	const struct zip_entry *z = zip_at(l->zip, l->index);
	entry_begin(p);
	p->entry.kind = z->kind;
	p->entry.encrypted = z->encrypted;
	p->entry.mode = z->mode;
	p->entry.has_mode = z->has_mode;
	p->entry.uid = z->uid;
	p->entry.gid = z->gid;
	p->entry.has_owner = z->has_owner;
	p->entry.mtime_ns = z->mtime_ns;
	p->entry.has_mtime = z->has_mtime;
	p->entry.size = z->size;
	int32_t rc = entry_name(p, z->raw, z->raw_len, e);
	p->entry.flaws |= z->flaws;
	if (rc == 0 && z->kind == CORE_KIND_SYMLINK)
		rc = read_target(p, z, e);
	return rc == 0 ? 1 : rc;
}

static int32_t zip_pack_data(struct pack *p, struct slice *out, struct err *e)
{
	struct listing *l = p->impl;
	int32_t rc = 0;

	*out = (struct slice){0};
	if (!l->member)
		rc = zip_member_open(&l->member, l->zip, l->index, p->side, e);
	if (rc != 0)
		return rc;
	if (p->in.stop && atomic_load_explicit(p->in.stop, memory_order_relaxed))
		return pack_fail(p, CORE_ECANCELLED, "cancelled", e);
	struct block *b = block_new(p->blocks);
	if (!b)
		return pack_fail(p, CORE_EMEMORY, "out of memory", e);
	uint64_t before = zip_member_taken(l->member);
	rc = zip_member_read(l->member, b->data, PACK_BLOCK, &out->len, e);
	atomic_fetch_add_explicit(&p->in.taken, zip_member_taken(l->member) - before, memory_order_relaxed);
	if (rc != 0 || out->len == 0) {
		block_drop(b);
		return rc;
	}
	out->data = b->data;
	out->block = b;
	return 0;
}

/* Members stand for themselves. */
static int32_t zip_pack_pass(struct pack *p, int *more, struct err *e)
{
	(void)p;
	(void)e;
	*more = 0;
	return 0;
}

static void zip_pack_close(struct pack *p)
{
	struct listing *l = p->impl;

	if (!l)
		return;
	zip_member_close(l->member);
	zip_close(l->zip);
	mem_free(l);
	p->impl = NULL;
}

const struct format format_zip = {"ZIP", zip_pack_open, zip_pack_next, zip_pack_data, zip_pack_pass, zip_pack_close};
