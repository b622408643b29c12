/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Must stay true: /oidc/logout compares post_logout_redirect_uri with the
 * registered one byte by byte, query and all, and gives `state` back by itself;
 * /v2/logout leaves the query of returnTo out of the comparison, and gives back
 * what stands there. So the same one URL is registered for both.
 */
#include "core/logouturl.h"

#include <apr_strings.h>

#include "core/authorize.h"

static const char *param(const char *name, const char *value, apr_pool_t *pool)
{
    return value ? apr_pstrcat(pool, "&", name, "=",
                               pwl_authorize_encode(value, pool), NULL)
                 : "";
}

static const char *with_state(const pwl_logouturl_t *url, apr_pool_t *pool)
{
    return url->state
               ? apr_pstrcat(pool, url->back,
                             "?state=", pwl_authorize_encode(url->state, pool),
                             NULL)
               : url->back;
}

const char *pwl_logouturl_make(const pwl_logouturl_t *url, apr_pool_t *pool)
{
    const char *start =
        apr_pstrcat(pool, "https://", url->domain, url->sid ? "/oidc" : "/v2",
                    "/logout?client_id=", NULL);
    const char *client = pwl_authorize_encode(url->client_id, pool);

    if (!url->sid)
        return apr_pstrcat(pool, start, client,
                           param("returnTo", with_state(url, pool), pool),
                           NULL);
    return apr_pstrcat(pool, start, client,
                       param("logout_hint", url->sid, pool),
                       param("post_logout_redirect_uri", url->back, pool),
                       param("state", url->state, pool), NULL);
}
