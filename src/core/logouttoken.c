/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is this the tenant, telling us now that somebody's session is over?
 *
 *   token -> pwl_jws_read_logout -> keys -> pwl_jws_verify_set -> the checks
 *
 * Anybody can post one, so it is judged as strictly as an ID token: OpenID
 * Connect Back-Channel Logout 1.0, section 2.6, and more:
 *  - `exp` and `jti` must be there, and `iat` is PWL_LOGOUT_MAX_AGE old at
 *    most, whatever `exp` says: so a `jti` has to be remembered for no longer;
 *  - the event's value must be an object, as section 2.4 says;
 *  - `sub` and `sid`, where there are any, must be texts a session could have.
 *
 * An ID token can never pass: it has no event, and a nonce is refused. Nothing
 * of the token's values gets into `detail`: it ends up in a log.
 */
#include "core/logouttoken.h"

#include <apr_strings.h>
#include <string.h>

#include "core/claims.h"
#include "core/json.h"
#include "core/jwtcheck.h"
#include "core/limits.h"

typedef pwl_result_t check_fn_t(const json_t *claims,
                                const pwl_logouttoken_want_t *want);

static pwl_result_t yes(void)
{
    return (pwl_result_t){.why = PWL_OK};
}

static pwl_result_t no(pwl_reason_t why, const char *detail)
{
    return (pwl_result_t){.why = why, .detail = detail};
}

/* Could it be the name of something: short, not empty, one line? */
static int is_name(const json_t *claim, apr_size_t max)
{
    const char *text = json_string_value(claim);
    apr_size_t len = json_string_length(claim);

    return text && len > 0 && len <= max && !pwl_jwtcheck_has_control(text);
}

static pwl_result_t check_events(const json_t *claims,
                                 const pwl_logouttoken_want_t *want)
{
    const json_t *events = json_object_get(claims, "events");

    if (!json_is_object(json_object_get(events, PWL_JWTCHECK_LOGOUT_EVENT)))
        return no(PWL_JWT_EVENTS, "events tells of no logout");
    return yes();
}

static pwl_result_t check_nonce(const json_t *claims,
                                const pwl_logouttoken_want_t *want)
{
    if (json_object_get(claims, "nonce"))
        return no(PWL_JWT_NONCE, "a logout token has no nonce");
    return yes();
}

static pwl_result_t check_iss(const json_t *claims,
                              const pwl_logouttoken_want_t *want)
{
    return pwl_jwtcheck_iss(claims, want->issuer);
}

static pwl_result_t check_aud(const json_t *claims,
                              const pwl_logouttoken_want_t *want)
{
    return pwl_jwtcheck_aud(claims, want->client_id);
}

static pwl_result_t check_iat(const json_t *claims,
                              const pwl_logouttoken_want_t *want)
{
    return pwl_jwtcheck_iat(
        claims, want->now, want->skew, apr_time_from_sec(PWL_LOGOUT_MAX_AGE),
        "issued over five minutes ago (is the clock right?)");
}

static pwl_result_t check_exp(const json_t *claims,
                              const pwl_logouttoken_want_t *want)
{
    return pwl_jwtcheck_exp(claims, want->now, want->skew);
}

static pwl_result_t check_jti(const json_t *claims,
                              const pwl_logouttoken_want_t *want)
{
    if (!is_name(json_object_get(claims, "jti"), PWL_LOGOUT_ID_MAX))
        return no(PWL_JWT_JTI, "jti is missing or no identifier");
    return yes();
}

static pwl_result_t check_whose(const json_t *claims,
                                const pwl_logouttoken_want_t *want)
{
    const json_t *sub = json_object_get(claims, "sub");
    const json_t *sid = json_object_get(claims, "sid");

    if (sub && !is_name(sub, PWL_JWT_SUB_MAX))
        return no(PWL_JWT_SUB, "sub is no identifier");
    if (sid && !is_name(sid, PWL_LOGOUT_ID_MAX))
        return no(PWL_JWT_SID, "sid is no identifier");
    if (!sub && !sid)
        return no(PWL_JWT_SID, "neither sid nor sub: nobody is meant");
    return yes();
}

/* What tells kinds of tokens apart comes first: its words help most. */
static check_fn_t *const checks[] = {
    check_events, check_nonce, check_iss, check_aud,
    check_iat,    check_exp,   check_jti, check_whose,
};

static const char *keep(const json_t *claims, const char *name,
                        apr_pool_t *pool)
{
    return apr_pstrdup(pool, pwl_json_string(claims, name));
}

pwl_result_t pwl_logouttoken_claims(const char *payload, apr_size_t len,
                                    const pwl_logouttoken_want_t *want,
                                    pwl_logouttoken_t *out, apr_pool_t *pool)
{
    json_t *claims;
    pwl_reason_t why;

    memset(out, 0, sizeof(*out));
    why = pwl_json_parse_pool(payload, len, PWL_JWT_MAX_BYTES, &claims, pool);
    if (why != PWL_OK)
        return no(PWL_JWT_CLAIMS, pwl_reason_word(why));
    if (!json_is_object(claims))
        return no(PWL_JWT_CLAIMS, "not an object");
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        pwl_result_t res = checks[i](claims, want);

        if (res.why != PWL_OK)
            return res;
    }
    out->jti = keep(claims, "jti", pool);
    out->sid = keep(claims, "sid", pool);
    out->sub = keep(claims, "sub", pool);
    pwl_claims_seconds(json_object_get(claims, "iat"), &out->issued);
    out->until = out->issued + apr_time_from_sec(PWL_LOGOUT_MAX_AGE + 1);
    return yes();
}

/* The header's verdicts in words for the one who set the tenant up. */
static const char *explain(pwl_reason_t why)
{
    switch (why) {
    case PWL_JWT_ALG:
        return "the token is not signed with Auth0IDTokenAlg";
    case PWL_JWT_TYP:
        return "some other kind of token, by its header";
    case PWL_JWT_KEY:
        return "no key of the tenant fits the token";
    default:
        return NULL;
    }
}

pwl_result_t pwl_logouttoken_verify(const char *token, apr_size_t len,
                                    const pwl_jwks_t *jwks,
                                    const pwl_jwk_t *secret_key,
                                    const pwl_logouttoken_want_t *want,
                                    pwl_logouttoken_t *out, apr_pool_t *pool)
{
    pwl_reason_t why;
    pwl_jws_t jws;

    memset(out, 0, sizeof(*out));
    why = pwl_jws_read_logout(token, len, want->alg, &jws, pool);
    if (why == PWL_OK)
        why = pwl_jws_verify_set(&jws, jwks, secret_key);
    if (why != PWL_OK)
        return no(why, explain(why));
    return pwl_logouttoken_claims(jws.payload, jws.payload_len, want, out,
                                  pool);
}

void pwl_logouttoken_key(const char *kind, const pwl_logouttoken_want_t *want,
                         const char *value,
                         unsigned char key[PWL_LOGOUTTOKEN_KEY_BYTES])
{
    unsigned char part[4][PWL_SHA256_BYTES];

    /* Each by its digest: no value can reach into the next. */
    pwl_sha256(kind, strlen(kind), part[0]);
    pwl_sha256(want->issuer, strlen(want->issuer), part[1]);
    pwl_sha256(want->client_id, strlen(want->client_id), part[2]);
    pwl_sha256(value, strlen(value), part[3]);
    pwl_sha256(part, sizeof(part), key);
}
