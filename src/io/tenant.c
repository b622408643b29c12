/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls to Auth0.
 *
 *   start   POST /passwordless/start     JSON   keys of auth0-api.md 1.1
 *   link    the same, with authParams    JSON   6.1
 *   otp     POST /oauth/token            JSON   2.1
 *   code    POST /oauth/token            form   3.1
 *   refresh POST /oauth/token            form   3.2
 *   revoke  POST /oauth/revoke           form   3.3
 *   jwks    GET  /.well-known/jwks.json
 *
 * What the visitor sent is a JSON string, a form value, or a header whose
 * shape was checked: it can change no path, host, key or header. JSON is made
 * by jansson, which takes UTF-8 only, so a body is valid or is not made.
 *
 * Bodies hold the client secret (or an assertion in its place) and codes. They
 * are wiped when the call is over; so is the answer's text once its tokens are
 * copied out.
 */
#include "io/tenant.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <arpa/inet.h>
#include <assert.h>

#include "core/assertion.h"
#include "core/locales.h"
#include "io/fields.h"

#define OTP_GRANT "http://auth0.com/oauth/grant-type/passwordless/otp"
#define JSON_TYPE "application/json"
#define FORM_TYPE "application/x-www-form-urlencoded"

/** What proves to the tenant that a call is ours: the secret, or what the key
 * signed for this one call. */
typedef struct {
    const char *secret;
    const char *type;
    char *assertion;
    int failed; /* there is a key, and it did not sign */
} proof_t;

/** One call, from its making to its judging. */
typedef struct {
    pwl_https_t *https;
    const pwl_tenant_t *tenant;
    const pwl_visitor_t *visitor; /* NULL: for nobody in particular */
    pwl_tenant_reply_t *reply;
    apr_pool_t *pool;
    proof_t proof;
    pwl_https_request_t request;
    pwl_https_answer_t answer;
} job_t;

const char *pwl_tenant_forwarded(const char *ip, apr_pool_t *pool)
{
    struct in6_addr six;
    struct in_addr four;
    char text[INET6_ADDRSTRLEN];

    if (!ip)
        return NULL;
    if (inet_pton(AF_INET, ip, &four) == 1)
        return apr_pstrdup(pool, ip);
    if (inet_pton(AF_INET6, ip, &six) != 1)
        return NULL;
    /* A visitor is not to look like two, by the kind of our socket. */
    if (IN6_IS_ADDR_V4MAPPED(&six)) {
        memcpy(&four, six.s6_addr + 12, sizeof(four));
        if (!inet_ntop(AF_INET, &four, text, sizeof(text)))
            return NULL;
    } else if (!inet_ntop(AF_INET6, &six, text, sizeof(text))) {
        return NULL;
    }
    return apr_pstrdup(pool, text);
}

/** The visitor's headers; what is not of the right shape is not sent. */
static void make_headers(const pwl_visitor_t *visitor, const char **headers,
                         apr_pool_t *pool)
{
    const char *ip = pwl_tenant_forwarded(visitor->forwarded_for, pool);

    if (ip)
        *headers++ = apr_pstrcat(pool, "auth0-forwarded-for: ", ip, NULL);
    if (visitor->language && pwl_locales_is_tag(visitor->language))
        *headers++ =
            apr_pstrcat(pool, "x-request-language: ", visitor->language, NULL);
    *headers = NULL;
}

/** Calls left, of x-ratelimit-remaining: digits and nothing else. */
static int read_left(const char *text, apr_uint32_t *left)
{
    if (!text || !*text || strlen(text) > 10 ||
        strspn(text, "0123456789") != strlen(text))
        return 0;
    *left = (apr_uint32_t)apr_atoi64(text);
    if (strlen(text) > 6 || *left > PWL_TENANT_LEFT_MAX)
        *left = PWL_TENANT_LEFT_MAX;
    return 1;
}

static proof_t prove(const pwl_tenant_t *tenant, apr_pool_t *pool)
{
    proof_t proof = {.secret = tenant->client_secret};
    const char *audience;

    if (!tenant->key)
        return proof;
    audience = apr_pstrcat(pool, "https://", tenant->domain, "/", NULL);
    proof.secret = NULL;
    proof.type = PWL_ASSERTION_TYPE;
    /* The request may be older than the assertion lives: its body came slowly,
     * or another call went before. */
    proof.assertion = pwl_assertion_make(tenant->key, tenant->client_id,
                                         audience, apr_time_now(), pool);
    proof.failed = !proof.assertion;
    return proof;
}

/** The call is over, or will not be made. */
static void forget(job_t *job)
{
    pwl_fields_wipe(job->request.body, job->request.body_len);
    if (job->proof.assertion)
        pwl_fields_wipe(job->proof.assertion, strlen(job->proof.assertion));
}

/** Make the call and keep what any kind of answer has. The body is wiped
 * whatever comes of it. */
static pwl_result_t exchange(job_t *job, const char *path)
{
    const pwl_https_answer_t *answer = &job->answer;
    pwl_tenant_reply_t *reply = job->reply;
    const pwl_visitor_t *visitor = job->visitor;
    const char *headers[3] = {NULL};
    pwl_result_t res = {PWL_TENANT_CONFIG, 0,
                        "the key of Auth0ClientKey did not sign"};

    if (job->proof.failed) {
        forget(job);
        reply->certain = 1;
        return res;
    }
    if (visitor) {
        assert(visitor->now > 0);
        make_headers(visitor, headers, job->pool);
    }
    job->request.method = job->request.body ? "POST" : "GET";
    job->request.headers = headers;
    job->request.url =
        apr_pstrcat(job->pool, "https://", job->tenant->domain, path, NULL);
    res = pwl_https_call(job->https, &job->tenant->https, &job->request,
                         &job->answer, job->pool);
    forget(job);

    reply->certain = !answer->sent;
    reply->request_id = answer->request_id;
    reply->handshakes = answer->handshakes;
    reply->tidings = answer->tidings;
    reply->told_left = read_left(answer->ratelimit_remaining, &reply->left);
    reply->reset = answer->ratelimit_reset;
    if (visitor && answer->status == 429)
        reply->retry_after =
            visitor->now + pwl_answer_wait(answer->retry_after,
                                           answer->ratelimit_reset,
                                           visitor->now);
    return res;
}

/** A value that cannot stand in JSON. Nothing was sent. */
static pwl_result_t refuse(job_t *job, const char *key, const char *address_key)
{
    pwl_result_t res = {PWL_TENANT_CONFIG, 0, NULL};

    forget(job);
    job->reply->certain = 1;
    if (strcmp(key, address_key) == 0)
        res.why = PWL_TENANT_ADDRESS;
    res.detail = apr_pstrcat(job->pool, key, " is not UTF-8", NULL);
    return res;
}

/** Did the refusal come before a code was looked at? Only then is the try of
 * the person who typed it given back. */
static int is_before_code(pwl_reason_t why, int status,
                          const pwl_answer_t *answer)
{
    if (why == PWL_TENANT_RATE_LIMIT)
        return 1;
    if (why != PWL_TENANT_CONFIG)
        return 0;
    /* Auth0 does not say when it looks at the audience. */
    return status != 403 || strcmp(answer->error, "unauthorized_client") == 0;
}

/** POST /passwordless/start: a code, or with `params` a link. */
static pwl_result_t start(job_t *job, const char *address,
                          const pwl_fields_t *params)
{
    const pwl_tenant_t *tenant = job->tenant;
    proof_t proof = prove(tenant, job->pool);
    int by_phone = strcmp(tenant->connection, "sms") == 0;
    const char *address_key = by_phone ? "phone_number" : "email";
    const pwl_fields_t fields[] = {
        {"client_id", tenant->client_id},
        {"client_secret", proof.secret},
        {"client_assertion_type", proof.type},
        {"client_assertion", proof.assertion},
        {"connection", tenant->connection},
        {address_key, address},
        /* Without it Auth0 mails a link; for SMS it is not documented. */
        {"send", by_phone ? NULL
                 : params ? "link"
                          : "code"},
        {NULL, NULL},
    };
    const pwl_https_answer_t *answer = &job->answer;
    pwl_tenant_reply_t *reply = job->reply;
    pwl_tenant_t patient = *tenant;
    const char *bad;
    pwl_result_t res;

    job->tenant = &patient;
    job->proof = proof;
    job->request.content_type = JSON_TYPE;
    if (tenant->start_timeout > 0)
        patient.https.timeout = tenant->start_timeout;
    memset(reply, 0, sizeof(*reply));
    job->request.body = pwl_fields_json(fields, params, &job->request.body_len,
                                        &bad, job->pool);
    if (!job->request.body)
        return refuse(job, bad, address_key);
    res = exchange(job, "/passwordless/start");
    if (res.why != PWL_OK)
        return res;
    res = pwl_answer_judge_start(answer->status, answer->content_type,
                                 answer->body, answer->body_len, &reply->answer,
                                 job->pool);
    /* A refused call sends nothing. A gateway for SMS may have sent the
     * message it failed to confirm. */
    reply->certain = answer->status >= 400 && answer->status < 500 &&
                     res.why != PWL_TENANT_MAIL;
    return res;
}

pwl_result_t pwl_tenant_start(pwl_https_t *https, const pwl_tenant_t *tenant,
                              const pwl_visitor_t *visitor, const char *address,
                              pwl_tenant_reply_t *reply, apr_pool_t *pool)
{
    job_t job = {https, tenant, visitor, reply, pool};

    return start(&job, address, NULL);
}

pwl_result_t pwl_tenant_link(pwl_https_t *https, const pwl_tenant_t *tenant,
                             const pwl_visitor_t *visitor,
                             const pwl_tenant_link_t *link,
                             pwl_tenant_reply_t *reply, apr_pool_t *pool)
{
    const pwl_fields_t params[] = {
        {"response_type", "code"},
        {"redirect_uri", link->redirect_uri},
        {"scope", tenant->scope},
        {"audience", tenant->audience},
        {"state", link->state},
        {"nonce", link->nonce},
        {NULL, NULL},
    };
    job_t job = {https, tenant, visitor, reply, pool};

    return start(&job, link->address, params);
}

/** What both grants do with their answer. */
static pwl_result_t token(job_t *job, pwl_answer_grant_t grant)
{
    const pwl_https_answer_t *answer = &job->answer;
    pwl_tenant_reply_t *reply = job->reply;
    pwl_result_t res = exchange(job, "/oauth/token");

    if (res.why == PWL_OK) {
        res = pwl_answer_judge_token(answer->status, answer->content_type,
                                     answer->body, answer->body_len, grant,
                                     &reply->answer, job->pool);
        reply->certain =
            is_before_code(res.why, answer->status, &reply->answer);
    }
    pwl_fields_wipe(answer->body, answer->body_len);
    return res;
}

pwl_result_t pwl_tenant_otp(pwl_https_t *https, const pwl_tenant_t *tenant,
                            const pwl_visitor_t *visitor, const char *address,
                            const char *code, pwl_tenant_reply_t *reply,
                            apr_pool_t *pool)
{
    proof_t proof = prove(tenant, pool);
    const pwl_fields_t fields[] = {
        {"grant_type", OTP_GRANT},
        {"client_id", tenant->client_id},
        {"client_secret", proof.secret},
        {"client_assertion_type", proof.type},
        {"client_assertion", proof.assertion},
        {"realm", tenant->connection},
        {"username", address},
        {"otp", code},
        {"scope", tenant->scope},
        {"audience", tenant->audience},
        {NULL, NULL},
    };
    job_t job = {https, tenant, visitor, reply, pool, proof};
    const char *bad;

    memset(reply, 0, sizeof(*reply));
    job.request.content_type = JSON_TYPE;
    job.request.body =
        pwl_fields_json(fields, NULL, &job.request.body_len, &bad, pool);
    if (!job.request.body)
        return refuse(&job, bad, "username");
    return token(&job, PWL_ANSWER_OTP);
}

pwl_result_t pwl_tenant_code(pwl_https_t *https, const pwl_tenant_t *tenant,
                             const pwl_visitor_t *visitor, const char *code,
                             const char *redirect_uri, const char *verifier,
                             pwl_tenant_reply_t *reply, apr_pool_t *pool)
{
    proof_t proof = prove(tenant, pool);
    const pwl_fields_t fields[] = {
        {"grant_type", "authorization_code"},
        {"client_id", tenant->client_id},
        {"client_secret", proof.secret},
        {"client_assertion_type", proof.type},
        {"client_assertion", proof.assertion},
        {"code", code},
        {"redirect_uri", redirect_uri},
        {"code_verifier", verifier},
        {NULL, NULL},
    };
    job_t job = {https, tenant, visitor, reply, pool, proof};

    memset(reply, 0, sizeof(*reply));
    job.request.content_type = FORM_TYPE;
    job.request.body = pwl_fields_form(fields, &job.request.body_len, pool);
    return token(&job, PWL_ANSWER_CODE);
}

pwl_result_t pwl_tenant_refresh(pwl_https_t *https, const pwl_tenant_t *tenant,
                                const pwl_visitor_t *visitor,
                                const char *refresh_token,
                                pwl_tenant_reply_t *reply, apr_pool_t *pool)
{
    proof_t proof = prove(tenant, pool);
    const pwl_fields_t fields[] = {
        {"grant_type", "refresh_token"},
        {"client_id", tenant->client_id},
        {"client_secret", proof.secret},
        {"client_assertion_type", proof.type},
        {"client_assertion", proof.assertion},
        {"refresh_token", refresh_token},
        {NULL, NULL},
    };
    job_t job = {https, tenant, visitor, reply, pool, proof};

    memset(reply, 0, sizeof(*reply));
    job.request.content_type = FORM_TYPE;
    job.request.body = pwl_fields_form(fields, &job.request.body_len, pool);
    return token(&job, PWL_ANSWER_REFRESH);
}

pwl_result_t pwl_tenant_revoke(pwl_https_t *https, const pwl_tenant_t *tenant,
                               const pwl_visitor_t *visitor,
                               const char *refresh_token,
                               pwl_tenant_reply_t *reply, apr_pool_t *pool)
{
    proof_t proof = prove(tenant, pool);
    const pwl_fields_t fields[] = {
        {"client_id", tenant->client_id},
        {"client_secret", proof.secret},
        {"client_assertion_type", proof.type},
        {"client_assertion", proof.assertion},
        {"token", refresh_token},
        {NULL, NULL},
    };
    job_t job = {https, tenant, visitor, reply, pool, proof};
    const pwl_https_answer_t *answer = &job.answer;
    pwl_result_t res;

    memset(reply, 0, sizeof(*reply));
    job.request.content_type = FORM_TYPE;
    job.request.body = pwl_fields_form(fields, &job.request.body_len, pool);
    res = exchange(&job, "/oauth/revoke");
    if (res.why != PWL_OK)
        return res;
    return pwl_answer_judge_revoke(answer->status, answer->content_type,
                                   answer->body, answer->body_len,
                                   &reply->answer, pool);
}

pwl_result_t pwl_tenant_jwks(pwl_https_t *https, const pwl_tenant_t *tenant,
                             const char **json, apr_size_t *len,
                             pwl_tenant_reply_t *reply, apr_pool_t *pool)
{
    job_t job = {https, tenant, NULL, reply, pool};
    const pwl_https_answer_t *answer = &job.answer;
    pwl_result_t res;

    memset(reply, 0, sizeof(*reply));
    res = exchange(&job, "/.well-known/jwks.json");
    if (res.why != PWL_OK)
        return res;
    if (answer->status == 200) {
        *json = answer->body;
        *len = answer->body_len;
        return res;
    }
    res.why = answer->status == 429   ? PWL_TENANT_RATE_LIMIT
              : answer->status >= 500 ? PWL_TENANT_FAILED
                                      : PWL_TENANT_CONFIG;
    res.detail = apr_psprintf(pool, "status %d for the keys", answer->status);
    return res;
}
