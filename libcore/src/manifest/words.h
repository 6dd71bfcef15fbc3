/* SPDX-License-Identifier: MIT */
/* The words that stand in manifests for kinds and errors. */
#ifndef MANIFEST_WORDS_H
#define MANIFEST_WORDS_H

#include <stddef.h>
#include <stdint.h>

/** The word of a core_kind. */
const char *word_of_kind(uint8_t kind);
/** The core_kind of a word; CORE_KIND_UNKNOWN for one that is not known. */
uint8_t kind_of_word(const uint8_t *text, size_t len);
/** The name of an error code: "E_READ". */
const char *word_of_error(int32_t code);
/** The code of a name; CORE_EREAD for one that is not known. */
int32_t error_of_word(const uint8_t *text, size_t len);

#endif
