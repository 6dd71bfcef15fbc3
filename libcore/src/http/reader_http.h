/* SPDX-License-Identifier: MIT */
/* A reader over what a URL leads to. */
#ifndef HTTP_READER_HTTP_H
#define HTTP_READER_HTTP_H

#include "io/opener.h"
#include "io/remote.h"

#include <stddef.h>

/**
 * Makes what opens a URL. Nobody is asked for anything before that.
 * @param remote  kept; NULL for the defaults
 * @param shown   the URL for people: without credentials; to be freed with mem_free()
 * @return CORE_EUSAGE when it is no http or https URL, CORE_EMEMORY
 */
int32_t http_opener_new(struct opener **out, const uint8_t *url, size_t len, core_remote *remote, char **shown);

/** URLs that are asked for or read. */
uint64_t http_count(void);

#endif
