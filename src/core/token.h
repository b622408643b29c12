/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form token `t`, and `state` of the callback: a sign-in in one string.
 *
 * Sealed, so that address and return target stand in no URL, page source or
 * log in clear; bound to realm (seal), step and browser (digest); so it is the
 * transaction and the CSRF token in one. Everything about the sign-in that
 * must be counted (tries, codes sent) lies in shared memory under `txn`.
 *
 * Plain layout: version (1) | step (1) | txn (16) | browser digest (16) |
 * issued, seconds (8, BE) | address length (2, BE) | address | return target
 * length (2, BE) | return target. Nothing may follow, and no NUL may stand in
 * a text. The longest takes 3168 characters of the PWL_TOKEN_MAX.
 */
#ifndef PWL_CORE_TOKEN_H
#define PWL_CORE_TOKEN_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/pending.h"
#include "core/reason.h"
#include "core/seal.h"

typedef enum {
    PWL_STEP_ADDRESS = 'a', /* the form that asks for an address */
    PWL_STEP_CODE = 'c',    /* the form that asks for the code */
    PWL_STEP_LOGOUT = 'o',  /* the sign-out button */
    PWL_STEP_OUT = 'e',     /* `state` of the tenant's logout */
    PWL_STEP_STATE = 's',   /* `state` of /authorize */
    PWL_STEP_AGAIN = 'p',   /* the same, where prompt=login was asked */
    PWL_STEP_LINK = 'l'     /* `state` of a mailed link; txn is the sign-in's */
} pwl_step_t;

typedef struct {
    pwl_step_t step;
    unsigned char txn[PWL_TXN_BYTES];     /* random, names the transaction */
    unsigned char browser[PWL_TXN_BYTES]; /* pwl_pending_digest() */
    apr_time_t issued;
    const char *address;   /* tidied, or "" */
    const char *return_to; /* checked by pwl_returnto_check(), or "" */
} pwl_token_t;

/** Start a transaction: random txn, digest of the browser, empty texts.
 * @return PWL_OK or PWL_SEAL_FAILED */
pwl_reason_t pwl_token_new(pwl_token_t *token, pwl_step_t step,
                           const pwl_pending_t *pending, apr_time_t now);

/** Times are kept to the second, rounded down. NULL texts count as "".
 * @return sealed text of at most PWL_TOKEN_MAX characters; NULL when it cannot
 *         be sealed, or the address is over PWL_ADDRESS_MAX or the return
 *         target over PWL_RETURNTO_MAX bytes */
const char *pwl_token_seal(const pwl_token_t *token, const pwl_seal_t *seal,
                           apr_pool_t *pool);

/**
 * Open a token and judge it. `out` is filled whenever the seal opens, so that
 * a page can keep address and return target of an expired or foreign one; it
 * must then be used for that alone. Else `out` is zero with empty texts.
 * @param pending  the browser's cookie, or NULL when it has none
 * @param life     at most so much time after it was issued
 * @return PWL_OK; the first that holds of PWL_TOKEN_MISSING (NULL or empty
 *         text), _FORGED, _STEP, _EXPIRED (more than `life` passed, or issued
 *         over 60 s ahead), _BROWSER
 */
pwl_reason_t pwl_token_open(const char *text, const pwl_seal_t *seal,
                            pwl_step_t step, const pwl_pending_t *pending,
                            apr_time_t now, apr_interval_time_t life,
                            pwl_token_t *out, apr_pool_t *pool);

#endif
