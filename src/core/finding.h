/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the answers of a tenant say about its settings: the verdicts of
 * auth0-check, one function for each thing that can be found out.
 *
 * A finding never holds an address, a code or a secret. What Auth0 does not
 * tell without a mail or a sign-in is "unknown", not "good".
 */
#ifndef PWL_CORE_FINDING_H
#define PWL_CORE_FINDING_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/answer.h"
#include "core/jwks.h"
#include "core/reason.h"

typedef enum {
    PWL_FINDING_GOOD,
    PWL_FINDING_UNKNOWN, /* cannot be told from here */
    PWL_FINDING_WARN,    /* sign-ins work, but see the cure */
    PWL_FINDING_BAD      /* sign-ins do not work */
} pwl_finding_level_t;

/** Texts are static or in the caller's pool. */
typedef struct {
    pwl_finding_level_t level;
    const char *topic; /* one word: "secret" */
    const char *text;  /* what was found */
    const char *cure;  /* what to do; NULL when there is nothing to do */
} pwl_finding_t;

/** A call that only looks, and what came back. */
typedef struct {
    pwl_result_t res; /* of io/https.h */
    int status;       /* 0: no answer */
    const char *body; /* NUL-terminated; never NULL with a status */
    apr_size_t len;
    const char *date; /* header; NULL: none */
    apr_interval_time_t took;
} pwl_finding_answer_t;

/** One word: "ok", "?", "warn", "FAIL". */
const char *pwl_finding_word(pwl_finding_level_t level);

/** DNS, proxy, connection, TLS, and whether a tenant is there: of any GET. */
pwl_finding_t pwl_finding_reach(const pwl_finding_answer_t *answer,
                                apr_pool_t *pool);

/** The `Date` of an answer beside our clock. @param skew  Auth0ClockSkew */
pwl_finding_t pwl_finding_clock(const char *date, apr_time_t now,
                                apr_interval_time_t skew, apr_pool_t *pool);

/** The discovery document (auth0-api.md 7.4): does it name the issuer that ID
 * tokens must have? */
pwl_finding_t pwl_finding_issuer(const pwl_finding_answer_t *answer,
                                 const char *issuer, apr_pool_t *pool);

/** The key set (7.5): is there a key for the algorithm? HS256 needs none. */
pwl_finding_t pwl_finding_keys(const pwl_finding_answer_t *answer,
                               pwl_alg_t alg, apr_pool_t *pool);

/** An exchange of a code that nobody was sent (2.3): a tenant that says
 * "wrong code" took our credentials and allows the grant. */
pwl_finding_t pwl_finding_secret(pwl_result_t res, const pwl_answer_t *answer,
                                 int by_key, apr_pool_t *pool);

/** A start for something that is no address (1.5): a tenant that complains of
 * it has looked at the connection first, and mails nobody. */
pwl_finding_t pwl_finding_connection(pwl_result_t res,
                                     const pwl_answer_t *answer,
                                     const char *connection, apr_pool_t *pool);

/**
 * Two such starts for two visitors: does each have a limit of its own (1.3)?
 * @param left  calls left after each, or -1: not told
 */
pwl_finding_t pwl_finding_forwarded(int on, int by_key, long first_left,
                                    long second_left);

/** GET /authorize, which redirects for a registered callback URL only (4.2).
 * @param needed  is there a way in that comes back by it, or only the way
 *                round when Auth0 asks for more than a code? */
pwl_finding_t pwl_finding_callback(const pwl_finding_answer_t *answer,
                                   const char *url, int needed,
                                   apr_pool_t *pool);

/** GET /v2/logout, which redirects to a registered logout URL only (8.2). */
pwl_finding_t pwl_finding_logout(const pwl_finding_answer_t *answer,
                                 const char *url, apr_pool_t *pool);

/** A start for a real address: was the code sent? */
pwl_finding_t pwl_finding_sent(pwl_result_t res, const pwl_answer_t *answer,
                               apr_pool_t *pool);

#endif
