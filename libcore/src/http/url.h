/* SPDX-License-Identifier: MIT */
/* URLs taken apart: where a request goes, who may see credentials, and what messages may say. */
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include <stddef.h>
#include <stdint.h>

/** An http or https URL. All text is NUL-terminated and owned. */
struct url {
	/** To be asked for: without user, password and fragment. */
	char *text;
	/** Its parts, in lower case; an IPv6 address has its brackets. */
	char *scheme, *host;
	uint32_t port;
};

/**
 * Takes a URL apart.
 * @param login  `user:password`, decoded, to be freed with url_free_login(); NULL where there is none
 * @return CORE_EUSAGE when it is no http or https URL, CORE_EMEMORY
 */
int32_t url_parse(struct url *u, const char *text, char **login);
/**
 * Where a redirect leads, a Location of any form; a user and a password in
 * it are left out.
 * @return as url_parse()
 */
int32_t url_follow(struct url *to, const struct url *from, const char *location);
void url_free(struct url *u);
/** Overwrites it before it is given back; NULL is fine. */
void url_free_login(char *login);

int url_is_tls(const struct url *u);
/** 1 when scheme, host and port are the same: what is a secret of one is known to the other. */
int url_same_origin(const struct url *a, const struct url *b);
/**
 * The URL for people: what stands behind a question mark may be a key, and is
 * left out. NULL when memory ran out; freed with mem_free().
 */
char *url_shown(const struct url *u);

#endif
