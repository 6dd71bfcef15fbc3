/* SPDX-License-Identifier: MIT */
/* Sources as callers pass them. */
#ifndef API_SOURCES_H
#define API_SOURCES_H

#include "compare/operands.h"
#include "core.h"

/**
 * Checks one, and copies it.
 * @return CORE_EUSAGE, CORE_EMEMORY; there is nothing to be freed then
 */
int32_t source_take(struct side *to, const struct core_source *from);

#endif
