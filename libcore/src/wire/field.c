/* SPDX-License-Identifier: MIT */
#include "wire/field.h"

#include <sodium.h>
#include <string.h>

/* What is left of a value. */
struct text {
	const char *at, *end;
};

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int take(struct text *t, char c)
{
	if (t->at == t->end || *t->at != c)
		return 0;
	t->at++;
	return 1;
}

static void skip_blanks(struct text *t)
{
	while (t->at < t->end && (*t->at == ' ' || *t->at == '\t'))
		t->at++;
}

/* A number of at most 18 digits, which no sum of two of overflows. */
static int take_number(struct text *t, uint64_t *out)
{
	const char *start = t->at;
	uint64_t n = 0;

	for (; t->at < t->end && is_digit(*t->at) && t->at - start <= 18; t->at++)
		n = n * 10 + (uint64_t)(*t->at - '0');
	*out = n;
	return t->at > start && t->at - start <= 18;
}

static int take_word(struct text *t, const char *word)
{
	const size_t len = strlen(word);

	if ((size_t)(t->end - t->at) < len || memcmp(t->at, word, len) != 0)
		return 0;
	t->at += len;
	return 1;
}

/* Without case: names of units and codings have none. */
static int take_name(struct text *t, const char *lower)
{
	const char *at = t->at;

	for (; *lower; lower++, at++) {
		if (at == t->end || (*at >= 'A' && *at <= 'Z' ? *at + 32 : *at) != *lower)
			return 0;
	}
	t->at = at;
	return 1;
}

int field_content_range(const char *value, size_t len, struct content_range *out)
{
	struct text t = {value, value + len};
	struct content_range r = {.total = UINT64_MAX};

	if (!take_name(&t, "bytes") || !take(&t, ' '))
		return 0;
	skip_blanks(&t);
	if (!take(&t, '*')) {
		r.satisfied = 1;
		if (!take_number(&t, &r.first) || !take(&t, '-') || !take_number(&t, &r.last) || r.last < r.first)
			return 0;
	}
	if (!take(&t, '/'))
		return 0;
	if (take(&t, '*')) {
		if (!r.satisfied)
			return 0;
	} else if (!take_number(&t, &r.total) || (r.satisfied && r.total <= r.last)) {
		return 0;
	}
	if (t.at != t.end)
		return 0;
	*out = r;
	return 1;
}

int field_length(const char *value, size_t len, uint64_t *out)
{
	struct text t = {value, value + len};

	return take_number(&t, out) && t.at == t.end;
}

static int take_two(struct text *t, int64_t *out)
{
	if (t->end - t->at < 2 || !is_digit(t->at[0]) || !is_digit(t->at[1]))
		return 0;
	*out = (t->at[0] - '0') * 10 + (t->at[1] - '0');
	t->at += 2;
	return 1;
}

/* Days from 1970 to a date of the Gregorian calendar, counted from 1 March, so that the leap day comes last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	year -= month <= 2;
	const int64_t century = year / 100, from_march = (month + 9) % 12;

	return year * 365 + year / 4 - century + century / 4 + (153 * from_march + 2) / 5 + day - 1 - 719468;
}

/* `Sun, 06 Nov 1994 08:49:37 GMT`: seconds since 1970, or 0. */
static int take_date(struct text *t, int64_t *out)
{
	static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t day, month = 0, century, year, hour, minute, second;
	int known = 0;

	for (const char *d = days; *d && !known; d += 3)
		known = t->end - t->at > 3 && memcmp(t->at, d, 3) == 0;
	if (!known)
		return 0;
	t->at += 3;
	if (!take_word(t, ", ") || !take_two(t, &day) || !take(t, ' ') || t->end - t->at < 3)
		return 0;
	for (const char *m = months; *m; m += 3) {
		if (memcmp(t->at, m, 3) == 0)
			month = (m - months) / 3 + 1;
	}
	t->at += 3;
	if (month == 0 || !take(t, ' ') || !take_two(t, &century) || !take_two(t, &year) || !take(t, ' ') ||
	    !take_two(t, &hour) || !take(t, ':') || !take_two(t, &minute) || !take(t, ':') || !take_two(t, &second) ||
	    !take_word(t, " GMT"))
		return 0;
	if (day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return 0;
	*out = days_of(century * 100 + year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	return 1;
}

int field_retry_after(const char *value, size_t len, int64_t now, uint64_t *out)
{
	struct text t = {value, value + len};
	int64_t date;

	if (len > 0 && is_digit(*value))
		return take_number(&t, out) && t.at == t.end;
	if (!take_date(&t, &date) || t.at != t.end)
		return 0;
	*out = date > now ? (uint64_t)(date - now) : 0;
	return 1;
}

int field_is_identity(const char *value, size_t len)
{
	struct text t = {value, value + len};

	skip_blanks(&t);
	return t.at == t.end || (take_name(&t, "identity") && t.at == t.end);
}

int field_is_strong(const char *value, size_t len)
{
	return len >= 2 && value[0] == '"' && value[len - 1] == '"' && !memchr(value + 1, '"', len - 2);
}

static void add_digest(enum digest_kind kind, const char *value, size_t len, struct digest_set *out,
		       uint32_t *conflicts)
{
	const uint32_t bit = 1u << kind;
	uint8_t bytes[DIGEST_MAX];
	const char *end = NULL;
	size_t n = 0;

	if (sodium_base642bin(bytes, sizeof bytes, value, len, NULL, &n, &end, sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    end != value + len || n != digest_len(kind))
		return;
	if ((out->have & bit) && memcmp(out->bytes[kind], bytes, n) != 0)
		*conflicts |= bit;
	memcpy(out->bytes[kind], bytes, n);
	out->have = (out->have | bit) & ~*conflicts;
}

void field_checksum(enum digest_kind kind, const char *value, size_t len, struct digest_set *out,
		    uint32_t *conflicts)
{
	add_digest(kind, value, len, out, conflicts);
}

static int is_key(char c, int first)
{
	return (c >= 'a' && c <= 'z') || c == '*' || (!first && (is_digit(c) || c == '_' || c == '-' || c == '.'));
}

static int take_key(struct text *t, const char **key, size_t *len)
{
	*key = t->at;
	while (t->at < t->end && is_key(*t->at, t->at == *key))
		t->at++;
	*len = (size_t)(t->at - *key);
	return *len > 0;
}

/* Parameters of a member: they mean nothing here, but have to end somewhere. */
static int skip_parameters(struct text *t)
{
	const char *key;
	size_t len;

	while (take(t, ';')) {
		while (take(t, ' '))
			;
		if (!take_key(t, &key, &len))
			return 0;
		if (!take(t, '='))
			continue;
		if (take(t, '"')) {
			while (t->at < t->end && *t->at != '"')
				t->at += *t->at == '\\' && t->end - t->at > 1 ? 2 : 1;
			if (!take(t, '"'))
				return 0;
			continue;
		}
		while (t->at < t->end && *t->at != ';' && *t->at != ',' && *t->at != ' ' && *t->at != '\t')
			t->at++;
	}
	return 1;
}

/* One member of the dictionary into `found`: 0 when it is none. */
static int take_member(struct text *t, struct digest_set *found, uint32_t *conflicts)
{
	static const struct {
		const char *name;
		enum digest_kind kind;
	} known[] = {{"sha-256", DIGEST_SHA256}, {"sha-512", DIGEST_SHA512}};
	const char *key;
	size_t len;

	if (!take_key(t, &key, &len) || !take(t, '=') || !take(t, ':'))
		return 0;
	const char *bytes = t->at, *end = memchr(bytes, ':', (size_t)(t->end - bytes));
	if (!end)
		return 0;
	t->at = end + 1;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (len == strlen(known[i].name) && memcmp(key, known[i].name, len) == 0)
			add_digest(known[i].kind, bytes, (size_t)(end - bytes), found, conflicts);
	}
	return skip_parameters(t);
}

void field_repr_digest(const char *value, size_t len, struct digest_set *out, uint32_t *conflicts)
{
	struct text t = {value, value + len};
	struct digest_set found = *out;
	uint32_t clashes = *conflicts;

	skip_blanks(&t);
	while (t.at < t.end) {
		if (!take_member(&t, &found, &clashes))
			return;
		skip_blanks(&t);
		if (t.at == t.end)
			break;
		if (!take(&t, ','))
			return;
		skip_blanks(&t);
		if (t.at == t.end)
			return;
	}
	*out = found;
	*conflicts = clashes;
}
