/* SPDX-License-Identifier: Apache-2.0 */
/* The signing keys of a tenant: those kept in shared memory, or fetched. */
#ifndef PWL_HTTPD_KEYS_H
#define PWL_HTTPD_KEYS_H

#include "httpd/request.h"

/**
 * Get a set that holds `kid`, fetching or waiting if need be: at most one fetch
 * a minute for a tenant by all children together (io/keysets.h), whatever
 * tokens name.
 * @param kid    NULL: the token names none
 * @param limit  waiting and fetching take so long at most, each
 * @return PWL_OK; PWL_JWT_KEY; a PWL_HTTPS_*, PWL_TENANT_* or PWL_JWKS_* reason
 */
pwl_result_t pwl_keys_find(request_rec *r, const pwl_realm_t *realm,
                           const char *kid, apr_interval_time_t limit,
                           pwl_jwks_t **jwks);

#endif
