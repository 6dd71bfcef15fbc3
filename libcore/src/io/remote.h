/* SPDX-License-Identifier: MIT */
/* How URLs are asked for, as whoever asks sees it. Nothing of it changes once it is made. */
#ifndef IO_REMOTE_H
#define IO_REMOTE_H

#include "core.h"

#include <stddef.h>
#include <stdint.h>

struct core_remote {
	_Atomic uint32_t refs;
	/** core_remote_flag bits. */
	uint32_t flags;
	/** Header lines, each ended by a NUL. */
	char *headers;
	size_t headers_len;
	/** Text, or NULL where there is none. */
	char *proxy, *proxy_tls, *no_proxy, *ca_file;
	/** 0 for no limit. */
	uint64_t timeout_ms;
	uint32_t connect_ms, idle_ms, redirects, retries;
};

/** Keeps it. */
void remote_ref(core_remote *r);
/** Lets go of it; NULL is fine. */
void remote_unref(core_remote *r);

#endif
