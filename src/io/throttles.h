/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buckets of core/throttle.h for all children, in shared memory of a fixed
 * size.
 *
 * A slot is 32 bytes: a keyed digest and one time. Eight make a set, and the
 * digest names the set, so each call looks at eight slots under one lock for
 * well below a microsecond. A full set gives up the slot whose time is nearest:
 * the bucket with the most room, which has the least to tell. A second table
 * remembers who has signed in.
 *
 * Exact: of many who take from one bucket at the same time no more get one than
 * there are. A process killed while it writes can lose one count.
 */
#ifndef PWL_IO_THROTTLES_H
#define PWL_IO_THROTTLES_H

#include "core/reason.h"
#include "core/throttle.h"

#define PWL_THROTTLES_KEY_BYTES 16

typedef struct pwl_throttles_t pwl_throttles_t; /* one process's handle */

/** Bytes for `slots` slots, rounded up to whole sets, at least one. */
apr_size_t pwl_throttles_bytes(apr_size_t slots);

/** Make an empty table in `base`, aligned for a 64-bit number, before any fork.
 * @return PWL_OK; PWL_STORE_FAILED with rv or detail */
pwl_result_t pwl_throttles_format(void *base, apr_size_t bytes,
                                  pwl_throttles_t **out, apr_pool_t *pool);

/** Use a table that pwl_throttles_format() made here earlier (graceful
 * restart). @return PWL_OK; PWL_STORE_FAILED with detail */
pwl_result_t pwl_throttles_attach(void *base, apr_size_t bytes,
                                  pwl_throttles_t **out, apr_pool_t *pool);

/**
 * Take one from the bucket of `key`.
 *
 * @param key  PWL_THROTTLES_KEY_BYTES of a keyed digest, so that nobody can
 *             choose which buckets meet in a set
 * @param wait how long until one can be taken; 0 if one was
 * @return PWL_OK; PWL_STORE_FAILED with rv: the lock could not be had
 */
pwl_result_t pwl_throttles_take(pwl_throttles_t *table,
                                const unsigned char *key,
                                const pwl_throttle_limit_t *limit,
                                apr_time_t now, apr_interval_time_t *wait);

/** As pwl_throttles_take(), and take none. */
pwl_result_t pwl_throttles_look(pwl_throttles_t *table,
                                const unsigned char *key,
                                const pwl_throttle_limit_t *limit,
                                apr_time_t now, apr_interval_time_t *wait);

/** Put one back, if the bucket is still there. */
void pwl_throttles_give_back(pwl_throttles_t *table, const unsigned char *key,
                             const pwl_throttle_limit_t *limit);

/** Remember a key until a time; ask for it with pwl_throttles_knows(). A full
 * set forgets who is remembered for the shortest time. Not in a table of
 * buckets: what is remembered for longer than they take to empty would push
 * them out. */
void pwl_throttles_remember(pwl_throttles_t *table, const unsigned char *key,
                            apr_time_t now, apr_time_t until);
/** @return for how long it is remembered; 0: it is not */
apr_interval_time_t pwl_throttles_knows(pwl_throttles_t *table,
                                        const unsigned char *key,
                                        apr_time_t now);

/* ---- several at once, here or in Redis: io/fleet_throttle.h ---- */

/** A bucket, by a name that is kept nowhere: only keyed digests of it are. */
typedef struct {
    const char *name;
    const char *own; /* the bucket in its place for who is known; NULL: the same
                      * for all */
    pwl_throttle_limit_t limit;
    int look; /* only say whether one could be taken */
} pwl_throttle_bucket_t;

/** The name that counts for who is known, or is not. */
const char *pwl_throttle_name(const pwl_throttle_bucket_t *bucket, int known);

typedef struct {
    int count;
    pwl_throttle_bucket_t bucket[PWL_THROTTLE_KINDS];
    const char *known; /* name that may have been remembered; NULL: none */
} pwl_throttle_ask_t;

typedef struct {
    int which; /* the first bucket that said no; -1: all were taken from */
    apr_interval_time_t wait; /* how long until it would not */
    int known;                /* was the name `known` remembered? */
    int here;                 /* this machine alone has counted */
    apr_uint32_t noted; /* a bit for each bucket that this machine took from */
    apr_time_t at;      /* else: by Redis's clock, when it took */
    const char *detail; /* why Redis did not, if it answered; else NULL */
} pwl_throttle_told_t;

#endif
