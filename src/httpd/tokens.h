/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens of a session and the application: reading them, passing the
 * access token on, ending them at the tenant. docs/tokens.md tells it from
 * outside; httpd/refresh.h gets new ones.
 */
#ifndef PWL_HTTPD_TOKENS_H
#define PWL_HTTPD_TOKENS_H

#include "core/tokens.h"
#include "httpd/request.h"

/**
 * Open the tokens of rq->session.
 * @param out  empty when it has none
 * @return PWL_OK, or PWL_TOKENS_UNREADABLE
 */
pwl_result_t pwl_tokens_read(const pwl_request_t *rq, pwl_tokens_t *out,
                             apr_pool_t *pool);

/** Take back, from a sub-request or a redirect, a token of the location that led
 * here: header and variable, and `Authorization` if it is ours. */
void pwl_tokens_take_back(request_rec *r, const pwl_request_t *rq);

/** The same, and the client's own `Authorization` where that is ours to write
 * (`bearer`). For every request of a guarded location, before anybody is let
 * in. */
void pwl_tokens_withhold(request_rec *r, pwl_request_t *rq,
                         const pwl_dir_conf_t *dir);

/** Pass the access token on as this location asks for (Auth0PassToken), or see
 * to it that nothing stands under its names when there is none to pass. */
void pwl_tokens_pass(request_rec *r, pwl_request_t *rq,
                     const pwl_dir_conf_t *dir);

/** Have the tenant end a refresh token. That it could not is logged and keeps
 * nobody: the session is over whatever the tenant says. */
void pwl_tokens_revoke(request_rec *r, const pwl_realm_t *realm,
                       const char *refresh_token);

/** The same for the refresh token of rq->session, if it has one. */
void pwl_tokens_end(request_rec *r, const pwl_request_t *rq);

#endif
