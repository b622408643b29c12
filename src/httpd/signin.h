/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last step of every way in: an ID token becomes a session. Sessions are
 * made here and nowhere else.
 */
#ifndef PWL_HTTPD_SIGNIN_H
#define PWL_HTTPD_SIGNIN_H

#include "core/authparam.h"
#include "core/idtoken.h"
#include "httpd/request.h"
#include "io/tenant.h"

/** What the ID token must say beyond what the realm fixes. */
typedef struct {
    const char *email;           /* address asked for; NULL: any verified one */
    const char *nonce;           /* sent to /authorize; NULL: none was */
    const char *access_token;    /* came with it; or NULL */
    pwl_authparam_asked_t asked; /* what the host wants proved: filled in by
                                  * pwl_signin_finish(), for all ways in */
    apr_time_t fresh_since;      /* sent there with prompt=login; or 0 */
    const char *sub;             /* of the session to renew; NULL: any */
    const pwl_answer_t *given;   /* the answer with all its tokens, to be kept
                                  * in the session if it may; or NULL */
} pwl_signin_want_t;

/**
 * Verify the ID token, make a session with a new id, set its cookie, end the
 * session this browser had before.
 *
 * @param sid  caller's buffer of PWL_SID_CHARS + 1, the cookie's value
 * @return PWL_OK; a PWL_JWT_*, PWL_JWKS_*, PWL_HTTPS_* or PWL_TENANT_* reason;
 *         PWL_TOKENS_*, PWL_SESSION_TOO_BIG, PWL_STORE_FULL, PWL_STORE_FAILED
 */
pwl_result_t pwl_signin_finish(request_rec *r, pwl_request_t *rq,
                               const char *id_token,
                               const pwl_signin_want_t *want, char *sid);

/** Verify an ID token, fetching or waiting for the keys it needs. Makes no
 * session. @return PWL_OK with the claims; as pwl_signin_finish() */
pwl_result_t pwl_signin_verify(request_rec *r, const pwl_realm_t *realm,
                               const char *id_token,
                               const pwl_signin_want_t *want,
                               pwl_claims_t **claims);

/** End a session made a moment ago and take its cookie back. */
void pwl_signin_undo(request_rec *r, const pwl_request_t *rq, const char *sid);

/** Set the cookie of a session made a moment ago (a second click). */
void pwl_signin_cookie(request_rec *r, const pwl_realm_t *realm,
                       const char *sid);

/** The visitor a call to the tenant is made for. */
pwl_visitor_t pwl_signin_visitor(request_rec *r, const pwl_realm_t *realm);

/** Add to a refusal what the log should say of the tenant's answer: which
 * setting to change, and Auth0's own id of the call. */
pwl_result_t pwl_signin_explain(request_rec *r, pwl_result_t res,
                                const pwl_tenant_reply_t *reply);

/** Count a call to the tenant that began then, and what the answer tells. */
void pwl_signin_count_call(const pwl_realm_t *realm, pwl_metric_call_t call,
                           pwl_reason_t why, apr_time_t began,
                           const pwl_tenant_reply_t *reply);

/** The calls of this child. Made in child_init.
 * @param max_calls  under way at once
 * @param of_all     that is the number for all children together */
pwl_https_t *pwl_signin_https(void);
int pwl_signin_child_init(int max_calls, int of_all, apr_pool_t *pool);

#endif
