/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The address where a browser signs out of the tenant (auth0-api.md 8.2, 8.3).
 *
 * A session that came through /authorize has a `sid`, by which the tenant knows
 * that the person agreed: /oidc/logout. One that came of a code typed in our
 * own form has none, and /oidc/logout would ask that person whether to sign out
 * of something unheard of: /v2/logout, which asks nothing.
 */
#ifndef PWL_CORE_LOGOUTURL_H
#define PWL_CORE_LOGOUTURL_H

#include <apr_pools.h>

/** NULL: left out. `domain`, `client_id` and `back` must be there. */
typedef struct {
    const char *domain; /* host[:port], checked when the setting was read */
    const char *client_id;
    const char *sid;   /* of the session at the tenant, or NULL */
    const char *back;  /* our signed-out page, as it is registered: no query */
    const char *state; /* comes back as `state` of that page, or NULL */
} pwl_logouturl_t;

/** @return the URL, in `pool` */
const char *pwl_logouturl_make(const pwl_logouturl_t *url, apr_pool_t *pool);

#endif
