/* SPDX-License-Identifier: MIT */
/* What two entries of the same name are besides their content. */
#ifndef COMPARE_META_H
#define COMPARE_META_H

#include "base/err.h"
#include "compare/config.h"

/**
 * Compares the metadata of two names, each below a directory (PLAT_CWD for any path).
 * @param kind     core_kind of both
 * @param reasons  core_reason bits of what differs
 * @return 0, or the code also in `*e`
 */
int32_t meta_compare(const struct config *c, const int dir[2], const char *const name[2], uint8_t kind,
		     uint32_t *reasons, struct err *e);

#endif
