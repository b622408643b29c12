/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One record of the session table: find, copy, write, free.
 *
 * Finding and copying take no lock: what they say about a bucket that is being
 * changed is worthless but harmless, since each number is checked before it is
 * followed and each walk ends. Writing and freeing are for the holder of the
 * shard's lock, between pwl_sessions_begin() and pwl_sessions_end().
 *
 * PWL_SESSION_DAMAGED under the lock means that the shard needs
 * pwl_sessions_shard_repair().
 */
#ifndef PWL_IO_SESSIONS_RECORD_H
#define PWL_IO_SESSIONS_RECORD_H

#include "io/sessions_layout.h"

/* A record of a bucket, and the one whose link leads to it. */
typedef struct {
    apr_uint32_t before; /* 0: the bucket itself */
    apr_uint32_t number; /* of the record's head block */
} pwl_sessions_hit_t;

/* A record's content, in private memory. */
typedef struct {
    apr_uint64_t key[4];
    apr_uint64_t created, expires, realm[2];
    apr_uint64_t last_seen, sweep_at;
    apr_uint32_t length;
    apr_uint64_t fields[PWL_SESSIONS_MAX_WORDS]; /* up to `length` bytes */
} pwl_sessions_copy_t;

/** Follow the link of hit->before to hit->number. To walk a bucket, start from
 * 0 and set `before` to `number` each time; a walk of more steps than the shard
 * has blocks goes round in a circle.
 * @return PWL_OK; PWL_SESSION_UNKNOWN: no more; PWL_SESSION_DAMAGED */
pwl_reason_t pwl_sessions_record_follow(const pwl_sessions_place_t *place,
                                        pwl_sessions_hit_t *hit);

/** Walk place->bucket to the record of place->key.
 * @return PWL_OK; PWL_SESSION_UNKNOWN; PWL_SESSION_DAMAGED: no whole chain */
pwl_reason_t pwl_sessions_record_find(const pwl_sessions_place_t *place,
                                      pwl_sessions_hit_t *hit);

/** Copy a record out and compare its checksum.
 * @return PWL_OK or PWL_SESSION_DAMAGED */
pwl_reason_t pwl_sessions_record_copy(const pwl_sessions_place_t *place,
                                      apr_uint32_t number,
                                      pwl_sessions_copy_t *copy);

/** Blocks that a record with so many bytes of fields takes. */
apr_uint32_t pwl_sessions_record_blocks(apr_uint32_t length);

/**
 * Write a record into free blocks. No bucket leads to it yet.
 * @return PWL_OK and *number; PWL_STORE_FULL, nothing changed;
 *         PWL_SESSION_DAMAGED: the free list is not whole
 */
pwl_reason_t pwl_sessions_record_write(const pwl_sessions_place_t *place,
                                       const pwl_sessions_copy_t *copy,
                                       apr_uint32_t *number);

/** Make a record the first of place->bucket, which is open. */
void pwl_sessions_record_link(const pwl_sessions_place_t *place,
                              apr_uint32_t number);

/**
 * Take a record off its bucket, which is open, wipe it and free its blocks.
 * @param instead  number of what takes its place in the bucket; 0 for none
 * @return PWL_OK or PWL_SESSION_DAMAGED: gone, but
 *         not all of its blocks, or not the one after it, were found
 */
pwl_reason_t pwl_sessions_record_free(const pwl_sessions_place_t *place,
                                      const pwl_sessions_hit_t *hit,
                                      apr_uint32_t instead);

/** Wipe one block and put it on the free list. */
void pwl_sessions_record_release(const pwl_sessions_place_t *place,
                                 apr_uint32_t number);

#endif
