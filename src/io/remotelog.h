/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of ended sessions in Redis, by which machines tell each other.
 *
 * A stream below the prefix. An entry holds the key of a session, sealed; one
 * that ends nothing marks where a machine began to read. The log is trimmed:
 * who comes back too late is told that it lost track.
 */
#ifndef PWL_IO_REMOTELOG_H
#define PWL_IO_REMOTELOG_H

#include "core/seal.h"
#include "core/session.h"
#include "io/redis.h"

/** Entries the log keeps, about: 10,000 sessions ended between two looks of a
 * machine make it forget its cache. */
#define PWL_REMOTELOG_ENTRIES "10000"
/** Entries read at a time. */
#define PWL_REMOTELOG_STEP 500

typedef struct pwl_remotelog_t pwl_remotelog_t; /* read-only, shared */

/** Place in the log: milliseconds << 20 | number; 0 is none. */
typedef apr_uint64_t pwl_remotelog_cursor_t;

typedef struct {
    int lost; /* the entry at the cursor is gone: anything may have ended */
    int more; /* there is more to read behind `cursor` */
    pwl_remotelog_cursor_t cursor; /* the last entry read */
    int count;                     /* of keys in `ended` */
    unsigned char (*ended)[PWL_SKEY_BYTES];
} pwl_remotelog_news_t;

/** @return NULL when libcrypto fails */
pwl_remotelog_t *pwl_remotelog_make(pwl_redis_t *redis,
                                    const pwl_seal_keys_t *keys,
                                    const char *prefix, apr_pool_t *pool);

/** Make the command that writes "this one has ended", for a transaction.
 * @return 0 when libcrypto fails */
int pwl_remotelog_entry(const pwl_remotelog_t *log, const unsigned char *skey,
                        pwl_redis_command_t *out, apr_pool_t *pool);

/** Write an entry that ends nothing, to have a place in the log.
 * @return PWL_OK and *cursor; PWL_STORE_FAILED */
pwl_result_t pwl_remotelog_begin(const pwl_remotelog_t *log,
                                 pwl_remotelog_cursor_t *cursor,
                                 apr_pool_t *pool);

/** Read what was ended since. @return PWL_OK; PWL_STORE_FAILED */
pwl_result_t pwl_remotelog_read(const pwl_remotelog_t *log,
                                pwl_remotelog_cursor_t cursor,
                                pwl_remotelog_news_t *out, apr_pool_t *pool);

#endif
