/* SPDX-License-Identifier: MIT */
/* Files and trees for tests. What cannot be made fails the running test. */
#ifndef FILES_H
#define FILES_H

#include <stddef.h>
#include <stdint.h>

/** Writes a file, replacing what is there. */
void files_write(const char *path, const void *data, size_t len);
void files_write_text(const char *path, const char *text);
/** Changes bytes in place. */
void files_patch(const char *path, uint64_t off, const void *data, size_t len);
/** Cuts or grows a file; what is new is a hole. */
void files_resize(const char *path, uint64_t size);
void files_mkdir(const char *path);
void files_link(const char *target, const char *path);
/** Removes a file or a tree of any depth. Failures are ignored. */
void files_remove(const char *path);
/** `len` bytes that a seed determines. Freed by the caller. */
uint8_t *files_noise(uint64_t seed, size_t len);

#endif
