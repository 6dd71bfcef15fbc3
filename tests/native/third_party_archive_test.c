/* SPDX-License-Identifier: MIT */
/* libarchive over each compressor: what is written comes back, under the right filter, and damage is seen. */
#include "base/rng.h"
#include "check.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FILES = 5, MOST = 1 << 20, ROOM = 8 << 20 };

/** Contents that differ in how they compress: nothing, text, zeros, noise, and a length that fits no block. */
static const struct {
	const char *name;
	size_t size;
	char kind;
} files[FILES] = {
	{"dir/empty", 0, 'z'}, {"dir/text.txt", 300000, 't'}, {"dir/zeros", MOST, 'z'},
	{"dir/noise", MOST, 'n'}, {"dir/odd", 65537, 't'},
};

static void *room(size_t size)
{
	void *memory = malloc(size);

	CHECK(memory);
	return memory;
}

static void fill(uint8_t *data, size_t size, char kind)
{
	uint64_t seed = 7;

	for (size_t i = 0; i < size; i++)
		data[i] = kind == 'n' ? (uint8_t)rng_next(&seed) : kind == 't' ? (uint8_t)"a line of text\n"[i % 15] : 0;
}

/** 7z puts empty files last, so the order says nothing. */
static int find(const char *name)
{
	for (int i = 0; i < FILES; i++) {
		if (strcmp(name, files[i].name) == 0)
			return i;
	}
	return -1;
}

typedef int setter(struct archive *);

static size_t write_archive(uint8_t *out, setter *format, setter *filter)
{
	struct archive *a = archive_write_new();
	uint8_t *data = room(MOST);
	size_t used = 0;

	CHECK(a);
	CHECK_EQ(format(a), ARCHIVE_OK);
	CHECK_EQ(filter(a), ARCHIVE_OK);
	CHECK_EQ(archive_write_open_memory(a, out, ROOM, &used), ARCHIVE_OK);
	for (int i = 0; i < FILES; i++) {
		struct archive_entry *entry = archive_entry_new();

		archive_entry_set_pathname(entry, files[i].name);
		archive_entry_set_size(entry, (la_int64_t)files[i].size);
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_perm(entry, 0644);
		archive_entry_set_mtime(entry, 1234567890, 123456789);
		fill(data, files[i].size, files[i].kind);
		CHECK_EQ(archive_write_header(a, entry), ARCHIVE_OK);
		if (files[i].size)
			CHECK_EQ(archive_write_data(a, data, files[i].size), files[i].size);
		archive_entry_free(entry);
	}
	CHECK_EQ(archive_write_close(a), ARCHIVE_OK);
	CHECK_EQ(archive_write_free(a), ARCHIVE_OK);
	free(data);
	return used;
}

/** Whether the archive reads to its end with the contents of `files`; `filter` gets the outermost filter's code. */
static bool read_archive(const uint8_t *in, size_t size, int *filter)
{
	struct archive *a = archive_read_new();
	uint8_t *have = room(MOST), *want = room(MOST);
	struct archive_entry *entry;
	int n = 0, r;
	bool same = true;

	CHECK(a);
	archive_read_support_filter_all(a);
	archive_read_support_format_7zip(a);
	archive_read_support_format_cpio(a);
	archive_read_support_format_tar(a);
	archive_read_support_format_zip(a);
	r = archive_read_open_memory(a, in, size);
	if (r == ARCHIVE_OK)
		*filter = archive_filter_code(a, 0);
	while (r == ARCHIVE_OK && (r = archive_read_next_header(a, &entry)) == ARCHIVE_OK) {
		const int i = find(archive_entry_pathname(entry));

		if (i < 0)
			break;
		fill(want, files[i].size, files[i].kind);
		same = same && archive_read_data(a, have, MOST) == (la_ssize_t)files[i].size &&
		       memcmp(have, want, files[i].size) == 0;
		n++;
	}
	archive_read_free(a);
	free(have);
	free(want);
	return r == ARCHIVE_EOF && n == FILES && same;
}

static void round_trip(setter *format, setter *filter, int code, bool checksum)
{
	uint8_t *out = room(ROOM);
	int found = -1;

	const size_t size = write_archive(out, format, filter);
	CHECK(read_archive(out, size, &found));
	CHECK_EQ(found, code);
	if (checksum) {
		/* The noise is most of every compressed archive, so its middle is data. */
		out[size / 2] ^= 0x10;
		CHECK(!read_archive(out, size, &found));
	}
	free(out);
}

/** One test per format and filter. */
#define TRIP(name, format, filter, code, checksum)                                                                  \
	static void name(void)                                                                                      \
	{                                                                                                           \
		round_trip(archive_write_set_format_##format, archive_write_add_filter_##filter, ARCHIVE_FILTER_##code, \
			   checksum);                                                                               \
	}
TRIP(tar_none, pax_restricted, none, NONE, false)
TRIP(tar_gzip, pax_restricted, gzip, GZIP, true)
TRIP(tar_bzip2, pax_restricted, bzip2, BZIP2, true)
TRIP(tar_xz, pax_restricted, xz, XZ, true)
TRIP(tar_lzma, pax_restricted, lzma, LZMA, false)
TRIP(tar_lzip, pax_restricted, lzip, LZIP, true)
TRIP(tar_zstd, pax_restricted, zstd, ZSTD, true)
TRIP(tar_lz4, pax_restricted, lz4, LZ4, true)
TRIP(zip_file, zip, none, NONE, true)
TRIP(seven_zip, 7zip, none, NONE, true)
TRIP(cpio, cpio_newc, none, NONE, false)

int main(void)
{
	TEST("tar", tar_none);
	TEST("tar through gzip", tar_gzip);
	TEST("tar through bzip2", tar_bzip2);
	TEST("tar through xz", tar_xz);
	TEST("tar through lzma", tar_lzma);
	TEST("tar through lzip", tar_lzip);
	TEST("tar through zstd", tar_zstd);
	TEST("tar through lz4", tar_lz4);
	TEST("zip", zip_file);
	TEST("7z", seven_zip);
	TEST("cpio", cpio);
	return check_end();
}
