/* SPDX-License-Identifier: MIT */
#include "http/url.h"

#include "base/alloc.h"
#include "core.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int32_t code_of(CURLUcode rc)
{
	return rc == CURLUE_OK ? 0 : rc == CURLUE_OUT_OF_MEMORY ? CORE_EMEMORY : CORE_EUSAGE;
}

static char *copy(const char *text)
{
	const size_t len = strlen(text) + 1;
	char *out = mem_alloc(len);

	if (out)
		memcpy(out, text, len);
	return out;
}

/* A part as memory of ours: 0 or the code. */
static int32_t part(CURLU *from, CURLUPart which, unsigned flags, char **out)
{
	char *text = NULL;
	int32_t rc = code_of(curl_url_get(from, which, &text, flags));

	if (rc != 0)
		return rc;
	*out = copy(text);
	curl_free(text);
	return *out ? 0 : CORE_EMEMORY;
}

static int32_t port_of(CURLU *from, uint32_t *out)
{
	char *text = NULL;
	int32_t rc = code_of(curl_url_get(from, CURLUPART_PORT, &text, CURLU_DEFAULT_PORT));

	if (rc == 0)
		*out = (uint32_t)strtoul(text, NULL, 10);
	curl_free(text);
	return rc;
}

static void lower(char *text)
{
	for (; *text; text++) {
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text + 32);
	}
}

/* The user and password of a URL, for Basic: RFC 7617. */
static int32_t login_of(CURLU *from, char **login)
{
	char *user = NULL, *password = NULL;
	int32_t rc = 0;

	*login = NULL;
	curl_url_get(from, CURLUPART_USER, &user, CURLU_URLDECODE);
	curl_url_get(from, CURLUPART_PASSWORD, &password, CURLU_URLDECODE);
	if (user || password) {
		const size_t len = (user ? strlen(user) : 0) + (password ? strlen(password) : 0) + 2;
		*login = mem_alloc(len);
		if (*login)
			snprintf(*login, len, "%s:%s", user ? user : "", password ? password : "");
		else
			rc = CORE_EMEMORY;
	}
	for (int i = 0; i < 2; i++) {
		char *text = i ? user : password;
		if (text)
			sodium_memzero(text, strlen(text));
		curl_free(text);
	}
	return rc;
}

/* Takes apart what is in `from`, and drops what is not for servers. */
static int32_t take_apart(struct url *u, CURLU *from)
{
	curl_url_set(from, CURLUPART_USER, NULL, 0);
	curl_url_set(from, CURLUPART_PASSWORD, NULL, 0);
	curl_url_set(from, CURLUPART_OPTIONS, NULL, 0);
	curl_url_set(from, CURLUPART_FRAGMENT, NULL, 0);
	int32_t rc = part(from, CURLUPART_URL, 0, &u->text);
	if (rc == 0)
		rc = part(from, CURLUPART_SCHEME, 0, &u->scheme);
	if (rc == 0)
		rc = part(from, CURLUPART_HOST, 0, &u->host);
	if (rc == 0)
		rc = port_of(from, &u->port);
	if (rc == 0) {
		lower(u->scheme);
		lower(u->host);
		if (strcmp(u->scheme, "http") != 0 && strcmp(u->scheme, "https") != 0)
			rc = CORE_EUSAGE;
	}
	if (rc != 0)
		url_free(u);
	return rc;
}

int32_t url_parse(struct url *u, const char *text, char **login)
{
	CURLU *from = curl_url();

	*u = (struct url){0};
	*login = NULL;
	if (!from)
		return CORE_EMEMORY;
	int32_t rc = code_of(curl_url_set(from, CURLUPART_URL, text, 0));
	if (rc == 0)
		rc = login_of(from, login);
	if (rc == 0)
		rc = take_apart(u, from);
	if (rc != 0) {
		url_free_login(*login);
		*login = NULL;
	}
	curl_url_cleanup(from);
	return rc;
}

int32_t url_follow(struct url *to, const struct url *from, const char *location)
{
	CURLU *next = curl_url();

	*to = (struct url){0};
	if (!next)
		return CORE_EMEMORY;
	int32_t rc = code_of(curl_url_set(next, CURLUPART_URL, from->text, 0));
	/* Servers write spaces and letters there that a URL cannot hold. */
	if (rc == 0)
		rc = code_of(curl_url_set(next, CURLUPART_URL, location, CURLU_URLENCODE));
	if (rc == 0)
		rc = take_apart(to, next);
	curl_url_cleanup(next);
	return rc;
}

void url_free(struct url *u)
{
	mem_free(u->text);
	mem_free(u->scheme);
	mem_free(u->host);
	*u = (struct url){0};
}

void url_free_login(char *login)
{
	if (login)
		sodium_memzero(login, strlen(login));
	mem_free(login);
}

int url_is_tls(const struct url *u)
{
	return strcmp(u->scheme, "https") == 0;
}

int url_same_origin(const struct url *a, const struct url *b)
{
	return a->port == b->port && strcmp(a->scheme, b->scheme) == 0 && strcmp(a->host, b->host) == 0;
}

char *url_shown(const struct url *u)
{
	static const char hidden[] = "...";
	const char *query = strchr(u->text, '?');
	const size_t len = query ? (size_t)(query - u->text) + 1 : strlen(u->text);
	char *out = mem_alloc(len + sizeof hidden);

	if (!out)
		return NULL;
	memcpy(out, u->text, len);
	memcpy(out + len, hidden, sizeof hidden);
	if (!query)
		out[len] = '\0';
	return out;
}
