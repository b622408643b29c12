/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of our own URLs by method, and reading what a form or query holds.
 *
 * GET and HEAD change nothing that counts; POST must be a form of ours, from
 * this site. The body is read here, bounded, and for our own URLs only: a body
 * meant for the application is never touched.
 */
#include "httpd/endpoint.h"

#include <apr_strings.h>
#include <http_protocol.h>
#include <openssl/crypto.h>

#include "core/assets.h"
#include "core/hidden.h"
#include "core/jsonform.h"
#include "core/limits.h"
#include "core/origin.h"
#include "httpd/log.h"
#include "httpd/place.h"
#include "httpd/respond.h"

typedef int handler_t(request_rec *r, pwl_request_t *rq);

static int asset_get(request_rec *r, pwl_request_t *rq);

/* clang-format off */
static const struct {
    handler_t *get;
    handler_t *post;
    int head; /* HEAD is answered like GET */
    const char *allow;
} routes[PWL_ENDPOINT_COUNT] = {
    [PWL_ENDPOINT_LOGIN]    = {pwl_login_get,    pwl_login_post,  1, "GET, HEAD, POST, OPTIONS"},
    [PWL_ENDPOINT_CODE]     = {pwl_code_get,     pwl_code_post,   1, "GET, HEAD, POST, OPTIONS"},
    [PWL_ENDPOINT_CALLBACK] = {pwl_callback_get, NULL,            0, "GET, OPTIONS"},
    [PWL_ENDPOINT_LOGOUT]   = {pwl_logout_get,   pwl_logout_post, 1, "GET, HEAD, POST, OPTIONS"},
    [PWL_ENDPOINT_BACKCHANNEL] = {NULL,      pwl_backchannel_post, 0, "POST, OPTIONS"},
    [PWL_ENDPOINT_SESSION]  = {pwl_visit_get,    NULL,            1, "GET, HEAD, OPTIONS"},
    [PWL_ENDPOINT_DENIED]   = {pwl_denied_get,   NULL,            1, "GET, HEAD"},
    [PWL_ENDPOINT_ASSET]    = {asset_get,        NULL,            1, "GET, HEAD, OPTIONS"},
};
/* clang-format on */

/* A code is worth nothing to somebody who cannot be signed in with it: find
 * that out before it is asked for, and before it is used up. */
static pwl_result_t may_sign_in(request_rec *r, pwl_endpoint_t endpoint)
{
    pwl_result_t res = {PWL_OK, 0, NULL};

    if (endpoint != PWL_ENDPOINT_LOGIN && endpoint != PWL_ENDPOINT_CODE &&
        endpoint != PWL_ENDPOINT_CALLBACK)
        return res;
    res = pwl_fleet_ready(pwl_place_fleet(), pwl_request_now(r), r->pool);
    pwl_place_tell(r->server, r->pool);
    return res;
}

/* This URL on the site's own address. What the client sent (unparsed_uri) may
 * hold a scheme and a host of its choice. */
static const char *on_https(request_rec *r, const pwl_realm_t *realm)
{
    return apr_pstrcat(r->pool, realm->base_url, ap_escape_uri(r->pool, r->uri),
                       r->args ? "?" : NULL, r->args, NULL);
}

int pwl_endpoint_handle(request_rec *r)
{
    pwl_endpoint_t endpoint = pwl_request_endpoint(r);
    pwl_request_t *rq;
    pwl_result_t res;

    if (endpoint == PWL_ENDPOINT_NONE)
        return DECLINED;
    rq = pwl_request_of(r);
    if (endpoint != PWL_ENDPOINT_ASSET &&
        pwl_request_wrong_scheme(r, rq->realm)) {
        pwl_log_plain(r, rq->realm);
        return pwl_respond_redirect(r, rq->realm, on_https(r, rq->realm));
    }
    res = may_sign_in(r, endpoint);
    if (res.why != PWL_OK)
        return pwl_respond_refused(r, rq->realm, "login", res, 0, NULL);
    if (r->method_number == M_GET && routes[endpoint].get &&
        (!r->header_only || routes[endpoint].head))
        return routes[endpoint].get(r, rq);
    if (r->method_number == M_POST && routes[endpoint].post)
        return routes[endpoint].post(r, rq);
    return pwl_respond_method(r, rq->realm, routes[endpoint].allow);
}

static int asset_get(request_rec *r, pwl_request_t *rq)
{
    const pwl_asset_t *asset = pwl_realm_asset(rq->realm, rq->asset);
    int status;

    /* The name changes with the bytes, so the bytes never change. */
    apr_table_setn(r->headers_out, "Cache-Control",
                   "public, max-age=31536000, immutable");
    apr_table_setn(r->headers_out, "ETag", asset->etag);
    apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
    ap_set_content_type(r, asset->content_type);
    ap_set_content_length(r, (apr_off_t)asset->len);
    status = ap_meets_conditions(r);
    if (status != OK)
        return status;
    if (!r->header_only)
        ap_rwrite(asset->data, (int)asset->len, r);
    return OK;
}

pwl_reason_t pwl_endpoint_query(request_rec *r, pwl_form_t **out)
{
    return pwl_form_parse(r->args, r->args ? strlen(r->args) : 0,
                          PWL_QUERY_MAX_BYTES, out, r->pool);
}

/* The connection's buffers are used again and again: a code would stay there
 * until something as long came. Of these kinds of buckets the memory is ours to
 * write to; nobody reads the body of our own URLs after us. */
static void wipe(const apr_bucket *bucket, const char *data, apr_size_t len)
{
    if (APR_BUCKET_IS_HEAP(bucket) || APR_BUCKET_IS_TRANSIENT(bucket))
        OPENSSL_cleanse((char *)data, len);
}

/* Copy the body, one byte more than allowed at most. */
static pwl_reason_t read_body(request_rec *r, char **body, apr_size_t *len)
{
    apr_bucket_brigade *brigade =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);
    apr_size_t room = PWL_FORM_MAX_BYTES + 1;
    int ended = 0;

    *body = apr_pcalloc(r->pool, room);
    pwl_hidden_wipe_with(*body, room, r->pool);
    *len = 0;
    while (!ended) {
        apr_bucket *bucket;

        if (ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES,
                           APR_BLOCK_READ, HUGE_STRING_LEN) != APR_SUCCESS)
            return PWL_FORM_BODY;
        for (bucket = APR_BRIGADE_FIRST(brigade);
             bucket != APR_BRIGADE_SENTINEL(brigade);
             bucket = APR_BUCKET_NEXT(bucket)) {
            const char *data;
            apr_size_t n;

            if (APR_BUCKET_IS_EOS(bucket)) {
                ended = 1;
                break;
            }
            if (APR_BUCKET_IS_METADATA(bucket))
                continue;
            if (apr_bucket_read(bucket, &data, &n, APR_BLOCK_READ))
                return PWL_FORM_BODY;
            if (n > room - *len)
                return PWL_FORM_TOO_LARGE;
            memcpy(*body + *len, data, n);
            *len += n;
            wipe(bucket, data, n);
        }
        apr_brigade_cleanup(brigade);
    }
    return *len > PWL_FORM_MAX_BYTES ? PWL_FORM_TOO_LARGE : PWL_OK;
}

/* JSON that says so: another site cannot send this type without asking first
 * (CORS), which it can with JSON that calls itself text/plain. */
static int is_form(request_rec *r)
{
    return (pwl_request_has_type(r, "application/x-www-form-urlencoded") ||
            pwl_request_speaks_json(r)) &&
           !apr_table_get(r->headers_in, "Content-Encoding");
}

pwl_reason_t pwl_endpoint_form(request_rec *r, const pwl_realm_t *realm,
                               pwl_form_t **out)
{
    pwl_reason_t why;
    apr_size_t len;
    char *body;

    why = pwl_origin_check(apr_table_get(r->headers_in, "Origin"),
                           apr_table_get(r->headers_in, "Sec-Fetch-Site"),
                           realm->base_url);
    if (why != PWL_OK)
        return why;
    if (!is_form(r))
        return PWL_FORM_TYPE;
    why = read_body(r, &body, &len);
    if (why != PWL_OK)
        return why;
    return pwl_request_speaks_json(r)
               ? pwl_jsonform_parse(body, len, PWL_FORM_MAX_BYTES, out, r->pool)
               : pwl_form_parse(body, len, PWL_FORM_MAX_BYTES, out, r->pool);
}

pwl_reason_t pwl_endpoint_body(request_rec *r, pwl_form_t **out)
{
    pwl_reason_t why;
    apr_size_t len;
    char *body;

    if (!pwl_request_has_type(r, "application/x-www-form-urlencoded") ||
        apr_table_get(r->headers_in, "Content-Encoding"))
        return PWL_FORM_TYPE;
    why = read_body(r, &body, &len);
    return why != PWL_OK
               ? why
               : pwl_form_parse(body, len, PWL_FORM_MAX_BYTES, out, r->pool);
}

pwl_reason_t pwl_endpoint_renew(request_rec *r, const pwl_request_t *rq,
                                pwl_pending_t *pending)
{
    const char *sealed;
    pwl_reason_t why;

    if (pwl_request_pending(r, rq, pending).why == PWL_OK)
        pending->renewed = r->request_time;
    else if ((why = pwl_pending_new(pending, r->request_time)) != PWL_OK)
        return why;
    if (r->header_only || pwl_request_is_prefetch(r))
        return PWL_OK;
    sealed = pwl_pending_seal(pending, rq->realm->pending_seal, r->pool);
    if (!sealed)
        return PWL_SEAL_FAILED;
    pwl_respond_cookie(r, rq->realm, rq->realm->pending_cookie, sealed);
    return PWL_OK;
}

const char *pwl_endpoint_target(const pwl_token_t *token)
{
    return token && *token->return_to ? token->return_to : "/";
}
