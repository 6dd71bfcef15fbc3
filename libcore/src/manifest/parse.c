/* SPDX-License-Identifier: MIT */
#include "manifest/manifest.h"
#include "manifest/text.h"
#include "manifest/words.h"
#include "pack/name.h"
#include "pack/pack.h"

#include <string.h>

enum { HEX = 2 * MANIFEST_DIGEST };

static const char hashdeep_first[] = "%%%% HASHDEEP-1.0";
static const char hashdeep_columns[] = "%%%% size,";

void manifest_begin(struct manifest_parser *p, uint32_t format, uint32_t digests)
{
	*p = (struct manifest_parser){.format = format, .digests = digests};
}

void manifest_free(struct manifest_parser *p)
{
	json_free(&p->json);
	buf_free(&p->path);
	buf_free(&p->target);
}

static const char no_name[] = "line {n} has a name that is none";

static int32_t bad(const struct manifest_parser *p, struct err *e, const char *why)
{
	*e = err_of(CORE_EMANIFEST, "read manifest", -1, why);
	e->n = p->line;
	return e->code;
}

static int begins(const uint8_t *line, size_t len, const char *text)
{
	size_t n = strlen(text);

	return len >= n && memcmp(line, text, n) == 0;
}

/* What was read into `p->path` is the entry's path, as one below the root: 1, or 0 when nothing is left of it. */
static int take_path(struct manifest_parser *p, struct manifest_entry *out, size_t len)
{
	out->flaws = name_path(p->path.data, len, p->path.data, &out->path_len);
	out->path = p->path.data;
	return out->path_len > 0 && !(out->flaws & PACK_FLAW_EMPTY);
}

/* ------------------------------------------------------------------ suite */

/* The first line: what the list is. */
static int32_t header(struct manifest_parser *p, const uint8_t *line, size_t len, struct err *e)
{
	struct json *j = &p->json;
	int typed = 0;
	uint64_t version = 0;
	enum digest_kind kind = DIGEST_KINDS;
	int32_t rc;

	json_begin(j, line, len);
	while ((rc = json_next(j)) == 1) {
		if (json_is(j, "type"))
			typed = json_says(j, "suite-manifest");
		else if (json_is(j, "v"))
			version = j->type == JSON_NUMBER ? j->number : 0;
		else if (json_is(j, "algorithm"))
			kind = json_says(j, "blake3") ? DIGEST_BLAKE3 : json_says(j, "sha256") ? DIGEST_SHA256 : DIGEST_KINDS;
	}
	if (rc == CORE_EMEMORY)
		return rc;
	if (rc != 0 || !typed)
		return bad(p, e, "it is no manifest: its first line does not say so");
	if (version != 1)
		return bad(p, e, "a manifest of a version that is not known");
	if (kind == DIGEST_KINDS)
		return bad(p, e, "digests of a kind that is not known: blake3 or sha256");
	p->digests = 1u << kind;
	return 0;
}

/* A path or target, as text or in base64: 1, 0 when it is neither, CORE_EMEMORY. */
static int32_t take_bytes(const struct json *j, struct buf *out, int base64)
{
	out->len = 0;
	if (j->type != JSON_STRING)
		return 0;
	if (base64)
		return text_read_base64(out, j->text.data, j->text.len);
	return buf_append(out, j->text.data, j->text.len) != 0 ? CORE_EMEMORY : 1;
}

/* Takes a number over: 1, or 0 when it is none. */
static int take_number(const struct json *j, uint64_t *out)
{
	*out = j->number;
	return j->type == JSON_NUMBER;
}

static int take_time(const struct json *j, int64_t *out)
{
	return j->type == JSON_STRING && text_read_time(j->text.data, j->text.len, out);
}

/* Books that something is known: 1, or 0 when it was already, so that nothing says which is meant. */
static int met_once(struct manifest_entry *out, uint8_t what)
{
	int again = (out->known & what) != 0;

	out->known |= what;
	return !again;
}

/* What has been met of a line. */
enum met { MET_PATH = 1, MET_KIND = 2, MET_TARGET = 4, MET_END = 8, MET_OTHER = 16, MET_COUNT = 32, MET_CTIME = 64, MET_INODE = 128 };

/* Takes a member over: 1, 0 when it is not what it must be, CORE_EMEMORY. */
static int32_t member(struct manifest_parser *p, struct manifest_entry *out, unsigned *met, uint64_t *count)
{
	const struct json *j = &p->json;
	int base64 = json_is(j, "path_b64") || json_is(j, "target_b64");

	if (json_is(j, "path") || json_is(j, "path_b64")) {
		int again = (*met & MET_PATH) != 0;
		*met |= MET_PATH;
		return again ? 0 : take_bytes(j, &p->path, base64);
	}
	if (json_is(j, "target") || json_is(j, "target_b64")) {
		int again = (*met & MET_TARGET) != 0;
		*met |= MET_TARGET;
		return again ? 0 : take_bytes(j, &p->target, base64);
	}
	if (json_is(j, "kind")) {
		int again = (*met & MET_KIND) != 0;
		*met |= MET_KIND;
		out->kind = j->type == JSON_STRING ? kind_of_word(j->text.data, j->text.len) : CORE_KIND_UNKNOWN;
		return !again && j->type == JSON_STRING;
	}
	if (json_is(j, "size"))
		return met_once(out, MANIFEST_SIZE) && take_number(j, &out->size);
	if (json_is(j, "rdev"))
		return met_once(out, MANIFEST_DEVICE) && take_number(j, &out->rdev);
	if (json_is(j, "mtime"))
		return met_once(out, MANIFEST_MTIME) && take_time(j, &out->mtime_ns);
	if (json_is(j, "ctime")) {
		*met |= MET_CTIME;
		return take_time(j, &out->ctime_ns);
	}
	if (json_is(j, "inode")) {
		*met |= MET_INODE;
		return take_number(j, &out->inode);
	}
	if (json_is(j, "digest"))
		return met_once(out, MANIFEST_CONTENT) && j->type == JSON_STRING && j->text.len == HEX &&
		       text_read_hex(j->text.data, out->digest, MANIFEST_DIGEST);
	if (json_is(j, "error")) {
		out->error = j->type == JSON_STRING ? error_of_word(j->text.data, j->text.len) : CORE_EREAD;
	} else if (json_is(j, "type")) {
		*met |= json_says(j, "end") ? MET_END : MET_OTHER;
	} else if (json_is(j, "entries")) {
		*met |= MET_COUNT;
		return take_number(j, count);
	}
	/* What a later version has more is not for us. */
	return 1;
}

static int32_t suite_line(struct manifest_parser *p, const uint8_t *line, size_t len, struct manifest_entry *out,
			  struct err *e)
{
	unsigned met = 0;
	uint64_t count = 0;
	int32_t rc, taken = 1;

	if (p->ended)
		return bad(p, e, "line {n} stands behind the end");
	json_begin(&p->json, line, len);
	while ((rc = json_next(&p->json)) == 1 && taken == 1)
		taken = member(p, out, &met, &count);
	if (rc == CORE_EMEMORY || taken == CORE_EMEMORY)
		return CORE_EMEMORY;
	if (rc != 0 || taken != 1)
		return bad(p, e, "line {n} is no entry");
	if (met & MET_END) {
		p->ended = 1;
		if (!(met & MET_COUNT) || count != p->entries)
			return bad(p, e, "line {n}: entries are missing before it");
		return 0;
	}
	if (met & MET_OTHER)
		return 0;
	if (!(met & MET_PATH) || !(met & MET_KIND) || p->path.len == 0)
		return bad(p, e, "line {n} has no path or no kind");
	if (!take_path(p, out, p->path.len))
		return bad(p, e, no_name);
	if ((met & MET_CTIME) && (met & MET_INODE))
		out->known |= MANIFEST_IDENTITY;
	if (met & MET_TARGET) {
		out->target = p->target.data;
		out->target_len = p->target.len;
	}
	return 1;
}

/* ------------------------------------------------------------------- sums */

/* Undoes what a backslash before the line says of its name, in place: 1, or 0 when it says it wrongly. */
static int unescape(uint8_t *name, size_t *len)
{
	size_t to = 0;

	for (size_t i = 0; i < *len; i++) {
		if (name[i] != '\\') {
			name[to++] = name[i];
			continue;
		}
		if (++i == *len)
			return 0;
		switch (name[i]) {
		case 'n':
			name[to++] = '\n';
			break;
		case 'r':
			name[to++] = '\r';
			break;
		case '\\':
			name[to++] = '\\';
			break;
		default:
			return 0;
		}
	}
	*len = to;
	return 1;
}

/*
 * `NAME (path) = DIGEST`, as BSD writes it.
 * @return 1 with where the path is, 0 when it is no such line
 */
static int tagged(struct manifest_parser *p, const uint8_t *line, size_t len, size_t *from, size_t *to,
		  const uint8_t **digest)
{
	static const struct {
		const char *text;
		enum digest_kind kind;
	} tags[] = {{"SHA256 (", DIGEST_SHA256}, {"BLAKE3 (", DIGEST_BLAKE3}};

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(tags[i].text);
		if (!begins(line, len, tags[i].text) || len < n + 4 + HEX)
			continue;
		*digest = line + len - HEX;
		if (memcmp(*digest - 4, ") = ", 4) != 0)
			continue;
		p->digests = 1u << tags[i].kind;
		*from = n;
		*to = len - HEX - 4;
		return 1;
	}
	return 0;
}

/* Why a line is none of a list of sums: often it has another digest. */
static int32_t bad_sum(struct manifest_parser *p, struct err *e, const uint8_t *line, size_t len)
{
	const uint8_t *equals = len > 4 ? memmem(line, len, ") = ", 4) : NULL;
	size_t digits = 0, word = 0;
	uint8_t byte;

	while (digits < len && line[digits] != ' ' && text_read_hex((const uint8_t[]){line[digits], '0'}, &byte, 1))
		digits++;
	while (word < len && word < 16 && line[word] > ' ' && line[word] != '(')
		word++;
	if (equals && word > 0 && len - word > 2 && line[word] == ' ' && line[word + 1] == '(')
		return bad(p, e, "line {n} has a digest of an algorithm that is not read: SHA256 and BLAKE3 are");
	if (digits >= 32 && digits != HEX && digits < len && line[digits] == ' ') {
		bad(p, e, "line {n} has a digest of {m} digits; those of SHA-256 and BLAKE3, which are read, have 64");
		e->m = digits;
		return e->code;
	}
	return bad(p, e, "line {n} is no 'DIGEST  NAME' with a digest of 64 digits");
}

static int32_t sum_line(struct manifest_parser *p, const uint8_t *line, size_t len, struct manifest_entry *out,
			struct err *e)
{
	const uint8_t *digest = line;
	size_t from = HEX + 2, to = len;
	int escaped = len > 0 && line[0] == '\\';

	if (len == 0 || line[0] == '#')
		return 0;
	line += escaped;
	len -= (size_t)escaped;
	digest = line;
	to = len;
	/* Written on a system where lines end in two characters; a name's own is escaped. */
	if (!escaped && line[len - 1] == '\r')
		len = to = len - 1;
	if (!tagged(p, line, len, &from, &to, &digest) &&
	    (len <= from || line[HEX] != ' ' || (line[HEX + 1] != ' ' && line[HEX + 1] != '*')))
		return bad_sum(p, e, line, len);
	if (!text_read_hex(digest, out->digest, MANIFEST_DIGEST))
		return bad(p, e, "line {n} has a digest that is none");
	p->path.len = 0;
	if (buf_append(&p->path, line + from, to - from) != 0)
		return CORE_EMEMORY;
	size_t name = p->path.len;
	if (escaped && !unescape(p->path.data, &name))
		return bad(p, e, "line {n} has a name with a backslash that means nothing");
	if (!take_path(p, out, name))
		return bad(p, e, no_name);
	out->kind = CORE_KIND_FILE;
	out->known = MANIFEST_CONTENT;
	return 1;
}

/* --------------------------------------------------------------- hashdeep */

/* `%%%% size,md5,sha256,filename`: which column is the digest's. */
static int32_t columns(struct manifest_parser *p, const uint8_t *line, size_t len, struct err *e)
{
	const uint8_t *at = line + strlen("%%%% "), *end = line + len;

	p->columns = 0;
	p->column = -1;
	for (const uint8_t *comma; (comma = memchr(at, ',', (size_t)(end - at))); at = comma + 1) {
		if (comma - at == 6 && memcmp(at, "sha256", 6) == 0)
			p->column = p->columns;
		p->columns++;
	}
	if (p->column < 0)
		return bad(p, e, "a list of hashdeep without SHA-256: hashdeep -c sha256 makes one");
	return 0;
}

static int32_t hashdeep_line(struct manifest_parser *p, const uint8_t *line, size_t len, struct manifest_entry *out,
			     struct err *e)
{
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (begins(line, len, hashdeep_columns))
		return columns(p, line, len, e);
	if (len == 0 || line[0] == '#' || line[0] == '%')
		return 0;
	if (p->columns == 0)
		return bad(p, e, "line {n} stands before the line that names the columns");
	const uint8_t *at = line, *end = line + len;
	out->known = MANIFEST_CONTENT;
	for (int i = 0; i < p->columns; i++) {
		const uint8_t *comma = memchr(at, ',', (size_t)(end - at));
		if (!comma)
			return bad(p, e, "line {n} has too few columns");
		if (i == 0) {
			out->known |= MANIFEST_SIZE;
			if (comma == at)
				return bad(p, e, "line {n} has a size that is none");
			for (const uint8_t *d = at; d < comma; d++) {
				if (*d < '0' || *d > '9' || __builtin_mul_overflow(out->size, (uint64_t)10, &out->size) ||
				    __builtin_add_overflow(out->size, (uint64_t)(*d - '0'), &out->size))
					return bad(p, e, "line {n} has a size that is none");
			}
		}
		if (i == p->column && (comma - at != HEX || !text_read_hex(at, out->digest, MANIFEST_DIGEST)))
			return bad(p, e, "line {n} has a digest that is none");
		at = comma + 1;
	}
	out->kind = CORE_KIND_FILE;
	p->path.len = 0;
	if (at == end)
		return bad(p, e, "line {n} has no name");
	if (buf_append(&p->path, at, (size_t)(end - at)) != 0)
		return CORE_EMEMORY;
	return take_path(p, out, p->path.len) ? 1 : bad(p, e, no_name);
}

/* ----------------------------------------------------------------- public */

int32_t manifest_line(struct manifest_parser *p, const uint8_t *line, size_t len, struct manifest_entry *out,
		      struct err *e)
{
	int32_t rc;

	*out = (struct manifest_entry){.size = 0};
	p->line++;
	/* The mark that some put at the beginning of text is no part of it. */
	if (p->line == 1 && begins(line, len, "\xef\xbb\xbf")) {
		line += 3;
		len -= 3;
	}
	if (p->format == 0)
		p->format = len > 0 && line[0] == '{'                ? CORE_MANIFEST_SUITE
			    : begins(line, len, hashdeep_first) ? CORE_MANIFEST_HASHDEEP
								: CORE_MANIFEST_SUMS;
	switch (p->format) {
	case CORE_MANIFEST_SUITE:
		if (p->line == 1)
			return header(p, line, len, e);
		rc = suite_line(p, line, len, out, e);
		break;
	case CORE_MANIFEST_HASHDEEP:
		p->digests = 1u << DIGEST_SHA256;
		rc = hashdeep_line(p, line, len, out, e);
		break;
	default:
		rc = sum_line(p, line, len, out, e);
		break;
	}
	p->entries += rc == 1;
	out->digests = p->digests;
	return rc;
}

int32_t manifest_end(const struct manifest_parser *p, struct err *e)
{
	if (p->line == 0)
		return bad(p, e, "it is empty");
	if (p->format == CORE_MANIFEST_SUITE && !p->ended && !p->partial)
		return bad(p, e, "it is cut off: its end is missing behind line {n}");
	if (p->format == CORE_MANIFEST_HASHDEEP && p->columns == 0)
		return bad(p, e, "it is cut off: no line names its columns");
	return 0;
}
