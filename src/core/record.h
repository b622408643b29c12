/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session as one run of bytes, for a store outside of this machine:
 *
 *     version (1), key (32), realm (16), created (8), last seen (8),
 *     expires (8), fields (core/session.h)
 *
 * numbers little endian. It is sealed before it leaves; the key inside tells
 * that a record was not put in the place of another.
 */
#ifndef PWL_CORE_RECORD_H
#define PWL_CORE_RECORD_H

#include "core/limits.h"
#include "core/session.h"

#define PWL_RECORD_HEAD (1 + PWL_SKEY_BYTES + PWL_REALM_BYTES + 3 * 8)
#define PWL_RECORD_MAX_BYTES (PWL_RECORD_HEAD + PWL_SESSION_MAX_BYTES)

/**
 * @param out  caller's buffer of PWL_RECORD_MAX_BYTES
 * @return PWL_OK and *len, or PWL_SESSION_TOO_BIG
 */
pwl_reason_t pwl_record_encode(const unsigned char *skey,
                               const pwl_session_t *session, unsigned char *out,
                               apr_size_t *len);

/**
 * @param skey  the key it was looked up by
 * @param out   its fields point into `data`
 * @return PWL_OK; PWL_SESSION_DAMAGED for anything pwl_record_encode() would
 *         not have made for this key
 */
pwl_reason_t pwl_record_decode(const unsigned char *data, apr_size_t len,
                               const unsigned char *skey, pwl_session_t *out,
                               apr_pool_t *pool);

/** The key a record says it has. `data` holds at least PWL_RECORD_HEAD bytes */
const unsigned char *pwl_record_key(const unsigned char *data);

#endif
