/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own URLs: one handler for each, and what they share.
 */
#ifndef PWL_HTTPD_ENDPOINT_H
#define PWL_HTTPD_ENDPOINT_H

#include "core/form.h"
#include "core/token.h"
#include "httpd/request.h"

/** The content handler: sends a request to the handler of its URL. */
int pwl_endpoint_handle(request_rec *r);

/* One handler for each URL; all return what a handler returns. */
int pwl_login_get(request_rec *r, pwl_request_t *rq);
int pwl_login_post(request_rec *r, pwl_request_t *rq);
int pwl_code_get(request_rec *r, pwl_request_t *rq);
int pwl_code_post(request_rec *r, pwl_request_t *rq);
int pwl_callback_get(request_rec *r, pwl_request_t *rq);
int pwl_logout_get(request_rec *r, pwl_request_t *rq);
int pwl_logout_post(request_rec *r, pwl_request_t *rq);
int pwl_backchannel_post(request_rec *r, pwl_request_t *rq);
int pwl_visit_get(request_rec *r, pwl_request_t *rq);
int pwl_denied_get(request_rec *r, pwl_request_t *rq);

/** The content handler of `SetHandler auth0-sessions` (httpd/sessions.c). */
int pwl_sessions_handle(request_rec *r);

/** Read the query. @return PWL_OK or a PWL_FORM_* reason */
pwl_reason_t pwl_endpoint_query(request_rec *r, pwl_form_t **out);

/** Read a posted form, or the same in JSON: type, size, origin. @return PWL_OK,
 * a PWL_FORM_* reason or PWL_ORIGIN_FOREIGN */
pwl_reason_t pwl_endpoint_form(request_rec *r, const pwl_realm_t *realm,
                               pwl_form_t **out);

/** Read a form that no page posted but a server: no cookie, no origin, no JSON.
 * @return PWL_OK or a PWL_FORM_* reason */
pwl_reason_t pwl_endpoint_body(request_rec *r, pwl_form_t **out);

/** Renew the browser's pending cookie, making one if it has none. Sets the
 * cookie unless the request is HEAD or ahead of need.
 * @return PWL_OK or PWL_SEAL_FAILED */
pwl_reason_t pwl_endpoint_renew(request_rec *r, const pwl_request_t *rq,
                                pwl_pending_t *pending);

/** Where this sign-in leads in the end: its return target, or "/". */
const char *pwl_endpoint_target(const pwl_token_t *token);

/** Send step 1 with a fresh token for what `from` holds (may be NULL), as a
 * page or as JSON. */
int pwl_login_page(request_rec *r, pwl_request_t *rq, const pwl_token_t *from,
                   const pwl_page_address_t *page, int status);

/** Tell a program that no code was sent, with step 1 to go on with. */
int pwl_login_failed(request_rec *r, pwl_request_t *rq, const pwl_token_t *from,
                     pwl_result_t res, apr_interval_time_t wait);

/** A token that ends this request's session; NULL when it cannot be sealed. */
const char *pwl_logout_token(request_rec *r, const pwl_request_t *rq);

#endif
