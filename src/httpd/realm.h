/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A realm: one virtual host with one tenant and one client, and everything
 * that is worked out once from its configuration.
 *
 * Made in post_config, read-only afterwards, shared by all threads. A session
 * belongs to the realm it was made in: same public address, tenant, client.
 */
#ifndef PWL_HTTPD_REALM_H
#define PWL_HTTPD_REALM_H

#include "core/assets.h"
#include "core/flow.h"
#include "core/jwks.h"
#include "core/page.h"
#include "core/seal.h"
#include "core/session.h"
#include "httpd/conf.h"
#include "io/store.h"
#include "io/tenant.h"

/** Our own URLs: Auth0Path followed by one of these names, nothing else. */
typedef enum {
    PWL_ENDPOINT_NONE = 0,
    PWL_ENDPOINT_LOGIN,
    PWL_ENDPOINT_CODE,
    PWL_ENDPOINT_CALLBACK,
    PWL_ENDPOINT_LOGOUT,
    PWL_ENDPOINT_BACKCHANNEL,
    PWL_ENDPOINT_SESSION,
    PWL_ENDPOINT_DENIED, /* reached by internal redirect only */
    PWL_ENDPOINT_ASSET,
    PWL_ENDPOINT_COUNT
} pwl_endpoint_t;

/** The client that runs in the browser: httpd/client.h. */
typedef struct pwl_client_t pwl_client_t;

typedef struct pwl_realm_t {
    const pwl_server_conf_t *conf;
    pwl_store_t *store;
    unsigned char id[PWL_REALM_BYTES];
    const char *base_url; /* https://host[:port], no slash at the end */
    int https;            /* base_url's scheme */
    int behind_proxy;     /* Auth0BaseURL is set: TLS may end in front of us */
    const char *issuer;
    const char *redirect_uri;
    const char *logout_uri; /* our signed-out page, as the tenant knows it */
    const char *session_cookie; /* names */
    const char *pending_cookie;
    const char *cookie_attributes;
    const char *csp;            /* Content-Security-Policy of our pages */
    const char *csp_form;       /* of those whose form may lead to the tenant */
    const char *client_csp;     /* of the page with a client in it */
    const pwl_client_t *client; /* NULL: the way in needs none */
    pwl_seal_t *form_seal;
    pwl_seal_t *state_seal;
    pwl_seal_t *pending_seal;
    pwl_seal_t *tokens_seal;     /* NULL: no session of this host keeps any */
    const pwl_jwk_t *secret_key; /* for HS256, else NULL */
    pwl_tenant_t tenant;
    pwl_flow_policy_t policy;
    apr_interval_time_t min_send; /* 0: addresses are not hidden */
    pwl_page_site_t site; /* in the first language; httpd/language.h */
    const apr_array_header_t *languages; /* of const pwl_language_t *, >= 1 */
    const char *url[PWL_ENDPOINT_COUNT]; /* paths on this host */
} pwl_realm_t;

/** @return the realm of this host, or NULL when it does not use the module */
const pwl_realm_t *pwl_realm_of(server_rec *s);

/**
 * Public address of a host: Auth0BaseURL, else from ServerName.
 * @return NULL when there is neither
 */
const char *pwl_realm_base_url(server_rec *s, const pwl_server_conf_t *conf,
                               apr_pool_t *pool);

/**
 * Work out the realm of every host that has an Auth0Domain. Reads secrets and
 * runs `exec:` commands.
 * @return PWL_OK, or what failed; *bad names the host
 */
pwl_result_t pwl_realm_make_all(server_rec *main_server, pwl_store_t *store,
                                server_rec **bad, apr_pool_t *pool);

/** A file of ours, or of Auth0Script, by the name it is served under; NULL:
 * there is none of that name. */
const pwl_asset_t *pwl_realm_asset(const pwl_realm_t *realm, const char *name);

/** Which of our URLs is this path, exactly? `asset` gets the file name. */
pwl_endpoint_t pwl_realm_endpoint(const pwl_realm_t *realm, const char *path,
                                  const char **asset);

#endif
