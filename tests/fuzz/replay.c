/* SPDX-License-Identifier: MIT */
/* In place of libFuzzer where there is none: runs a target with each file that is named, in a buffer of its very size. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static uint8_t *read_all(FILE *f, size_t *len)
{
	if (fseek(f, 0, SEEK_END) != 0)
		return NULL;
	long end = ftell(f);
	if (end < 0 || fseek(f, 0, SEEK_SET) != 0)
		return NULL;
	*len = (size_t)end;
	/* Not a byte more, so that a read past the end is seen; malloc(0) may be NULL. */
	uint8_t *data = malloc(*len > 0 ? *len : 1);
	if (data && fread(data, 1, *len, f) != *len) {
		free(data);
		return NULL;
	}
	return data;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		/* First, as the target may not come back. */
		fprintf(stderr, "Running: %s\n", argv[i]);
		FILE *f = fopen(argv[i], "rb");
		size_t len = 0;
		uint8_t *data = f ? read_all(f, &len) : NULL;
		if (f)
			fclose(f);
		if (!data) {
			perror(argv[i]);
			return 4;
		}
		LLVMFuzzerTestOneInput(data, len);
		free(data);
	}
	return 0;
}
