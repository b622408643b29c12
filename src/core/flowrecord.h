/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sign-in in progress as one run of bytes, for a store outside of this
 * machine:
 *
 *     version (1), txn (16), serial (8), expires (8), four counts (4 each),
 *     six times (8 each), address, last code and typed (16 each), sid (32),
 *     flash and answer (a length and that many characters each)
 *
 * numbers little endian; reasons as their words, whose numbers change from one
 * version of us to the next. It is sealed before it leaves; the txn inside
 * tells that a record was not put in the place of another.
 */
#ifndef PWL_CORE_FLOWRECORD_H
#define PWL_CORE_FLOWRECORD_H

#include "core/flow.h"

#define PWL_FLOWRECORD_WORD_MAX 31 /* characters of a reason */
#define PWL_FLOWRECORD_HEAD                                                    \
    (1 + PWL_TXN_BYTES + 2 * 8 + 4 * 4 + 6 * 8 + 3 * 16 + PWL_SID_BYTES)
#define PWL_FLOWRECORD_MAX_BYTES                                               \
    (PWL_FLOWRECORD_HEAD + 2 * (1 + PWL_FLOWRECORD_WORD_MAX))

typedef struct {
    apr_uint64_t serial; /* 1, and grows with each writing */
    apr_time_t expires;
    pwl_flow_t flow;
} pwl_flowrecord_t;

/**
 * @param out  caller's buffer of PWL_FLOWRECORD_MAX_BYTES
 * @return how many bytes it is
 */
apr_size_t pwl_flowrecord_encode(const unsigned char *txn,
                                 const pwl_flowrecord_t *record,
                                 unsigned char *out);

/**
 * @param txn  the id it was looked up by
 * @param out  all zero unless PWL_OK
 * @return PWL_OK; PWL_FLOW_DAMAGED for anything pwl_flowrecord_encode() would
 *         not have made of a record within its limits for this id
 */
pwl_reason_t pwl_flowrecord_decode(const unsigned char *data, apr_size_t len,
                                   const unsigned char *txn,
                                   pwl_flowrecord_t *out);

/** Which transaction is the newest: version (1), who (16), when (8), txn (16).
 */
#define PWL_FLOWRECORD_NEWEST_BYTES (1 + 16 + 8 + PWL_TXN_BYTES)

/** @param who  16-byte digest of (browser, address)
 *  @param out  PWL_FLOWRECORD_NEWEST_BYTES */
void pwl_flowrecord_newest_encode(const unsigned char *who, apr_time_t when,
                                  const unsigned char *txn, unsigned char *out);

/** @param txn  PWL_TXN_BYTES; with `when` only set with PWL_OK
 *  @return PWL_OK; PWL_FLOW_DAMAGED as pwl_flowrecord_decode() */
pwl_reason_t pwl_flowrecord_newest_decode(const unsigned char *data,
                                          apr_size_t len,
                                          const unsigned char *who,
                                          apr_time_t *when, unsigned char *txn);

#endif
