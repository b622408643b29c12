/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked, in which order; core/finding.c says what the answers mean. */
#include "io/preflight.h"

#include <apr_strings.h>

#include "core/authorize.h"
#include "core/logouturl.h"

/* Somebody who cannot be: RFC 6761 keeps `.invalid`, the numbering plan does
 * not use area code 000. The code is none that was sent. */
#define NOBODY "nobody@auth0-check.invalid"
#define NOBODYS_PHONE "+10000000000"
#define NO_ADDRESS "no address"

/* Addresses for documentation, RFC 5737. */
static const char *const visitors[] = {"192.0.2.1", "198.51.100.1"};

typedef struct {
    pwl_https_t *https;
    const pwl_preflight_t *want;
    apr_array_header_t *findings;
    apr_pool_t *pool;
} run_t;

static int add(run_t *run, pwl_finding_t found)
{
    APR_ARRAY_PUSH(run->findings, pwl_finding_t) = found;
    return found.level != PWL_FINDING_BAD;
}

static pwl_finding_answer_t get(const run_t *run, const char *url)
{
    pwl_finding_answer_t out = {.body = ""};
    pwl_https_request_t request = {.method = "GET", .url = url};
    pwl_https_answer_t answer = {0};
    apr_time_t began = apr_time_now();

    out.res = pwl_https_call(run->https, &run->want->tenant->https, &request,
                             &answer, run->pool);
    out.took = apr_time_now() - began;
    out.status = answer.status;
    out.date = answer.date;
    if (answer.body) {
        out.body = answer.body;
        out.len = answer.body_len;
    }
    return out;
}

static const char *url_of(const run_t *run, const char *path)
{
    return apr_pstrcat(run->pool, "https://", run->want->tenant->domain, path,
                       NULL);
}

static int ask_documents(run_t *run)
{
    const pwl_preflight_t *want = run->want;
    pwl_finding_answer_t answer =
        get(run, url_of(run, "/.well-known/openid-configuration"));

    if (!add(run, pwl_finding_reach(&answer, run->pool)))
        return 0;
    add(run,
        pwl_finding_clock(answer.date, apr_time_now(), want->skew, run->pool));
    add(run, pwl_finding_issuer(&answer, want->issuer, run->pool));
    answer = get(run, url_of(run, "/.well-known/jwks.json"));
    add(run, pwl_finding_keys(&answer, want->alg, run->pool));
    return 1;
}

static int by_phone(const run_t *run)
{
    return strcmp(run->want->tenant->connection, "sms") == 0;
}

static int ask_secret(run_t *run)
{
    pwl_visitor_t visitor = {.now = apr_time_now()};
    pwl_tenant_reply_t reply;
    pwl_result_t res = pwl_tenant_otp(run->https, run->want->tenant, &visitor,
                                      by_phone(run) ? NOBODYS_PHONE : NOBODY,
                                      "000000", &reply, run->pool);

    return add(run,
               pwl_finding_secret(res, &reply.answer,
                                  run->want->tenant->key != NULL, run->pool));
}

/* Calls left after a start that mails nobody, or -1. */
static long start(run_t *run, const char *visitor_ip, const char *address,
                  pwl_result_t *res, pwl_tenant_reply_t *reply)
{
    pwl_visitor_t visitor = {.now = apr_time_now()};

    if (run->want->forward_ip)
        visitor.forwarded_for = visitor_ip;
    *res = pwl_tenant_start(run->https, run->want->tenant, &visitor, address,
                            reply, run->pool);
    return reply->told_left ? (long)reply->left : -1;
}

static int ask_connection(run_t *run)
{
    const pwl_preflight_t *want = run->want;
    pwl_tenant_reply_t reply;
    long left[2] = {-1, -1};
    pwl_result_t res;

    left[0] = start(run, visitors[0], NO_ADDRESS, &res, &reply);
    if (!add(run, pwl_finding_connection(res, &reply.answer,
                                         want->tenant->connection, run->pool)))
        return 0;
    if (want->forward_ip)
        left[1] = start(run, visitors[1], NO_ADDRESS, &res, &reply);
    return add(run, pwl_finding_forwarded(want->forward_ip,
                                          want->tenant->key != NULL, left[0],
                                          left[1]));
}

/* `prompt=none`: the tenant shows nothing and begins nothing. */
static void ask_callback(run_t *run)
{
    const pwl_preflight_t *want = run->want;
    pwl_authorize_t ask = {
        .domain = want->tenant->domain,
        .client_id = want->tenant->client_id,
        .redirect_uri = want->callback,
        .scope = "openid",
        .state = "auth0-check",
        .prompt = "none",
    };
    pwl_finding_answer_t answer = get(run, pwl_authorize_url(&ask, run->pool));

    add(run, pwl_finding_callback(&answer, want->callback,
                                  want->callback_needed, run->pool));
}

/* Without a cookie there is nothing to sign out of. */
static void ask_logout(run_t *run)
{
    const pwl_logouturl_t url = {
        .domain = run->want->tenant->domain,
        .client_id = run->want->tenant->client_id,
        .back = run->want->logout,
    };
    pwl_finding_answer_t answer = get(run, pwl_logouturl_make(&url, run->pool));

    add(run, pwl_finding_logout(&answer, run->want->logout, run->pool));
}

static void send_code(run_t *run)
{
    pwl_tenant_reply_t reply;
    pwl_result_t res;

    start(run, visitors[0], run->want->send_to, &res, &reply);
    add(run, pwl_finding_sent(res, &reply.answer, run->pool));
}

apr_array_header_t *pwl_preflight_run(pwl_https_t *https,
                                      const pwl_preflight_t *want,
                                      apr_pool_t *pool)
{
    run_t run = {https, want, apr_array_make(pool, 8, sizeof(pwl_finding_t)),
                 pool};
    int good;

    if (!ask_documents(&run))
        return run.findings;
    good = ask_secret(&run);
    if (ask_connection(&run) && good) {
        ask_callback(&run);
        if (want->logout)
            ask_logout(&run);
        if (want->send_to)
            send_code(&run);
    }
    return run.findings;
}
