/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of core/answer.c and of nobody else: which error code of which
 * call means what, and what the operator should look at then.
 *
 * A row fits when call, status, code and fragment fit; the first that fits
 * counts, so rows with a fragment or a status stand before their general one.
 * The last row fits everything. Sources are auth0-api.md 1.5, 2.3, 3.1, 4.2;
 * tests/unit/test_answer.c has each of their lines.
 */
#ifndef PWL_CORE_ANSWER_ROWS_H
#define PWL_CORE_ANSWER_ROWS_H

#include "core/reason.h"

/* Which call a row is about. */
#define START 1
#define OTP 2
#define CODE 4
#define REFRESH 8
#define REVOKE 16
#define TOKEN (OTP | CODE | REFRESH)
#define ANY (START | TOKEN | REVOKE)

/* What the operator should look at. The names are the dashboard's. */
#define HINT_CREDENTIALS                                                       \
    "Auth0ClientID or Auth0ClientSecret is not what Applications > "           \
    "Settings > Basic Information shows, or Credentials > Authentication "     \
    "Method is not Client Secret (Post); with Auth0ClientKey: it is not "       \
    "Private Key JWT, with the public half of that key"
#define HINT_GRANT                                                             \
    "tick Applications > Settings > Advanced > Grant Types > Passwordless "    \
    "OTP, and choose Authentication > Authentication Profile > Identifier "    \
    "First"
#define HINT_GRANT_CODE                                                        \
    "tick Applications > Settings > Advanced > Grant Types > Authorization "   \
    "Code"
#define HINT_GRANT_REFRESH                                                     \
    "tick Applications > Settings > Advanced > Grant Types > Refresh Token"
#define HINT_CONNECTION                                                        \
    "Auth0Connection must name a connection under Authentication > "           \
    "Passwordless that is on and has this application ticked"
#define HINT_BOT                                                               \
    "Security > Attack Protection > Bot Detection: set passwordless to "       \
    "Never, or let visitors go on at the hosted page"
#define HINT_FORM "the tenant does not take our request as we write it"
#define HINT_DOMAIN "Auth0Domain is not the domain of a tenant"
#define HINT_AUDIENCE                                                          \
    "Auth0Audience must be the Identifier of an API under Applications > APIs"
#define HINT_SCOPE "Auth0Scope must have openid in it"
#define HINT_RATE                                                              \
    "if visitors share one limit, tick Applications > Settings > Advanced > "  \
    "OAuth > Trust Token Endpoint IP Header"
#define HINT_SMS "Authentication > Passwordless > SMS: check the SMS provider"

typedef struct {
    int call;
    int status; /* 0: any 4xx */
    const char *code;
    const char *fragment; /* of the text, lower case; NULL: any */
    pwl_reason_t why;
    const char *hint;
} row_t;

/* clang-format off */
static const row_t rows[] = {
    {START, 0,   "bad.connection", "public signup is disabled",
                                                PWL_TENANT_CLOSED, NULL},
    {START, 0,   "bad.connection",        NULL, PWL_TENANT_CONFIG, HINT_CONNECTION},
    {START, 0,   "bad.email",             NULL, PWL_TENANT_ADDRESS, NULL},
    {START, 0,   "bad.phone_number",      NULL, PWL_TENANT_ADDRESS, NULL},
    {START, 0,   "bad.client_id",         NULL, PWL_TENANT_CONFIG, HINT_CREDENTIALS},
    {START, 0,   "bad.tenant",            NULL, PWL_TENANT_CONFIG, HINT_DOMAIN},
    {START, 0,   "bad.send",              NULL, PWL_TENANT_CONFIG, HINT_FORM},
    {START, 0,   "bad.authParams",        NULL, PWL_TENANT_CONFIG, HINT_FORM},
    {START, 0,   "bad.request",           NULL, PWL_TENANT_CONFIG, HINT_FORM},
    {START, 0,   "server_error",          NULL, PWL_TENANT_CONFIG, HINT_FORM},
    /* These are the SMS provider's codes for the number and the country. */
    {START, 0,   "sms_provider_error", "(code: 21211)",
                                                PWL_TENANT_ADDRESS, NULL},
    {START, 0,   "sms_provider_error", "(code: 21408)",
                                                PWL_TENANT_CONFIG, HINT_SMS},
    {START, 0,   "sms_provider_error",    NULL, PWL_TENANT_MAIL, HINT_SMS},

    {OTP,   0,   "invalid_grant", "maximum number of attempts",
                                                PWL_TENANT_SPENT_CODE, NULL},
    {OTP,   0,   "invalid_grant", "expired",    PWL_TENANT_EXPIRED_CODE, NULL},
    {OTP,   0,   "invalid_grant",         NULL, PWL_TENANT_WRONG_CODE, NULL},
    {CODE,  0,   "invalid_grant",         NULL, PWL_TENANT_START_AGAIN, NULL},
    /* A refresh asks nobody anything: whatever the tenant wants of the person
     * first, or no longer allows, begins with signing in again. */
    {REFRESH, 0, "invalid_grant",         NULL, PWL_TOKENS_WITHDRAWN, NULL},
    {REFRESH, 0, "mfa_required",          NULL, PWL_TOKENS_WITHDRAWN, NULL},
    {REFRESH, 0, "unauthorized",          NULL, PWL_TOKENS_WITHDRAWN, NULL},
    {REFRESH, 0, "unauthorized_client",   NULL, PWL_TENANT_CONFIG, HINT_GRANT_REFRESH},
    {TOKEN, 0,   "mfa_required",          NULL, PWL_TENANT_STEP, NULL},
    {OTP,   0,   "unauthorized_client",   NULL, PWL_TENANT_CONFIG, HINT_GRANT},
    {CODE,  0,   "unauthorized_client",   NULL, PWL_TENANT_CONFIG, HINT_GRANT_CODE},
    /* An Action that refuses somebody has the same code as a wrong audience,
     * which would otherwise look like a tenant that refuses everybody. */
    {TOKEN, 403, "access_denied", "service not found",
                                                PWL_TENANT_CONFIG, HINT_AUDIENCE},
    {REFRESH, 403, "access_denied",       NULL, PWL_TOKENS_WITHDRAWN, NULL},
    {TOKEN, 0,   "server_error",          NULL, PWL_TENANT_FAILED, NULL},

    {START, 0,   "unauthorized_client",   NULL, PWL_TENANT_CONFIG, HINT_CREDENTIALS},
    {ANY,   401, "access_denied",         NULL, PWL_TENANT_CONFIG, HINT_CREDENTIALS},
    {ANY,   0,   "access_denied",         NULL, PWL_TENANT_DENIED, NULL},
    {ANY,   0,   "invalid_client",        NULL, PWL_TENANT_CONFIG, HINT_CREDENTIALS},
    {ANY,   0,   "unauthorized",          NULL, PWL_TENANT_DENIED, NULL},
    {ANY,   0,   "extensibility_error",   NULL, PWL_TENANT_DENIED, NULL},
    {ANY,   0,   "invalid_captcha",       NULL, PWL_TENANT_STEP, HINT_BOT},
    {ANY,   0,   "requires_verification", NULL, PWL_TENANT_STEP, HINT_BOT},
    {ANY,   0,   "too_many_attempts",     NULL, PWL_TENANT_BLOCKED, NULL},
    {ANY,   0,   "too_many_requests",     NULL, PWL_TENANT_RATE_LIMIT, HINT_RATE},
    {ANY,   0,   "temporarily_unavailable", NULL, PWL_TENANT_FAILED, NULL},
    {OTP,   400, "invalid_request",       "unknown realm", PWL_TENANT_CONFIG, HINT_CONNECTION},
    {ANY,   0,   "invalid_request",       NULL, PWL_TENANT_CONFIG, HINT_FORM},
    {ANY,   0,   "unsupported_grant_type", NULL, PWL_TENANT_CONFIG, HINT_FORM},
    {ANY,   0,   "endpoint_disabled",     NULL, PWL_TENANT_CONFIG, HINT_DOMAIN},
    {ANY,   0,   "method_not_allowed",    NULL, PWL_TENANT_CONFIG, HINT_DOMAIN},
    /* No code to go by, only the status. */
    {ANY,   401, NULL,                    NULL, PWL_TENANT_CONFIG, HINT_CREDENTIALS},
    {ANY,   404, NULL,                    NULL, PWL_TENANT_CONFIG, HINT_DOMAIN},
    {ANY,   408, NULL,                    NULL, PWL_TENANT_FAILED, NULL},
    {ANY,   0,   NULL,                    NULL, PWL_TENANT_CONFIG, NULL},
};

/* The words of a callback (auth0-api.md 4.2), and what else OAuth may say. */
static const struct {
    const char *error;
    pwl_reason_t why;
} words[] = {
    {"access_denied",             PWL_TENANT_DENIED},
    {"unauthorized",              PWL_TENANT_DENIED},
    {"login_required",            PWL_TENANT_STEP},
    {"consent_required",          PWL_TENANT_STEP},
    {"interaction_required",      PWL_TENANT_STEP},
    {"mfa_required",              PWL_TENANT_STEP},
    {"invalid_request",           PWL_TENANT_CONFIG},
    {"invalid_scope",             PWL_TENANT_CONFIG},
    {"unsupported_response_type", PWL_TENANT_CONFIG},
    {"unauthorized_client",       PWL_TENANT_CONFIG},
    {"server_error",              PWL_TENANT_FAILED},
    {"temporarily_unavailable",   PWL_TENANT_FAILED},
    {"too_many_requests",         PWL_TENANT_RATE_LIMIT},
    {"too_many_attempts",         PWL_TENANT_BLOCKED},
};

/* What `unauthorized` is about, where a mailed link led to the tenant; lower
 * case. The last row is right enough should the English change: the link is of
 * no use, another may be. */
static const struct {
    const char *fragment;
    pwl_reason_t why;
} link_words[] = {
    {"expired",                    PWL_TENANT_EXPIRED_CODE},
    {"maximum number of attempts", PWL_TENANT_SPENT_CODE},
    {"blocked",                    PWL_TENANT_DENIED},
    {"",                           PWL_TENANT_WRONG_CODE},
};
/* clang-format on */

#endif
