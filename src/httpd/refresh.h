/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New tokens for a session before the old ones are over: by one request, on
 * one machine, while the others wait for it or go on.
 */
#ifndef PWL_HTTPD_REFRESH_H
#define PWL_HTTPD_REFRESH_H

#include "httpd/request.h"

/**
 * See to it that the tokens of rq->session are fresh, once a request. For a
 * host whose sessions keep tokens only (realm->tokens_seal).
 *
 * That the tenant cannot be asked is no reason to refuse: the session goes on,
 * with the old access token for as long as it is good.
 *
 * @return PWL_OK with rq->tokens (NULL: the session has none) and rq->session
 *         as it is now; PWL_SESSION_UNKNOWN: it is over, because the tenant
 *         has withdrawn it or somebody signed out meanwhile; PWL_STORE_FAILED
 */
pwl_result_t pwl_refresh_session(request_rec *r, pwl_request_t *rq);

#endif
