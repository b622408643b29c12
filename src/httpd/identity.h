/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telling the application who is there: REMOTE_USER, AUTH_TYPE, AUTH0_*
 * variables and X-Auth0-* headers.
 */
#ifndef PWL_HTTPD_IDENTITY_H
#define PWL_HTTPD_IDENTITY_H

#include "core/session.h"
#include "httpd/conf.h"

/**
 * Set r->user and export the claims as the location asks for.
 * @return PWL_OK, or PWL_REQUIRE_DENIED when the session has no claim of
 *         Auth0RemoteUser; then nothing was exported
 */
pwl_result_t pwl_identity_export(request_rec *r, const pwl_dir_conf_t *dir,
                                 const pwl_session_t *session);

/** Value of a claim, arrays as JSON text; NULL if there is none. */
const char *pwl_identity_claim(const pwl_session_t *session, const char *name,
                               apr_pool_t *pool);

#endif
