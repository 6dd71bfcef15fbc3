/* SPDX-License-Identifier: MIT */
#include "manifest/words.h"

#include "core.h"

#include <string.h>

static const char *const kinds[] = {
	[CORE_KIND_FILE] = "file",     [CORE_KIND_DIR] = "dir",       [CORE_KIND_SYMLINK] = "symlink",
	[CORE_KIND_FIFO] = "fifo",     [CORE_KIND_SOCKET] = "socket", [CORE_KIND_BLOCK] = "block",
	[CORE_KIND_CHAR] = "char",     [CORE_KIND_UNKNOWN] = "unknown",
};

/* What an entry of a tree can fail with. */
static const struct {
	int32_t code;
	const char *word;
} errors[] = {
	{CORE_EREAD, "E_READ"},       {CORE_EPERMISSION, "E_PERMISSION"},   {CORE_ENOT_FOUND, "E_NOT_FOUND"},
	{CORE_ECHANGED, "E_CHANGED"}, {CORE_ELIMIT, "E_LIMIT"},             {CORE_ELOOP, "E_LOOP"},
	{CORE_EMEMORY, "E_MEMORY"},   {CORE_EUNSUPPORTED, "E_UNSUPPORTED"},
};

static int is(const char *word, const uint8_t *text, size_t len)
{
	return strlen(word) == len && memcmp(word, text, len) == 0;
}

const char *word_of_kind(uint8_t kind)
{
	return kind > 0 && kind < sizeof kinds / sizeof *kinds ? kinds[kind] : kinds[CORE_KIND_UNKNOWN];
}

uint8_t kind_of_word(const uint8_t *text, size_t len)
{
	for (uint8_t kind = 1; kind < sizeof kinds / sizeof *kinds; kind++) {
		if (is(kinds[kind], text, len))
			return kind;
	}
	return CORE_KIND_UNKNOWN;
}

const char *word_of_error(int32_t code)
{
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		if (errors[i].code == code)
			return errors[i].word;
	}
	return errors[0].word;
}

int32_t error_of_word(const uint8_t *text, size_t len)
{
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		if (is(errors[i].word, text, len))
			return errors[i].code;
	}
	return CORE_EREAD;
}
