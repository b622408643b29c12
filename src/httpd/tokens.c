/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access tokens on their way out, refresh tokens at their end.
 *
 * What the client sent under AUTH0_ACCESS_TOKEN or X-Auth0-Access-Token, in
 * any spelling, is gone by now (httpd/request.c). Its `Authorization` is its
 * own, and stays, except where a location sends the session's in its place.
 *
 * A token is passed while it is good and not a moment longer: an application
 * that finds none knows what to do, one that finds an old one does not.
 */
#include "httpd/tokens.h"

#include <apr_strings.h>
#include <http_core.h>
#include <httpd.h>

#include "httpd/codeflow.h"
#include "httpd/log.h"
#include "httpd/signin.h"

#define ENV "AUTH0_ACCESS_TOKEN"
#define HEADER "X-Auth0-Access-Token"
#define ENV_OF_HEADER "HTTP_X_AUTH0_ACCESS_TOKEN"

pwl_result_t pwl_tokens_read(const pwl_request_t *rq, pwl_tokens_t *out,
                             apr_pool_t *pool)
{
    pwl_result_t res = {PWL_OK, 0, NULL};

    res.why = pwl_tokens_open(pwl_tokens_note(&rq->session), rq->skey,
                              rq->realm->tokens_seal, out, pool);
    if (res.why != PWL_OK)
        res.detail = "sealed with another key: when Auth0SealKey changes, keep "
                     "the old key as the second line of its file for as long "
                     "as sessions live";
    return res;
}

/* A claim may be called access_token; it is none. */
static void set(apr_table_t *table, const char *name, const char *value)
{
    if (value)
        apr_table_setn(table, name, value);
    else
        apr_table_unset(table, name);
}

/* "Connection: Authorization" would have mod_proxy drop what we send. What
 * else stood there has been acted on by now. */
static void keep_from_dropping(request_rec *r)
{
    const char *connection = apr_table_get(r->headers_in, "Connection");

    if (connection && ap_find_token(r->pool, connection, "authorization"))
        apr_table_unset(r->headers_in, "Connection");
}

static void pass_bearer(request_rec *r, pwl_request_t *rq, const char *access)
{
    /* A redirect's or sub-request's headers are shared with what led to it. */
    if (r->main || r->prev)
        r->headers_in = apr_table_copy(r->pool, r->headers_in);
    if (access)
        rq->bearer =
            apr_pstrcat(pwl_request_top(r)->pool, "Bearer ", access, NULL);
    keep_from_dropping(r);
    set(r->headers_in, "Authorization", access ? rq->bearer : NULL);
}

/* Ours, of the location that led here, is not for this one. */
static void take_bearer_back(request_rec *r, const pwl_request_t *rq)
{
    const char *sent = apr_table_get(r->headers_in, "Authorization");

    if (!rq->bearer || !sent || strcmp(sent, rq->bearer) != 0)
        return;
    r->headers_in = apr_table_copy(r->pool, r->headers_in);
    apr_table_unset(r->headers_in, "Authorization");
}

void pwl_tokens_take_back(request_rec *r, const pwl_request_t *rq)
{
    const char *shown = apr_table_get(r->subprocess_env, "HTTP_AUTHORIZATION");

    take_bearer_back(r, rq);
    /* A page that includes others made variables of its headers (SSI). */
    if (rq->bearer && shown && !strcmp(shown, rq->bearer))
        apr_table_unset(r->subprocess_env, "HTTP_AUTHORIZATION");
    apr_table_unset(r->subprocess_env, ENV_OF_HEADER);
    apr_table_unset(r->subprocess_env, ENV);
    if (!apr_table_get(r->headers_in, HEADER))
        return;
    r->headers_in = apr_table_copy(r->pool, r->headers_in);
    apr_table_unset(r->headers_in, HEADER);
}

void pwl_tokens_withhold(request_rec *r, pwl_request_t *rq,
                         const pwl_dir_conf_t *dir)
{
    if (r->main || r->prev)
        pwl_tokens_take_back(r, rq);
    if (dir->pass_token == PWL_PASS_TOKEN_BEARER)
        pass_bearer(r, rq, NULL);
}

void pwl_tokens_pass(request_rec *r, pwl_request_t *rq,
                     const pwl_dir_conf_t *dir)
{
    const char *access = NULL;

    if (rq->tokens && pwl_tokens_usable(rq->tokens, apr_time_now()))
        access = rq->tokens->access;
    switch (dir->pass_token) {
    case PWL_PASS_TOKEN_BEARER:
        pass_bearer(r, rq, access);
        return;
    case PWL_PASS_TOKEN_ENV:
        set(r->subprocess_env, ENV, access);
        break;
    case PWL_PASS_TOKEN_HEADERS:
        set(r->headers_in, HEADER, access);
        break;
    case PWL_PASS_TOKEN_BOTH:
        set(r->subprocess_env, ENV, access);
        set(r->headers_in, HEADER, access);
        break;
    default:
        break;
    }
    take_bearer_back(r, rq);
}

void pwl_tokens_revoke(request_rec *r, const pwl_realm_t *realm,
                       const char *refresh_token)
{
    pwl_visitor_t visitor = {.now = apr_time_now()};
    pwl_tenant_reply_t reply = {0};
    pwl_result_t res =
        pwl_tenant_revoke(pwl_signin_https(), &realm->tenant, &visitor,
                          refresh_token, &reply, r->pool);

    pwl_signin_count_call(realm, PWL_CALL_REVOKE, res.why, visitor.now, &reply);
    if (res.why != PWL_OK)
        pwl_log_refused(r, "revoke", pwl_signin_explain(r, res, &reply));
}

void pwl_tokens_end(request_rec *r, const pwl_request_t *rq)
{
    pwl_tokens_t tokens;

    if (!rq->realm->tokens_seal ||
        pwl_tokens_read(rq, &tokens, r->pool).why != PWL_OK || !tokens.refresh)
        return;
    pwl_tokens_revoke(r, rq->realm, tokens.refresh);
}
