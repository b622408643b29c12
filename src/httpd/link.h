/* SPDX-License-Identifier: Apache-2.0 */
/* A mailed link in place of a code (Auth0Send link). */
#ifndef PWL_HTTPD_LINK_H
#define PWL_HTTPD_LINK_H

#include "core/token.h"
#include "httpd/request.h"
#include "io/tenant.h"

/** Have a link sent to token->address, with a state of its own.
 * @return as pwl_tenant_link(), or PWL_SEAL_FAILED: nothing was sent */
pwl_result_t pwl_link_send(request_rec *r, const pwl_request_t *rq,
                           const pwl_pending_t *pending,
                           const pwl_token_t *token,
                           const pwl_visitor_t *visitor,
                           pwl_tenant_reply_t *reply);

/** Was this `state`, which came without our cookie, made for a link? Then it
 * was opened in another browser than the one that asked. */
int pwl_link_is_foreign(request_rec *r, const pwl_realm_t *realm,
                        const char *state);

/** What is remembered of a `state` that may be used once (PWL_TXN_BYTES): the
 * links of one sign-in have its transaction in common. */
void pwl_link_once(const pwl_token_t *token, unsigned char *id);

/** The session is made: the tab that asked needs no other link. */
void pwl_link_done(request_rec *r, const pwl_request_t *rq,
                   const pwl_pending_t *pending, const pwl_token_t *token,
                   const char *sid);

/** A link that is of no use: on to step 2, which says so and offers another.
 * @return what a handler returns; DECLINED: another page tells of `res` */
int pwl_link_refused(request_rec *r, const pwl_request_t *rq,
                     const pwl_token_t *token, pwl_result_t res);

#endif
