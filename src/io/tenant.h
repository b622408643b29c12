/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls to Auth0: send a code or a link, check a code, exchange a
 * callback's code, refresh an access token, revoke a refresh token, fetch the
 * keys. Each is one HTTPS request, never retried.
 *
 * A result with a PWL_HTTPS_* reason says that no answer came; then only
 * `certain`, `handshakes` and perhaps `request_id` of the reply are set. Any
 * other reason is the tenant's word, as core/answer.h reads it.
 */
#ifndef PWL_IO_TENANT_H
#define PWL_IO_TENANT_H

#include <apr_pools.h>
#include <apr_time.h>

#include "core/answer.h"
#include "core/assertion.h"
#include "core/reason.h"
#include "io/https.h"

/** More calls left than this are as good as this many. */
#define PWL_TENANT_LEFT_MAX 999999

/** One tenant as configured for one virtual host. */
typedef struct {
    const char *domain; /* host[:port], checked when the setting was read */
    const char *client_id;
    const char *client_secret;      /* NULL: none is sent */
    const pwl_assertion_key_t *key; /* signs in place of the secret; or NULL */
    const char *connection;         /* "sms": addresses are phone numbers */
    const char *scope;
    const char *audience; /* NULL: none */
    pwl_https_options_t https;
    apr_interval_time_t start_timeout; /* of /passwordless/start, in place of
                                        * https.timeout; 0: that one */
} pwl_tenant_t;

/** The person a call is made for. */
typedef struct {
    const char *forwarded_for; /* of pwl_tenant_forwarded(); NULL: no header */
    const char *language;      /* e.g. "nl-BE"; NULL, or not a tag by
                                * pwl_locales_is_tag(): no header */
    apr_time_t now;            /* time of the request; `retry_after` counts
                                * from here; must be set */
} pwl_visitor_t;

typedef struct {
    pwl_answer_t answer;
    int certain;            /* the tenant has done nothing: the request did not
                             * leave, or it was refused before it mattered */
    apr_time_t retry_after; /* not before; 0: the tenant did not say */
    const char *request_id; /* Auth0's own, for the log; or NULL */
    long handshakes;        /* new connections of this call */
    int tidings;            /* as pwl_outages_note() says: tell the operator */
    int told_left;          /* the tenant said how many calls it still takes */
    apr_uint32_t left;      /* with told_left; at most PWL_TENANT_LEFT_MAX */
    const char *reset;      /* x-ratelimit-reset, as it came; or NULL */
} pwl_tenant_reply_t;

/**
 * POST /passwordless/start: have a code sent to `address`.
 *
 * @param address  e-mail address, or phone number for connection "sms"
 * @return PWL_OK, a PWL_TENANT_* of pwl_answer_judge_start(), a PWL_HTTPS_*,
 *         or PWL_TENANT_ADDRESS for an address that is not UTF-8
 */
pwl_result_t pwl_tenant_start(pwl_https_t *https, const pwl_tenant_t *tenant,
                              const pwl_visitor_t *visitor, const char *address,
                              pwl_tenant_reply_t *reply, apr_pool_t *pool);

/** What a link leads back with. */
typedef struct {
    const char *address;
    const char *redirect_uri; /* exactly as registered */
    const char *state;
    const char *nonce;
} pwl_tenant_link_t;

/** POST /passwordless/start: have a link sent, which leads through the tenant
 * to `redirect_uri` with a code that is exchanged without a verifier: Auth0
 * knows no PKCE there.
 * @return as pwl_tenant_start() */
pwl_result_t pwl_tenant_link(pwl_https_t *https, const pwl_tenant_t *tenant,
                             const pwl_visitor_t *visitor,
                             const pwl_tenant_link_t *link,
                             pwl_tenant_reply_t *reply, apr_pool_t *pool);

/** POST /oauth/token: exchange the code a person typed.
 * @return as pwl_answer_judge_token(), or a PWL_HTTPS_*; PWL_OK gives
 *         reply->answer.id_token, not yet verified */
pwl_result_t pwl_tenant_otp(pwl_https_t *https, const pwl_tenant_t *tenant,
                            const pwl_visitor_t *visitor, const char *address,
                            const char *code, pwl_tenant_reply_t *reply,
                            apr_pool_t *pool);

/** POST /oauth/token: exchange the callback's authorization code.
 * @param verifier  PKCE verifier; NULL: the way in had none
 * @return as pwl_tenant_otp() */
pwl_result_t pwl_tenant_code(pwl_https_t *https, const pwl_tenant_t *tenant,
                             const pwl_visitor_t *visitor, const char *code,
                             const char *redirect_uri, const char *verifier,
                             pwl_tenant_reply_t *reply, apr_pool_t *pool);

/** POST /oauth/token: get another access token. With rotation the tenant kills
 * `refresh_token` by this, whether its answer arrives or not.
 * @return as pwl_answer_judge_token(), or a PWL_HTTPS_*; PWL_OK gives the
 *         tokens, an ID token among them not yet verified */
pwl_result_t pwl_tenant_refresh(pwl_https_t *https, const pwl_tenant_t *tenant,
                                const pwl_visitor_t *visitor,
                                const char *refresh_token,
                                pwl_tenant_reply_t *reply, apr_pool_t *pool);

/** POST /oauth/revoke: end a refresh token and all that came from it.
 * @return PWL_OK, for a token the tenant does not know, too; as
 *         pwl_answer_judge_revoke(), or a PWL_HTTPS_* */
pwl_result_t pwl_tenant_revoke(pwl_https_t *https, const pwl_tenant_t *tenant,
                               const pwl_visitor_t *visitor,
                               const char *refresh_token,
                               pwl_tenant_reply_t *reply, apr_pool_t *pool);

/** GET /.well-known/jwks.json.
 * @return PWL_OK with the text in `pool`, not yet parsed; a PWL_HTTPS_*;
 *         PWL_TENANT_RATE_LIMIT, _FAILED, or _CONFIG (any other 4xx) */
pwl_result_t pwl_tenant_jwks(pwl_https_t *https, const pwl_tenant_t *tenant,
                             const char **json, apr_size_t *len,
                             pwl_tenant_reply_t *reply, apr_pool_t *pool);

/** @return `ip` as one literal address for `auth0-forwarded-for` (IPv4, IPv6;
 * an IPv4-mapped IPv6 address becomes IPv4), or NULL for anything else: a zone
 * id, a list, a port, the path of a socket */
const char *pwl_tenant_forwarded(const char *ip, apr_pool_t *pool);

#endif
