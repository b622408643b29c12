/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names in Redis, which tell nothing of what they name.
 *
 * A name is an HMAC under a key derived from the seal key, for one purpose and
 * one prefix. So whoever reads all of Redis learns no cookie, address or
 * network, and machines that share a seal key agree on names.
 *
 * With two seal keys (rotation) there are two names for everything; who writes
 * or takes under both agrees with machines that know one of them.
 */
#ifndef PWL_IO_REMOTENAME_H
#define PWL_IO_REMOTENAME_H

#include <apr_pools.h>

#include "core/seal.h"

/** Names that one thing can have, at most. */
#define PWL_REMOTENAME_MAX 2

typedef struct pwl_remotename_t pwl_remotename_t; /* read-only, shared */

/**
 * @param purpose  a word, another one for each file that makes names
 * @param prefix   of this site in Redis
 * @return NULL when libcrypto fails; the keys are wiped with `pool`
 */
pwl_remotename_t *pwl_remotename_make(const pwl_seal_keys_t *keys,
                                      const char *purpose, const char *prefix,
                                      apr_pool_t *pool);

/** Names that each thing has: one for each seal key. */
int pwl_remotename_count(const pwl_remotename_t *names);

/**
 * The bare name of something, without any prefix.
 * @param which  of the seal keys, below pwl_remotename_count()
 * @param kind   a word, so that equal bytes of two kinds get two names
 * @return characters of base64url
 */
const char *pwl_remotename_of(const pwl_remotename_t *names, int which,
                              const char *kind, const void *data,
                              apr_size_t len, apr_pool_t *pool);

#endif
