/* SPDX-License-Identifier: MIT */
/*
 * compare/piece: contents told apart with little memory, and with hashes that
 * are the same though the bytes are not. The file is compiled again under
 * other names, with a hash of two bits.
 */
#define piece_new weak_piece_new
#define piece_free weak_piece_free
#define piece_label weak_piece_label
#define piece_fail weak_piece_fail
#define piece_own weak_piece_own
#define piece_forget weak_piece_forget
#define piece_contents weak_piece_contents
#define piece_length weak_piece_length
#define piece_unproven weak_piece_unproven

#include <blake3.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static void weak_finalize(const blake3_hasher *hasher, uint8_t *out, size_t len);
#define blake3_hasher_finalize weak_finalize

/* NOLINTNEXTLINE: the source itself. */
#include "../../libcore/src/compare/piece.c"

#undef blake3_hasher_finalize
#undef piece_new
#undef piece_free
#undef piece_label
#undef piece_fail
#undef piece_own
#undef piece_forget
#undef piece_contents
#undef piece_length
#undef piece_unproven

#include "base/rng.h"
#include "check.h"

#include <stdio.h>

struct piece *piece_new(uint32_t n);
void piece_free(struct piece *p);
int32_t piece_label(struct piece *p, const uint8_t *data, size_t len, int lasting, uint32_t *label);
void piece_forget(struct piece *p);
uint32_t piece_contents(const struct piece *p);
uint32_t piece_length(const struct piece *p, uint32_t label);
int piece_unproven(const struct piece *p, uint32_t label);

static void weak_finalize(const blake3_hasher *hasher, uint8_t *out, size_t len)
{
	blake3_hasher_finalize(hasher, out, len);
	out[0] &= 3;
	memset(out + 1, 0, len - 1);
}

/* The functions under test: as they are, or with the weak hash. */
struct form {
	struct piece *(*make)(uint32_t n);
	void (*del)(struct piece *p);
	int32_t (*label)(struct piece *p, const uint8_t *data, size_t len, int lasting, uint32_t *label);
	void (*forget)(struct piece *p);
	uint32_t (*contents)(const struct piece *p);
	int (*unproven)(const struct piece *p, uint32_t label);
};

static const struct form strong = {piece_new, piece_free, piece_label, piece_forget, piece_contents, piece_unproven};
static const struct form weak = {weak_piece_new,    weak_piece_free,     weak_piece_label,
				 weak_piece_forget, weak_piece_contents, weak_piece_unproven};

enum { N = 3000, CONTENTS = 500, LEN = 64 };

static uint8_t data[CONTENTS][LEN];

static void make_contents(void)
{
	for (unsigned c = 0; c < CONTENTS; c++)
		snprintf((char *)data[c], LEN, "content %u", c);
}

/* Many contents, few of which may be kept. */
static void little_memory(void)
{
	_Atomic uint64_t kept = 0;

	make_contents();
	for (uint64_t max = 0; max <= LEN * CONTENTS; max += 100 * LEN) {
		struct piece *p = strong.make(N);
		uint32_t label_of[CONTENTS], labels = 0, unproven = 0;
		uint64_t rng = max + 1;
		CHECK(p);
		p->kept = &kept;
		p->kept_max = max;
		memset(label_of, 0xff, sizeof label_of);
		for (unsigned i = 0; i < N; i++) {
			unsigned c = (unsigned)(rng_next(&rng) % CONTENTS);
			CHECK_EQ(strong.label(p, data[c], LEN, 0, &p->label[i]), 0);
			if (label_of[c] == UINT32_MAX) {
				label_of[c] = p->label[i];
				labels++;
			}
			CHECK_EQ(p->label[i], label_of[c]);
			CHECK_EQ(piece_length(p, p->label[i]), LEN);
		}
		CHECK_EQ(strong.contents(p), labels);
		CHECK(kept <= max + LEN);
		for (unsigned c = 0; c < CONTENTS; c++)
			unproven += label_of[c] != UINT32_MAX && strong.unproven(p, label_of[c]);
		CHECK(max < LEN * CONTENTS ? unproven > 0 : unproven == 0);
		strong.forget(p);
		CHECK_EQ(kept, 0);
		strong.del(p);
	}
	CHECK_EQ(mem_bytes(), 0);
}

/* The same hash for a quarter of all contents: labels that are said to be proven are right all the same. */
static void same_hashes(void)
{
	_Atomic uint64_t kept = 0;

	make_contents();
	for (uint64_t max = 0; max <= LEN * CONTENTS; max += 50 * LEN) {
		struct piece *p = weak.make(N);
		unsigned content_of[N], wrong = 0, drawn = 0;
		uint8_t seen[CONTENTS] = {0};
		uint64_t rng = max + 1;
		CHECK(p);
		p->kept = &kept;
		p->kept_max = max;
		for (unsigned i = 0; i < N; i++) {
			content_of[i] = (unsigned)(rng_next(&rng) % CONTENTS);
			drawn += !seen[content_of[i]];
			seen[content_of[i]] = 1;
			CHECK_EQ(weak.label(p, data[content_of[i]], LEN, 0, &p->label[i]), 0);
		}
		for (unsigned i = 0; i < N; i++) {
			for (unsigned k = i + 1; k < N && k < i + 200; k++) {
				if (p->label[i] == p->label[k] && content_of[i] != content_of[k]) {
					CHECK(weak.unproven(p, p->label[i]));
					wrong++;
				}
			}
		}
		CHECK(max < LEN * CONTENTS ? wrong > 0 : wrong == 0);
		if (max == LEN * CONTENTS)
			CHECK_EQ(weak.contents(p), drawn);
		weak.del(p);
		CHECK_EQ(kept, 0);
	}
	CHECK_EQ(mem_bytes(), 0);
}

int main(void)
{
	TEST("R-5 pieces with little memory", little_memory);
	TEST("pieces whose contents have the same hashes", same_hashes);
	return check_end();
}
