/* SPDX-License-Identifier: MIT */
#include "compare/tally.h"

void tally(struct core_compare_summary *s, const struct outcome *o)
{
	s->broken += o->err.code == CORE_EVERIFY;
	switch (o->status) {
	case CORE_STATUS_EQUAL:
		s->equal++;
		s->proof_bytes += o->proof == CORE_PROOF_BYTES;
		s->proof_same_inode += o->proof == CORE_PROOF_SAME_INODE;
		s->proof_holes += o->proof == CORE_PROOF_HOLES;
		s->proof_target += o->proof == CORE_PROOF_TARGET;
		s->proof_kind += o->proof == CORE_PROOF_KIND;
		s->proof_same_extents += o->proof == CORE_PROOF_SAME_EXTENTS;
		s->proof_digest += o->proof == CORE_PROOF_DIGEST;
		s->proof_hash_blake3 += o->proof == CORE_PROOF_HASH_BLAKE3;
		s->proof_hash_sha256 += o->proof == CORE_PROOF_HASH_SHA256;
		break;
	case CORE_STATUS_DIFFERENT:
		s->different++;
		break;
	case CORE_STATUS_ONLY_LEFT:
		s->only_left++;
		break;
	case CORE_STATUS_ONLY_RIGHT:
		s->only_right++;
		break;
	default:
		s->unknown++;
		break;
	}
}

uint64_t tally_counted(struct core_compare_summary *s, uint64_t count[2])
{
	const uint64_t all = count[0] + count[1];

	s->only_left += count[0];
	s->only_right += count[1];
	count[0] = count[1] = 0;
	return all;
}
