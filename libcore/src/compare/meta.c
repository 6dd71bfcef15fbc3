/* SPDX-License-Identifier: MIT */
#include "compare/meta.h"

#include "base/alloc.h"
#include "plat/plat.h"

#include <errno.h>
#include <string.h>

enum {
	/** Linux keeps the names, and each value, of one file within this. */
	XATTR_BYTES = 64 << 10,
};

/** The attributes of one side: names as the system lists them, and one value. */
struct attrs {
	char *names;
	size_t len;
	uint8_t *value;
	size_t value_len;
};

static int is_acl(const char *attr)
{
	return strcmp(attr, "system.posix_acl_access") == 0 || strcmp(attr, "system.posix_acl_default") == 0;
}

static uint32_t bit_of(const char *attr)
{
	return is_acl(attr) ? CORE_METADATA_ACL : CORE_METADATA_XATTR;
}

static int has(const struct attrs *a, const char *attr)
{
	for (const char *p = a->names; p < a->names + a->len; p += strlen(p) + 1) {
		if (strcmp(p, attr) == 0)
			return 1;
	}
	return 0;
}

/* Reads one value on both sides: 1 when they are the same, 0 when not, or a code. */
static int32_t same_value(const int dir[2], const char *const name[2], int follow, struct attrs side[2],
			  const char *attr, struct err *e)
{
	for (int s = 0; s < 2; s++) {
		int64_t n = plat_xattr_get(dir[s], name[s], follow, attr, side[s].value, XATTR_BYTES);
		if (n == -ENODATA) {
			*e = err_of(CORE_ECHANGED, "read attribute", s, "it vanished while the trees were read");
			return e->code;
		}
		if (n < 0) {
			*e = err_sys((int)-n, "read attribute", s);
			return e->code;
		}
		side[s].value_len = (size_t)n;
	}
	return side[0].value_len == side[1].value_len &&
	       memcmp(side[0].value, side[1].value, side[0].value_len) == 0;
}

static int32_t compare_attrs(const struct config *c, const int dir[2], const char *const name[2], int follow,
			     struct attrs side[2], uint32_t *differ, struct err *e)
{
	for (int s = 0; s < 2; s++) {
		int64_t n = plat_xattr_list(dir[s], name[s], follow, side[s].names, XATTR_BYTES);
		if (n < 0) {
			*e = err_sys((int)-n, "list attributes", s);
			return e->code;
		}
		side[s].len = (size_t)n;
	}
	for (int s = 0; s < 2; s++) {
		const struct attrs *a = &side[s];
		for (const char *p = a->names; p < a->names + a->len; p += strlen(p) + 1) {
			uint32_t bit = bit_of(p);
			if (!(c->metadata & bit) || (*differ & bit))
				continue;
			/* Names of the left are compared by value; of the right only what the left lacks is left. */
			int32_t same = !has(&side[!s], p) ? 0 : s == 1 ? 1 : same_value(dir, name, follow, side, p, e);
			if (same < 0)
				return same;
			if (!same)
				*differ |= bit;
		}
	}
	return 0;
}

static int32_t xattrs(const struct config *c, const int dir[2], const char *const name[2], int follow,
		      uint32_t *reasons, struct err *e)
{
	struct attrs side[2] = {0};
	uint32_t differ = 0;
	int32_t rc = 0;

	for (int s = 0; s < 2 && rc == 0; s++) {
		side[s].names = mem_alloc(XATTR_BYTES);
		side[s].value = mem_alloc(XATTR_BYTES);
		if (!side[s].names || !side[s].value) {
			*e = err_of(CORE_EMEMORY, "compare", -1, "out of memory");
			rc = e->code;
		}
	}
	if (rc == 0)
		rc = compare_attrs(c, dir, name, follow, side, &differ, e);
	for (int s = 0; s < 2; s++) {
		mem_free(side[s].names);
		mem_free(side[s].value);
	}
	if (differ & CORE_METADATA_XATTR)
		*reasons |= CORE_REASON_XATTR;
	if (differ & CORE_METADATA_ACL)
		*reasons |= CORE_REASON_ACL;
	return rc;
}

int32_t meta_compare(const struct config *c, const int dir[2], const char *const name[2], uint8_t kind,
		     uint32_t *reasons, struct err *e)
{
	/* Operands are followed always; a link in a tree that stayed one never. */
	int follow = ((c->flags & CORE_COMPARE_FOLLOW) || dir[0] == PLAT_CWD) && kind != CORE_KIND_SYMLINK;
	struct plat_stat st[2];

	for (int s = 0; s < 2; s++) {
		int rc = plat_stat_at(dir[s], name[s], follow, &st[s]);
		if (rc != 0) {
			*e = err_sys(-rc, "stat", s);
			return e->code;
		}
	}
	uint64_t apart = st[0].mtime_ns > st[1].mtime_ns ? (uint64_t)(st[0].mtime_ns - st[1].mtime_ns)
							 : (uint64_t)(st[1].mtime_ns - st[0].mtime_ns);
	if ((c->metadata & CORE_METADATA_MODE) && kind != CORE_KIND_SYMLINK && st[0].mode != st[1].mode)
		*reasons |= CORE_REASON_MODE;
	if ((c->metadata & CORE_METADATA_OWNER) && (st[0].uid != st[1].uid || st[0].gid != st[1].gid))
		*reasons |= CORE_REASON_OWNER;
	if ((c->metadata & CORE_METADATA_MTIME) && apart > c->modify_window_ns)
		*reasons |= CORE_REASON_MTIME;
	if (c->metadata & (CORE_METADATA_XATTR | CORE_METADATA_ACL))
		return xattrs(c, dir, name, follow, reasons, e);
	return 0;
}
