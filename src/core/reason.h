/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why something was decided: one word for each verdict.
 *
 * A reason is what a function of `core` and `io` answers instead of logging.
 * Each has a stable word that stands in the error log and in docs/reasons.md,
 * and an audience that decides how loud the log line is:
 *
 *   NONE      nothing went wrong
 *   VISITOR   a person typed or did something they can mend     (info)
 *   ATTACK    input no browser of an honest person sends        (warning)
 *   OPERATOR  only the people who run the server can mend it    (error)
 *
 * What must stay true: PWL_OK is 0 and is the only good one. A script
 * compares this list with docs/reasons.md, word by word.
 */
#ifndef PWL_CORE_REASON_H
#define PWL_CORE_REASON_H

#include <apr_errno.h>

typedef enum {
    PWL_AUDIENCE_NONE,
    PWL_AUDIENCE_VISITOR,
    PWL_AUDIENCE_ATTACK,
    PWL_AUDIENCE_OPERATOR
} pwl_audience_t;

/* clang-format off */
#define PWL_REASONS(X) \
    X(PWL_OK,                     "ok",                      NONE)     \
    /* return targets: core/returnto.c */ \
    X(PWL_RETURNTO_MISSING,       "returnto-missing",        VISITOR)  \
    X(PWL_RETURNTO_NOT_LOCAL,     "returnto-not-local",      ATTACK)   \
    X(PWL_RETURNTO_CONTROL,       "returnto-control",        ATTACK)   \
    X(PWL_RETURNTO_ENCODING,      "returnto-encoding",       ATTACK)   \
    X(PWL_RETURNTO_TOO_LONG,      "returnto-too-long",       VISITOR)  \
    X(PWL_RETURNTO_OURS,          "returnto-ours",           VISITOR)  \
    /* forms and queries: core/form.c */ \
    X(PWL_FORM_TOO_LARGE,         "form-too-large",          ATTACK)   \
    X(PWL_FORM_TOO_MANY,          "form-too-many",           ATTACK)   \
    X(PWL_FORM_MALFORMED,         "form-malformed",          ATTACK)   \
    X(PWL_FORM_DUPLICATE,         "form-duplicate",          ATTACK)   \
    X(PWL_FORM_TYPE,              "form-type",               ATTACK)   \
    X(PWL_FORM_BODY,              "form-body",               VISITOR)  \
    /* where a form came from: core/origin.c, core/token.c, core/pending.c */ \
    X(PWL_ORIGIN_FOREIGN,         "origin-foreign",          ATTACK)   \
    X(PWL_TOKEN_MISSING,          "token-missing",           VISITOR)  \
    X(PWL_TOKEN_FORGED,           "token-forged",            ATTACK)   \
    X(PWL_TOKEN_EXPIRED,          "token-expired",           VISITOR)  \
    X(PWL_TOKEN_STEP,             "token-step",              ATTACK)   \
    X(PWL_TOKEN_BROWSER,          "token-browser",           VISITOR)  \
    X(PWL_PENDING_MISSING,        "pending-missing",         VISITOR)  \
    X(PWL_PENDING_FORGED,         "pending-forged",          ATTACK)   \
    X(PWL_PENDING_EXPIRED,        "pending-expired",         VISITOR)  \
    X(PWL_SEAL_FAILED,            "seal-failed",             OPERATOR) \
    /* what the visitor typed: core/address.c, core/otp.c */ \
    X(PWL_ADDRESS_EMPTY,          "address-empty",           VISITOR)  \
    X(PWL_ADDRESS_FORMAT,         "address-format",          VISITOR)  \
    X(PWL_ADDRESS_LONG,           "address-long",            VISITOR)  \
    X(PWL_PHONE_PREFIX,           "phone-prefix",            VISITOR)  \
    X(PWL_OTP_EMPTY,              "otp-empty",               VISITOR)  \
    X(PWL_OTP_LENGTH,             "otp-length",              VISITOR)  \
    X(PWL_OTP_CHARS,              "otp-chars",               VISITOR)  \
    /* limits on codes: httpd/throttle.c */ \
    X(PWL_THROTTLE_ADDRESS,            "throttle-address",        VISITOR)  \
    X(PWL_THROTTLE_CLIENT,             "throttle-client",         ATTACK)   \
    X(PWL_THROTTLE_SITE,               "throttle-site",           OPERATOR) \
    X(PWL_THROTTLE_WRONG,              "throttle-wrong",          ATTACK)   \
    /* one sign-in: core/flow.c, io/txns.c, io/remotetxns.c */ \
    X(PWL_FLOW_UNKNOWN,           "flow-unknown",            VISITOR)  \
    X(PWL_FLOW_DAMAGED,           "flow-damaged",            OPERATOR) \
    X(PWL_FLOW_WAIT,              "flow-wait",               VISITOR)  \
    X(PWL_FLOW_LIMIT,             "flow-limit",              VISITOR)  \
    X(PWL_FLOW_EXPIRED,           "flow-expired",            VISITOR)  \
    X(PWL_FLOW_WRONG,             "flow-wrong",              VISITOR)  \
    X(PWL_FLOW_SPENT,             "flow-spent",              VISITOR)  \
    X(PWL_FLOW_SUPERSEDED,        "flow-superseded",         VISITOR)  \
    X(PWL_FLOW_RESENT,            "flow-resent",             VISITOR)     \
    X(PWL_FLOW_DONE,              "flow-done",               VISITOR)  \
    X(PWL_FLOW_BUSY,              "flow-busy",               VISITOR)  \
    X(PWL_FLOW_LOOP,              "flow-loop",               OPERATOR) \
    X(PWL_TXNS_FAILED,            "txns-failed",             OPERATOR) \
    /* sessions: core/session.c, io/sessions.c */ \
    X(PWL_SESSION_MISSING,        "session-missing",         VISITOR)  \
    X(PWL_SESSION_FORGED,         "session-forged",          ATTACK)   \
    X(PWL_SESSION_UNKNOWN,        "session-unknown",         VISITOR)  \
    X(PWL_SESSION_FOREIGN,        "session-foreign",         ATTACK)   \
    X(PWL_SESSION_IDLE,           "session-idle",            VISITOR)  \
    X(PWL_SESSION_MAX,            "session-max",             VISITOR)  \
    X(PWL_SESSION_TOO_BIG,        "session-too-big",         OPERATOR) \
    X(PWL_SESSION_DAMAGED,        "session-damaged",         OPERATOR) \
    X(PWL_STORE_FULL,             "store-full",              OPERATOR) \
    X(PWL_STORE_FAILED,           "store-failed",            OPERATOR) \
    /* a session's tokens: core/tokens.c, httpd/tokens.c */ \
    X(PWL_TOKENS_TOO_BIG,         "tokens-too-big",          OPERATOR) \
    X(PWL_TOKENS_MALFORMED,       "tokens-malformed",        OPERATOR) \
    X(PWL_TOKENS_UNREADABLE,      "tokens-unreadable",       OPERATOR) \
    X(PWL_SESSION_LEASED,         "session-leased",          VISITOR)  \
    X(PWL_TOKENS_WITHDRAWN,       "tokens-withdrawn",        VISITOR)  \
    /* JSON from outside: core/json.c */ \
    X(PWL_JSON_MALFORMED,         "json-malformed",          OPERATOR) \
    X(PWL_JSON_DEPTH,             "json-depth",              OPERATOR) \
    X(PWL_JSON_TOO_LARGE,         "json-too-large",          OPERATOR) \
    /* the ID token: core/jws.c, core/jwks.c, core/idtoken.c */ \
    X(PWL_JWT_MALFORMED,          "jwt-malformed",           OPERATOR) \
    X(PWL_JWT_ENCRYPTED,          "jwt-encrypted",           OPERATOR) \
    X(PWL_JWT_TOO_LARGE,          "jwt-too-large",           OPERATOR) \
    X(PWL_JWT_HEADER,             "jwt-header",              OPERATOR) \
    X(PWL_JWT_ALG,                "jwt-alg",                 OPERATOR) \
    X(PWL_JWT_TYP,                "jwt-typ",                 OPERATOR) \
    X(PWL_JWT_CRIT,               "jwt-crit",                OPERATOR) \
    X(PWL_JWT_KID,                "jwt-kid",                 OPERATOR) \
    X(PWL_JWT_KEY,                "jwt-key",                 OPERATOR) \
    X(PWL_JWT_BAD_SIGNATURE,      "jwt-bad-signature",       OPERATOR) \
    X(PWL_JWT_CLAIMS,             "jwt-claims",              OPERATOR) \
    X(PWL_JWT_ISS,                "jwt-iss",                 OPERATOR) \
    X(PWL_JWT_AUD,                "jwt-aud",                 OPERATOR) \
    X(PWL_JWT_AZP,                "jwt-azp",                 OPERATOR) \
    X(PWL_JWT_EXP,                "jwt-exp",                 OPERATOR) \
    X(PWL_JWT_IAT,                "jwt-iat",                 OPERATOR) \
    X(PWL_JWT_NBF,                "jwt-nbf",                 OPERATOR) \
    X(PWL_JWT_SUB,                "jwt-sub",                 OPERATOR) \
    X(PWL_JWT_NONCE,              "jwt-nonce",               OPERATOR) \
    X(PWL_JWT_AT_HASH,            "jwt-at-hash",             OPERATOR) \
    X(PWL_JWT_AUTH_TIME,          "jwt-auth-time",           OPERATOR) \
    X(PWL_JWT_ORG,                "jwt-org",                 OPERATOR) \
    X(PWL_JWT_ACR,                "jwt-acr",                 OPERATOR) \
    X(PWL_JWT_EMAIL,              "jwt-email",               OPERATOR) \
    X(PWL_JWT_EMAIL_UNVERIFIED,   "jwt-email-unverified",    OPERATOR) \
    X(PWL_JWT_EVENTS,             "jwt-events",              OPERATOR) \
    X(PWL_JWT_SID,                "jwt-sid",                 OPERATOR) \
    X(PWL_JWT_JTI,                "jwt-jti",                 OPERATOR) \
    X(PWL_JWKS_MALFORMED,         "jwks-malformed",          OPERATOR) \
    X(PWL_JWKS_TOO_MANY,          "jwks-too-many",           OPERATOR) \
    X(PWL_JWKS_EMPTY,             "jwks-empty",              OPERATOR) \
    /* what the tenant answered: core/answer.c (auth0-api.md 1.5, 2.3, 4.2) */ \
    X(PWL_TENANT_ADDRESS,         "tenant-address",          VISITOR)  \
    X(PWL_TENANT_CLOSED,          "tenant-closed",           VISITOR)  \
    X(PWL_TENANT_WRONG_CODE,      "tenant-wrong-code",       VISITOR)  \
    X(PWL_TENANT_EXPIRED_CODE,    "tenant-expired-code",     VISITOR)  \
    X(PWL_TENANT_SPENT_CODE,      "tenant-spent-code",       VISITOR)  \
    X(PWL_TENANT_RATE_LIMIT,      "tenant-rate-limit",       OPERATOR) \
    X(PWL_TENANT_BLOCKED,         "tenant-blocked",          VISITOR)  \
    X(PWL_TENANT_STEP,            "tenant-step",             VISITOR)  \
    X(PWL_TENANT_DENIED,          "tenant-denied",           VISITOR)  \
    X(PWL_TENANT_CONFIG,          "tenant-config",           OPERATOR) \
    X(PWL_TENANT_MAIL,            "tenant-mail",             OPERATOR) \
    X(PWL_TENANT_FAILED,          "tenant-failed",           OPERATOR) \
    X(PWL_TENANT_NONSENSE,        "tenant-nonsense",         OPERATOR) \
    X(PWL_TENANT_START_AGAIN,     "tenant-start-again",      VISITOR)  \
    /* the way to the tenant: io/https.c */ \
    X(PWL_HTTPS_RESOLVE,          "https-resolve",           OPERATOR) \
    X(PWL_HTTPS_CONNECT,          "https-connect",           OPERATOR) \
    X(PWL_HTTPS_TLS,              "https-tls",               OPERATOR) \
    X(PWL_HTTPS_TIMEOUT,          "https-timeout",           OPERATOR) \
    X(PWL_HTTPS_TOO_LARGE,        "https-too-large",         OPERATOR) \
    X(PWL_HTTPS_REDIRECT,         "https-redirect",          OPERATOR) \
    X(PWL_HTTPS_FAILED,           "https-failed",            OPERATOR) \
    X(PWL_HTTPS_DOWN,             "https-down",              OPERATOR) \
    X(PWL_HTTPS_BUSY,             "https-busy",              OPERATOR) \
    /* Back-Channel Logout: httpd/backchannel.c */ \
    X(PWL_LOGOUT_TOKEN,           "logout-token",            ATTACK)   \
    X(PWL_LOGOUT_REPLAY,          "logout-replay",           ATTACK)   \
    X(PWL_LOGOUT_BEFORE,          "logout-before",           VISITOR)  \
    /* the callback: httpd/callback.c */ \
    X(PWL_CALLBACK_AMBIGUOUS,     "callback-ambiguous",      ATTACK)   \
    X(PWL_CALLBACK_NO_STATE,      "callback-no-state",       ATTACK)   \
    X(PWL_CALLBACK_FRAGMENT,      "callback-fragment",       ATTACK)   \
    X(PWL_CALLBACK_COOKIES,       "callback-cookies",        VISITOR)  \
    X(PWL_CALLBACK_USED,          "callback-used",           VISITOR)  \
    X(PWL_CALLBACK_ISS,           "callback-iss",            ATTACK)   \
    /* rules: httpd/require.c */ \
    X(PWL_REQUIRE_DENIED,         "require-denied",          VISITOR)  \
    /* configuration: core/setting.c, io/secret.c */ \
    X(PWL_SECRET_MISSING,         "secret-missing",          OPERATOR) \
    X(PWL_SECRET_EMPTY,           "secret-empty",            OPERATOR) \
    X(PWL_SECRET_READABLE,        "secret-readable",         OPERATOR) \
    X(PWL_SECRET_TOO_LONG,        "secret-too-long",         OPERATOR) \
    X(PWL_SECRET_MALFORMED,       "secret-malformed",        OPERATOR) \
    X(PWL_SECRET_COMMAND,         "secret-command",          OPERATOR) \
    X(PWL_SECRET_KEY,             "secret-key",              OPERATOR) \
    X(PWL_SCRIPT_FILE,            "script-file",             OPERATOR)
/* clang-format on */

typedef enum {
#define X(name, word, audience) name,
    PWL_REASONS(X)
#undef X
        PWL_REASON_COUNT
} pwl_reason_t;

/** What a step that can fail in more than one way answers. */
typedef struct {
    pwl_reason_t why;   /* PWL_OK, or what went wrong */
    apr_status_t rv;    /* the system's own error under it, or 0 */
    const char *detail; /* one line, no secrets; NULL if `why` says it all */
} pwl_result_t;

/** @return the stable word, e.g. "returnto-not-local"; never NULL */
const char *pwl_reason_word(pwl_reason_t why);

/** @return who should hear of it; OPERATOR for a value out of range */
pwl_audience_t pwl_reason_audience(pwl_reason_t why);

#endif
