/* SPDX-License-Identifier: MIT */
/*
 * Sources that are equal as far as they have been read, and so may be equal
 * altogether. A class is looked at in a few places, then read from its start,
 * piece by piece; where its members turn out to differ it is split, and what
 * is alone then is read no further. At its end its members are a group.
 *
 * The caller serialises class_claim(), class_complete() and the rest but for
 * class_work(), which runs on many threads at once, and class_settle(), which
 * has the class to itself.
 */
#ifndef COMPARE_CLASS_H
#define COMPARE_CLASS_H

#include "compare/member.h"
#include "compare/piece.h"
#include "pool/run.h"

/** What the classes of a job share. */
struct classes {
	core_run *run;
	struct member *member;
	/** core_compare_flag bits. */
	uint32_t flags;
	uint32_t chunk;
	struct member_slots slots;
	/** Bytes kept for comparing. */
	_Atomic uint64_t kept;
	/** Set when nobody wants the rest. */
	_Atomic uint32_t stop;
};

enum class_phase {
	/** At a few places. */
	CLASS_LOOK,
	/** From the start. */
	CLASS_READ,
	/** All is read: its members must still be what they were. */
	CLASS_CHECK,
	/** One thread finds out what it comes to. */
	CLASS_SETTLE,
};

struct class {
	/** The job's list of all classes. */
	struct class *next, **link;
	/** Places of the members in the job, in order. */
	uint32_t *member;
	uint32_t n;
	enum class_phase phase;
	/** Bytes of each, UINT64_MAX while only some ends tell. */
	uint64_t size;
	/** Where the next piece begins. */
	uint64_t at;
	/** Bytes read of each. */
	uint64_t read;
	/** Looks done. */
	uint32_t looks;
	/** Some have no offsets. */
	uint8_t streams;
	/** All are open and may have ranges without data; some of those were passed over. */
	uint8_t sparse, holes;
	/** A piece told members apart, or was the last: no new ones are begun. */
	uint8_t dirty;
	/** CLASS_SETTLE: the phase before. */
	enum class_phase was;
	/** Pieces that are not done, and threads at work on them. */
	uint32_t flying, working;
	/** Those that are not done, and those that told members apart, by offset. */
	struct piece *piece;
};

/** Work for one thread: some members of a piece. */
struct claim {
	struct class *of;
	struct piece *piece;
	/** The first member, the next one, and the end. */
	uint32_t from, at, to;
};

/** Two members that differ, the first of each in their order. */
struct class_difference {
	uint32_t left, right;
	uint32_t reasons;
};

/**
 * A class of members, whose places are copied.
 * @param size  bytes of each, UINT64_MAX where not known of all
 * @return NULL when memory ran out
 */
struct class *class_new(struct classes *cs, const uint32_t *member, uint32_t n, uint64_t size);
void class_free(struct class *c);

/** 1 when class_claim() would give something. */
int class_has_work(const struct class *c);
/** Takes work: 1, 0 when there is none to take now, or CORE_EMEMORY. */
int32_t class_claim(struct classes *cs, struct class *c, struct claim *k);
/**
 * Does it.
 * @param t  woken when READER_WAIT was returned and there is more
 * @return 0, with `k->at` before its end when nobody wants the rest;
 *         READER_WAIT; CORE_ELIMIT also in `*e` when no descriptor was left,
 *         so that going on later may help; CORE_EMEMORY
 */
int32_t class_work(struct classes *cs, struct claim *k, struct task *t, struct err *e);
/** Notes that the member at hand failed for good, in place of going on later: 0 or CORE_EMEMORY. */
int32_t class_give_up(struct claim *k, const struct err *e);
/** Gives back work that must wait. */
void class_wait(struct claim *k);
/** Books work that is done: 1 when the class is to be settled, by this thread. */
int class_complete(struct claim *k);
/**
 * Finds out what a class comes to: members that failed or are alone are
 * decided, those of a class at its end are a group, and the rest are new
 * classes.
 * @param made   the new classes, in the order of their first members
 * @param apart  set when the members were told apart
 * @return 0 or CORE_EMEMORY
 */
int32_t class_settle(struct classes *cs, struct class *c, struct class **made, struct class_difference *apart);
/** Closes files that are kept open: 1 when there were some. Only of a class that nobody works on. */
int class_shut(struct classes *cs, struct class *c);

/** Decides that a member is the only one with its content; so many bytes of it were read. */
void class_alone(struct classes *cs, uint32_t member, uint64_t read);
/** Decides that the content of a member is not known. */
void class_fail(struct classes *cs, uint32_t member, const struct err *e);

#endif
